import { type Fault, type FaultKind, faultKinds, type Simulator, startSimulator } from '@breakwater/simulator';
import OpenAI, {
  type EventName,
  type Route,
  type RouterEvents,
  type RouterOptions,
  routeOf,
  type Stats,
} from 'breakwater';
import { type Sent, Witness } from './witness.ts';

/** What one caller asked for, and what it saw. */
export interface Caller {
  readonly id: string;
  readonly model: string;
  readonly streamed: boolean;
  readonly asksUsage: boolean;
  /** When it leaves: after so many milliseconds, or at so many chunks of its stream, by its signal or by letting go. */
  readonly leaves: { afterMs: number } | { atChunk: number; how: 'abort' | 'break' } | undefined;
  hasLeft: boolean;
  /** Whether it was given an answer, or the beginning of one. */
  isAnswered: boolean;
  /** Whether it had left before that. */
  hasLeftEarly: boolean;
  text: string;
  error: unknown;
  route: Route | undefined;
}

/** One client's part of a storm, as it was seen from every side. */
export interface Played {
  readonly callers: readonly Caller[];
  readonly sent: readonly Sent[];
  readonly simulator: Simulator;
  readonly events: readonly { readonly name: EventName; readonly event: RouterEvents[EventName] }[];
  readonly stats: Stats;
  readonly elapsedMs: number;
}

const REGIONS = ['seoul', 'tokyo', 'frankfurt'] as const;
/** What the recount knows of: all the rest follows from the wire. */
export const FIRST_REGION = REGIONS[0];
export const MODELS = ['gpt-4.1', 'gpt-4.1-mini'] as const;
export const PRICES = {
  'gpt-4.1': { inputPerMillionUSD: 2, outputPerMillionUSD: 8 },
  'gpt-4.1-mini': { inputPerMillionUSD: 0.4, outputPerMillionUSD: 1.6 },
};
/** What is answered when nobody else does. */
export const CANNED = 'the harbour is closed';

/** Keys that are refused stay refused for minutes, so those faults come last. */
const DEADLY: readonly FaultKind[] = ['unauthorized', 'quota'];
const STATUSES = [400, 402, 403, 404, 408, 409, 422, 500, 502, 503, 529];

/** So many callers are under way at the same time. */
const SAILORS = 16;

/** Dice that fall the same way each time. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function faultOf(kind: FaultKind, random: () => number): Fault {
  const aim = { probability: 0.2 + random() * 0.7 };
  const afterTokens = random() < 0.25 ? 0 : 1 + Math.floor(random() * 12);
  if (kind === 'refuse') return { kind };
  if (kind === 'status') return { kind, status: STATUSES[Math.floor(random() * STATUSES.length)] as number, ...aim };
  if (kind === 'rate-limit') return { kind, retryAfterSeconds: random() < 0.5 ? 0.05 : 1, ...aim };
  if (kind === 'slow-first-token') return { kind, delayMs: random() < 0.7 ? 120 : 2_000, ...aim };
  if (kind === 'slow') return { kind, factor: 4, addMs: 60, ...aim };
  if (kind === 'cut') return { kind, afterTokens, clean: random() < 0.5, ...aim };
  if (kind === 'stall' || kind === 'malformed-event' || kind === 'stream-error') return { kind, afterTokens, ...aim };
  if (DEADLY.includes(kind)) return { kind, times: 2 } as Fault;
  return { kind, ...aim } as Fault;
}

/** Something new breaks in some region, what broke before is mended: every kind has its turn. */
async function change(simulator: Simulator, random: () => number, kind: FaultKind): Promise<void> {
  simulator.heal();
  await Promise.all(simulator.regions.map((region) => region.ready()));
  const count = 1 + Math.floor(random() * 2);
  for (let index = 0; index < count; index += 1) {
    const region = simulator.region(REGIONS[Math.floor(random() * REGIONS.length)] as string);
    region.fault(faultOf(index === 0 ? kind : (faultKinds[Math.floor(random() * 20)] as FaultKind), random));
  }
}

/** What one client is. */
export interface Part {
  readonly requests: number;
  readonly seed: number;
  readonly hedging: boolean;
  readonly rescue: 'continue' | 'restart';
  readonly lastResort: boolean;
}

