import { type Fault, startSimulator } from '@breakwater/simulator';
import OpenAI from 'breakwater';

/** One region's bad day. */
export interface Scene {
  readonly name: string;
  readonly fault: Fault;
  /** From and until when it is down, in seconds. */
  readonly downs: readonly (readonly [from: number, until: number])[];
  readonly seconds: number;
  /** Milliseconds. @default the breaker's own */
  readonly maxOpenMs?: number;
  /** Whether there is no other region. @default false */
  readonly isAlone?: boolean;
  /** Whether it is told without being judged. @default false */
  readonly isShownOnly?: boolean;
}

/** What became of it. */
export interface Told {
  readonly name: string;
  readonly asked: number;
  readonly lost: number;
  /** Attempts at the region while it was down, by outage. */
  readonly whileDown: readonly number[];
  /** Milliseconds until its first answer after each outage; undefined when there was none before the next. */
  readonly backAfterMs: readonly (number | undefined)[];
  /** The longest rest, of the breaker or of the target, that it was told meanwhile, in milliseconds. */
  readonly longestWaitMs: readonly number[];
  /** Words it did not keep. */
  readonly faults: readonly string[];
}

const EVERY_MS = 100;
/** Five failures open the breaker; up to ten calls a second are under way meanwhile. */
const TO_OPEN = 8;
/** Who fails without being asked often enough to open is tried after so long. */
const TRIED_AFTER_MS = 5_000;

interface Outage {
  asked: number;
  probes: number;
  longestWaitMs: number;
  endedAt: number | undefined;
  backAfterMs: number | undefined;
}

/** Plays a scene in real time. The other region is so much farther that it is asked only when this one is not well. */
export async function play(scene: Scene): Promise<Told> {
  const { name, seconds, isAlone = false } = scene;
  const simulator = await startSimulator({ regions: { seoul: { latencyMs: 20 }, tokyo: { latencyMs: 80 } } });
  const regions = simulator.regions.slice(0, isAlone ? 1 : 2);
  const endpoints = regions.map(({ name: id, baseURL }) => ({ id, baseURL, apiKey: 'sk-any' }));
  const breaker = scene.maxOpenMs === undefined ? {} : { maxOpenMs: scene.maxOpenMs };
  const client = new OpenAI({ apiKey: 'sk-any', timeout: 10_000, logLevel: 'off', router: { endpoints, breaker } });
  const outages = followed(client);
  const weather = rain(simulator.region('seoul'), scene, outages);
  const calls: Promise<boolean>[] = [];
  for (const end = performance.now() + seconds * 1_000; performance.now() < end; await sleep(EVERY_MS))
    calls.push(ask(client));
  const lost = (await Promise.all(calls)).filter((isAnswered) => !isAnswered).length;
  await weather;
  await simulator.close();
  const told = {
    name,
    asked: calls.length,
    lost,
    whileDown: outages.map(({ asked }) => asked),
    backAfterMs: outages.map(({ backAfterMs }) => backAfterMs),
    longestWaitMs: outages.map(({ longestWaitMs }) => longestWaitMs),
  };
  return { ...told, faults: scene.isShownOnly ? [] : faultsOf(told.lost, outages) };
}

/** Lets the outages come and go, each known as long as it lasts and until the next. */
async function rain(
  seoul: { fault(fault: Fault): () => void; ready(): Promise<void> },
  { fault, downs }: Scene,
  outages: Outage[],
) {
  const start = performance.now();
  for (const [from, until] of downs) {
    await sleep(from * 1_000 - (performance.now() - start));
    const off = seoul.fault(fault);
    outages.push({ asked: 0, probes: 0, longestWaitMs: TRIED_AFTER_MS, endedAt: undefined, backAfterMs: undefined });
    await sleep(until * 1_000 - (performance.now() - start));
    off();
    await seoul.ready();
    const outage = outages.at(-1);
    if (outage) outage.endedAt = performance.now();
  }
}

/** Writes down what the router tells of the region, under the outage it belongs to. */
function followed(client: OpenAI): Outage[] {
  const outages: Outage[] = [];
  client.on('attempt.started', ({ endpoint }) => {
    const outage = outages.at(-1);
    if (endpoint === 'seoul' && outage && outage.endedAt === undefined) outage.asked += 1;
  });
  client.on('breaker.opened', ({ endpoint, openForMs }) => {
    const outage = outages.at(-1);
    if (endpoint !== 'seoul' || !outage) return;
    outage.probes += 1;
    outage.longestWaitMs = Math.max(outage.longestWaitMs, openForMs);
  });
  // An overloaded region rests besides, longer each time.
  client.on('cooldown.started', ({ endpoint, forMs }) => {
    const outage = outages.at(-1);
    if (endpoint === 'seoul' && outage) outage.longestWaitMs = Math.max(outage.longestWaitMs, forMs);
  });
  client.on('attempt.succeeded', ({ endpoint }) => {
    const outage = outages.at(-1);
    if (endpoint === 'seoul' && outage?.endedAt !== undefined)
      outage.backAfterMs ??= performance.now() - outage.endedAt;
  });
  return outages;
}

/** Nobody is lost, a region that is down sees what opens its breaker and then its probes, and is back within one wait. */
function faultsOf(lost: number, outages: readonly Outage[]): string[] {
  const faults = lost > 0 ? [`${lost} lost`] : [];
  for (const { asked, probes, longestWaitMs, backAfterMs = Number.POSITIVE_INFINITY } of outages) {
    if (asked > TO_OPEN + probes) faults.push(`asked ${asked} times while down, with ${probes} openings`);
    // A region that answers is closed to at the next call; a call comes each tenth of a second.
    if (backAfterMs > longestWaitMs + 1_000)
      faults.push(`back after ${Math.round(backAfterMs)} ms, with waits of ${Math.round(longestWaitMs)} ms`);
  }
  return faults;
}

async function ask(client: OpenAI): Promise<boolean> {
  const messages = [{ role: 'user' as const, content: 'echo: hello' }];
  const answer = await client.chat.completions.create({ model: 'gpt-4.1', messages }).catch(() => undefined);
  return answer?.choices[0]?.message.content === 'hello';
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
