import type { OpenAI as Official } from 'openai';
import { candidates } from './candidates.ts';
import { ANSWER, QUESTION } from './payloads.ts';
import { quantile } from './quantile.ts';

/** Requests held open at once; enough that what the engine itself keeps no longer shows. */
const HELD = 2_000;
const ROUNDS = 5;

/** Heap of one request in flight, in bytes: the official client's, and what the router adds with one and with five endpoints. */
export interface Memory {
  readonly official: number;
  readonly oneEndpointMore: number;
  readonly fiveEndpointsMore: number;
}

/** Measures the heap that requests in flight hold, with a `fetch` that answers when told to. @throws Error without `--expose-gc` */
export async function measureMemory(): Promise<Memory> {
  const waiting: (() => void)[] = [];
  const fetch: typeof globalThis.fetch = () =>
    new Promise((resolve) => {
      waiting.push(() => resolve(new Response(ANSWER, { headers: { 'content-type': 'application/json' } })));
    });
  const baseURLs = ['one', 'two', 'three', 'four', 'five'].map((name) => `https://${name}.example.com/v1`);
  const field = candidates({ name: 'held open', baseURLs, fetch, close: () => {} });
  const bytes = new Map<string, number[]>(field.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, client } of field) bytes.get(name)?.push(await heldBytes(client, waiting));
  }
  // The first round pays for code and caches.
  const of = (name: string) => quantile((bytes.get(name) ?? []).slice(1), 0.5);
  const official = of('official');
  return {
    official,
    oneEndpointMore: of('one endpoint') - official,
    fiveEndpointsMore: of('five endpoints') - official,
  };
}

async function heldBytes(client: Official, waiting: (() => void)[]): Promise<number> {
  const before = await settledHeap();
  const answers = Array.from({ length: HELD }, () => client.chat.completions.create(QUESTION).then(() => undefined));
  while (waiting.length < HELD) await new Promise((resolve) => setImmediate(resolve));
  const during = await settledHeap();
  for (const answer of waiting.splice(0)) answer();
  await Promise.all(answers);
  return (during - before) / HELD;
}

async function settledHeap(): Promise<number> {
  if (!globalThis.gc) throw new Error('the bench needs node --expose-gc');
  // Finalizers and weak tables are cleared a turn after the collection that found them.
  for (let pass = 0; pass < 3; pass += 1) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}
