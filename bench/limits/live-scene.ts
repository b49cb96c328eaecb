import { setTimeout as sleep } from 'node:timers/promises';
import { type Simulator, startSimulator } from '@breakwater/simulator';
import OpenAI from 'breakwater';
import Official from 'openai';
import { seededRandom } from '../../packages/core/src/base/random.ts';

/** What each of the two endpoints enforces, by buckets that fill steadily. */
export const LIMITS = { requestsPerMinute: 60, tokensPerMinute: 10_000 } as const;
const ENDPOINTS = 2;
const MINUTE_MS = 60_000;
const MEAN_TOKENS = 165;

/** Some clients that ask two endpoints for two minutes. */
export interface Scene {
  readonly name: string;
  readonly clients: readonly Kind[];
  /** What is asked for, as a part of what the endpoints can do. @default 0.95 */
  readonly load?: number;
  /** Whether nothing is left in the buckets at first. @default false */
  readonly isEmpty?: boolean;
  /** Whether the endpoints correct what they charged when an answer has ended, instead of counting `max_tokens`. @default false */
  readonly doesSettle?: boolean;
  /** @default the router's own */
  readonly routing?: 'round-robin';
  /** The most that may be refused and the least that has to be answered, in parts of 1; without it the scene is shown and not judged. */
  readonly word?: { readonly refused?: number; readonly refusedLater?: number; readonly goodput: number };
}

/** Who asks: with the limits told by the user, with those that answers tell, or as the official client does. */
export type Kind = 'configured' | 'learned' | 'official';

/** What became of it; parts are parts of 1. */
export interface Told {
  readonly scene: Scene;
  readonly asked: number;
  /** Requests on the wire, by the log of the simulator. */
  readonly sent: number;
  /** The part of them that got a 429; and of those from the second minute on. */
  readonly refused: number;
  readonly refusedLater: number;
  /** Answers, as a part of those that one queue could have had that knows the state of every bucket. */
  readonly goodput: number;
  /** Calls that failed, by the names of their errors. */
  readonly lost: Readonly<Record<string, number>>;
  /** The time of the longest call, in milliseconds. */
  readonly longestMs: number;
  /** Words it did not keep. */
  readonly faults: readonly string[];
}

interface Asked {
  /** Milliseconds from the start. */
  readonly at: number;
  /** What it costs there. */
  readonly tokens: number;
}

/** Plays a scene in real time. */
export async function play(scene: Scene, minutes: number): Promise<Told> {
  const region = { limits: { ...LIMITS, settle: scene.doesSettle ?? false } };
  const bornAt = performance.now();
  // A provider looks at its limits first, and then takes its time to answer.
  const simulator = await startSimulator({
    regions: { seoul: region, tokyo: region },
    latencyMs: 20,
    jitterMs: 40,
    tokensPerSecond: scene.doesSettle ? 100 : 30,
  });
  if (scene.isEmpty) await empty(simulator);
  const startedAt = performance.now();
  const agenda = agendaOf(scene.load ?? 0.95, minutes);
  const { lost, longestMs } = await run(agenda, scene, simulator);
  await simulator.close();
  const [start, end] = [startedAt - bornAt, startedAt - bornAt + minutes * MINUTE_MS];
  // What asks for the list of models finds out whether an endpoint is there, and is no call.
  const sent = simulator.requests({ path: '/chat/completions' }).filter(({ at }) => at >= start);
  const told = {
    scene,
    asked: agenda.length,
    sent: sent.length,
    refused: partRefused(sent),
    refusedLater: partRefused(sent.filter(({ at }) => at >= start + MINUTE_MS)),
    goodput: sent.filter(({ at, status }) => at <= end && status === 200).length / possible(agenda, scene, minutes),
    lost,
    longestMs,
  };
  return { ...told, faults: faultsOf(told) };
}

/** Makes the calls in their time, each client in its turn, and waits for all of them. */
async function run(agenda: readonly Asked[], scene: Scene, simulator: Simulator) {
  const clients = scene.clients.map((kind) => clientOf(kind, simulator, scene.routing));
  const lost: Record<string, number> = {};
  let longestMs = 0;
  const call = async ({ tokens }: Asked, index: number) => {
    const askedAt = performance.now();
    const client = clients[index % clients.length]?.(index) as Official;
    try {
      await ask(client, { tokens, doesSettle: scene.doesSettle ?? false, streamed: index % 3 === 1 });
    } catch (error) {
      const name = error instanceof Error ? error.constructor.name : 'unknown';
      lost[name] = (lost[name] ?? 0) + 1;
    }
    longestMs = Math.max(longestMs, performance.now() - askedAt);
  };
  const start = performance.now();
  const calls: Promise<void>[] = [];
  for (const [index, asked] of agenda.entries()) {
    await sleep(Math.max(0, asked.at - (performance.now() - start)));
    calls.push(call(asked, index));
  }
  await Promise.all(calls);
  return { lost, longestMs };
}