/** Plays the part of one client: its callers come sixteen at a time, in weather that changes. */
export async function play({ requests, seed, hedging, rescue, lastResort }: Part): Promise<Played> {
  const random = dice(seed);
  const pace = { latencyMs: 1, jitterMs: 3, tokensPerSecond: 8_000, answerTokens: [12, 40] as const };
  const simulator = await startSimulator({
    ...{ regions: Object.fromEntries(REGIONS.map((name) => [name, {}])), models: [...MODELS], logSize: 100_000 },
    ...{ seed, ...pace },
  });
  try {
    const callers = Array.from({ length: requests }, (_, index) => callerOf(`c${index}`, random));
    const witness = new Witness(new Map(callers.map((one) => [one.id, one])), simulator.regions);
    const router: RouterOptions = {
      ...{ routing: 'priority', health: false, prices: PRICES, fallbacks: { 'gpt-4.1': ['gpt-4.1-mini'] } },
      endpoints: simulator.regions.map(({ name, baseURL }) => ({
        ...{ id: name, baseURL },
        apiKey: name === 'tokyo' ? [`sk-${name}-1`, `sk-${name}-2`] : `sk-${name}`,
      })),
      timeouts: { attemptMs: 300, idleMs: 400 },
      retries: { maxWaitMs: 300, budget: { capacity: 1_000 } },
      breaker: { openMs: 300, jitter: 0, slowStartMs: 0 },
      streams: { rescue },
      ...(hedging && { hedging: { delayMs: 60, minDelayMs: 60, budget: { capacity: 1_000 } } }),
      ...(lastResort && { lastResort: () => CANNED }),
    };
    const client = new OpenAI({ apiKey: 'sk-none', maxRetries: 1, logLevel: 'off', fetch: witness.fetch, router });
    const events: { name: EventName; event: RouterEvents[EventName] }[] = [];
    for (const name of TOLD) client.on(name, (event) => void events.push({ name, event }));
    client.on('attempt.started', witness.starting);
    const startedAt = performance.now();
    await sail({ client, simulator, callers, random });
    await calm(client);
    const [stats, elapsedMs] = [client.router.stats(), performance.now() - startedAt];
    client.router.close();
    return { callers, sent: witness.sent, simulator, events, stats, elapsedMs };
  } finally {
    await simulator.close();
  }
}

const TOLD: readonly EventName[] = ['failover', 'retry', 'attempt.succeeded', 'stream.committed', 'stream.rescued'];

interface Voyage {
  readonly client: OpenAI;
  readonly simulator: Simulator;
  readonly callers: readonly Caller[];
  readonly random: () => number;
}

async function sail({ client, simulator, callers, random }: Voyage): Promise<void> {
  const mild = faultKinds.filter((kind) => !DEADLY.includes(kind));
  const each = Math.max(8, Math.floor(callers.length / (mild.length + 4)));
  const kinds = [...mild.map((kind) => ({ kind, at: random() })).sort((one, other) => one.at - other.at)];
  let next = 0;
  let weather: Promise<void> = Promise.resolve();
  const sailor = async (): Promise<void> => {
    for (;;) {
      const index = next;
      next += 1;
      const caller = callers[index];
      if (!caller) return;
      const isLate = index >= callers.length - each * 2;
      if (index % each === 0) {
        const turn = index / each;
        const kind = isLate ? DEADLY[turn % 2] : kinds[turn % kinds.length]?.kind;
        weather = change(simulator, random, kind ?? 'reset');
      }
      await weather;
      await call(client, caller);
    }
  };
  await Promise.all(Array.from({ length: SAILORS }, sailor));
}

/** Waits until everything that is still on its way has ended. */
async function calm(client: OpenAI): Promise<void> {
  for (let left = 300; left > 0; left -= 1) {
    const { requests, allTargets } = client.router.stats();
    if (requests.inFlight === 0 && allTargets.inFlight === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function callerOf(id: string, random: () => number): Caller {
  const streamed = random() < 0.5;
  const draw = random();
  const leaves =
    draw < 0.06
      ? { afterMs: 1 + Math.floor(random() * 90) }
      : draw < 0.14 && streamed
        ? { atChunk: 1 + Math.floor(random() * 8), how: random() < 0.5 ? ('abort' as const) : ('break' as const) }
        : undefined;
  return {
    ...{ id, streamed, leaves, model: random() < 0.8 ? MODELS[0] : MODELS[1] },
    asksUsage: streamed && leaves === undefined && random() < 0.5,
    ...{ hasLeft: false, isAnswered: false, hasLeftEarly: false, text: '', error: undefined, route: undefined },
  };
}

async function call(client: OpenAI, caller: Caller): Promise<void> {
  const { id, model, streamed, leaves, asksUsage } = caller;
  const controller = new AbortController();
  const leave = () => {
    caller.hasLeft = true;
    caller.hasLeftEarly = !caller.isAnswered;
    controller.abort();
  };
  const timer = leaves && 'afterMs' in leaves ? setTimeout(leave, leaves.afterMs) : undefined;
  const messages = [{ role: 'user' as const, content: `Tell ${id} of the sea.` }];
  const params = { model, messages, user: id };
  const options = { signal: controller.signal };
  try {
    if (!streamed) {
      const answer = await client.chat.completions.create(params, options);
      caller.isAnswered = true;
      caller.text = answer.choices[0]?.message.content ?? '';
      caller.route = routeOf(answer);
      return;
    }
    const extra = asksUsage ? { stream_options: { include_usage: true } } : {};
    const stream = await client.chat.completions.create({ ...params, ...extra, stream: true }, options);
    caller.isAnswered = true;
    caller.route = routeOf(stream);
    let chunks = 0;
    for await (const chunk of stream) {
      caller.text += chunk.choices[0]?.delta?.content ?? '';
      chunks += 1;
      if (!leaves || !('atChunk' in leaves) || chunks !== leaves.atChunk) continue;
      if (leaves.how === 'abort') leave();
      else {
        caller.hasLeft = true;
        break;
      }
    }
    caller.route = routeOf(stream);
  } catch (error) {
    caller.error = error;
    caller.route ??= routeOf(error);
  } finally {
    clearTimeout(timer);
  }
}