/** As many calls as the load means, at times that are drawn evenly, with sizes of a mean that is exact: two minutes are too short for luck. */
function agendaOf(load: number, minutes: number): Asked[] {
  const dice = seededRandom(11);
  const many = Math.round(load * minutes * ENDPOINTS * LIMITS.requestsPerMinute);
  const times = Array.from({ length: many }, () => dice() * minutes * MINUTE_MS).sort((a, b) => a - b);
  const normal = () => Math.sqrt(-2 * Math.log(1 - dice())) * Math.cos(2 * Math.PI * dice());
  const sizes = times.map(() => Math.exp(0.65 * normal()));
  const mean = sizes.reduce((sum, size) => sum + size, 0) / many;
  return times.map((at, index) => ({
    at,
    tokens: Math.max(20, Math.round(((sizes[index] ?? mean) * MEAN_TOKENS) / mean)),
  }));
}

/** Gives for each call the client that makes it. */
function clientOf(kind: Kind, simulator: Simulator, routing?: 'round-robin'): (call: number) => Official {
  if (kind === 'official') {
    const each = simulator.regions.map(({ baseURL }) => new Official({ baseURL, apiKey: 'sk-any', logLevel: 'off' }));
    return (call) => each[call % each.length] as Official;
  }
  const endpoints = simulator.regions.map(({ name: id, baseURL }) => ({
    id,
    baseURL,
    apiKey: 'sk-any',
    ...(kind === 'configured' && { limits: LIMITS }),
  }));
  const client = new OpenAI({ apiKey: 'sk-any', logLevel: 'off', router: { endpoints, ...(routing && { routing }) } });
  return () => client;
}

/** A request that costs so many tokens: by its `max_tokens`, or where that is corrected by what goes in and comes out. */
async function ask(
  client: Official,
  { tokens, doesSettle, streamed }: { tokens: number; doesSettle: boolean; streamed: boolean },
): Promise<void> {
  const words = Math.max(2, Math.round((tokens - 8) / 2));
  const content = doesSettle ? `echo: ${'wave '.repeat(words)}` : 'Which ships are due?';
  const question = {
    model: 'gpt-4.1',
    messages: [{ role: 'user' as const, content }],
    max_tokens: doesSettle ? 2 * words : tokens,
  };
  if (!streamed) return void (await client.chat.completions.create(question));
  for await (const _ of await client.chat.completions.create({ ...question, stream: true }));
}

/** Takes out of the buckets all there is. */
async function empty(simulator: Simulator): Promise<void> {
  const body = JSON.stringify({ model: 'gpt-4.1', messages: [{ role: 'user', content: 'hi' }], max_tokens: 166 });
  const headers = { authorization: 'Bearer sk-any', 'content-type': 'application/json' };
  const pour = ({ baseURL }: { baseURL: string }) =>
    Array.from({ length: LIMITS.requestsPerMinute }, async () => {
      const response = await fetch(`${baseURL}/chat/completions`, { method: 'POST', headers, body });
      await response.arrayBuffer();
    });
  await Promise.all(simulator.regions.flatMap(pour));
}

const partRefused = (sent: readonly { status?: number }[]): number =>
  sent.length === 0 ? 0 : sent.filter(({ status }) => status === 429).length / sent.length;

/** How many of these one queue would have had let in, that knows how full every bucket is. */
function possible(agenda: readonly Asked[], { isEmpty = false }: Scene, minutes: number): number {
  const endpoints = Array.from({ length: ENDPOINTS }, () => new Endpoint(isEmpty ? 0 : 1));
  let [now, answered] = [0, 0];
  for (const { at, tokens } of agenda) {
    now = Math.max(now, at);
    const fullest = () => endpoints.sort((one, other) => other.tokens - one.tokens);
    while (fullest().every((one) => !one.takes(tokens, now))) now += 10;
    if (now > minutes * MINUTE_MS) break;
    answered += 1;
  }
  return answered;
}

class Endpoint {
  tokens: number;
  #requests: number;
  #at = 0;

  constructor(full: number) {
    this.tokens = LIMITS.tokensPerMinute * full;
    this.#requests = LIMITS.requestsPerMinute * full;
  }

  takes(tokens: number, now: number): boolean {
    const minutes = (now - this.#at) / MINUTE_MS;
    this.#at = now;
    this.tokens = Math.min(LIMITS.tokensPerMinute, this.tokens + LIMITS.tokensPerMinute * minutes);
    this.#requests = Math.min(LIMITS.requestsPerMinute, this.#requests + LIMITS.requestsPerMinute * minutes);
    if (this.tokens < tokens || this.#requests < 1) return false;
    this.tokens -= tokens;
    this.#requests -= 1;
    return true;
  }
}

function faultsOf({ scene: { word }, ...told }: Omit<Told, 'faults'>): string[] {
  if (!word) return [];
  const faults: string[] = [];
  if (told.refused > (word.refused ?? 1)) faults.push(`more than ${percent(word.refused)} refused`);
  if (told.refusedLater > (word.refusedLater ?? 1))
    faults.push(`more than ${percent(word.refusedLater)} refused from the second minute on`);
  if (told.goodput < word.goodput) faults.push(`less than ${percent(word.goodput)} answered`);
  return faults;
}

/** A part of 1, for people. */
export const percent = (part = 0): string => `${(100 * part).toFixed(1)} %`;
