import { hasSubscribers } from 'node:diagnostics_channel';
import { Agent, request as requestOf } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import OpenAI, { type OwnStrategy } from 'breakwater';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { idleProcess } from './idle-process.js';
import { ask, endpointAt, question, routed, start as startWorld, until, type WorldOptions } from './setup.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const isListening = () => hasSubscribers('undici:client:connected');

beforeEach(() => void idleProcess());

/** Two regions without probes; the client is closed when the test ends. */
async function start({ router, ...more }: WorldOptions = {}) {
  const world = await startWorld({ ...more, router: { health: false, ...router } });
  onTestFinished(() => world.client.router.close());
  return world;
}

/** How far the endpoints are, as far as that was measured. */
const ways = (client: OpenAI) =>
  Object.fromEntries(client.router.status().targets.map(({ endpoint, latency }) => [endpoint, latency.rttMs]));

test('how far an endpoint is is known from the first call to it, without a probe', async () => {
  const { client, simulator } = await start();
  await ask(client, false);
  expect(ways(client)).toEqual({ seoul: expect.any(Number), tokyo: undefined });
  await client.chat.completions.create(question(), routed({ endpoint: 'tokyo' }));
  expect(ways(client)).toEqual({ seoul: expect.any(Number), tokyo: expect.any(Number) });
  expect(simulator.log.map(({ region, path }) => `${region} ${path}`)).toEqual([
    'seoul /v1/chat/completions',
    'tokyo /v1/chat/completions',
  ]);
});

test('the work of an answer is no part of the way', async () => {
  const { client, seoul } = await start();
  seoul.set({ latencyMs: 400 });
  await ask(client, false);
  const [{ latency } = { latency: undefined }] = client.router.status().targets;
  expect(latency?.wholeMs).toBeGreaterThan(390);
  expect(latency?.rttMs).toBeLessThan(300);
});

test('a strategy sees the ways when all of them are known', async () => {
  const seen: number[][] = [];
  const routing: OwnStrategy = (candidates) => {
    seen.push(candidates.map(({ rttMs }) => rttMs));
    return ['seoul/gpt-4.1', 'tokyo/gpt-4.1'][seen.length - 1] ?? 'seoul/gpt-4.1';
  };
  const { client } = await start({ router: { routing } });
  for (let call = 0; call < 3; call += 1) await ask(client, false);
  expect(seen).toEqual([
    [0, 0],
    [0, 0],
    [expect.any(Number), expect.any(Number)],
  ]);
  expect(Math.min(...(seen[2] ?? []))).toBeGreaterThan(0);
});

test('endpoints at the same host both learn from one connection', async () => {
  let host: string | undefined;
  const endpoint: WorldOptions['endpoint'] = ({ baseURL }) => {
    host ??= baseURL;
    return { baseURL: host };
  };
  const { client, trail } = await start({ endpoint });
  await ask(client, false);
  expect(trail()).toBe('seoul:200');
  expect(ways(client)).toEqual({ seoul: expect.any(Number), tokyo: expect.any(Number) });
});

test('a connection that is refused, and a call that only waits, say nothing', async () => {
  const { client, seoul } = await start();
  seoul.fault({ kind: 'refuse' });
  await ask(client, false);
  expect(ways(client)).toEqual({ seoul: undefined, tokyo: expect.any(Number) });
});

test('a fetch of the user’s own that is not the platform’s is not measured', async () => {
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  const fetch = (url: unknown, init: RequestInit = {}) =>
    new Promise<Response>((resolve, reject) => {
      const headers = Object.fromEntries(new Headers(init.headers));
      const sent = requestOf(String(url), { agent, method: init.method, headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => resolve(Response.json(JSON.parse(String(Buffer.concat(parts))))));
      });
      sent.on('error', reject);
      sent.end(init.body as string);
    });
  const { client } = await start({ client: { fetch: fetch as typeof globalThis.fetch } });
  await client.chat.completions.create(question());
  expect(ways(client)).toEqual({ seoul: undefined, tokyo: undefined });
});

test('a platform that tells nothing of connections is served as before', async () => {
  const getBuiltinModule = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
  onTestFinished(() => getBuiltinModule.mockRestore());
  const { client } = await start();
  expect(isListening()).toBe(false);
  expect(await ask(client, false)).toBe('hello there');
  expect(ways(client)).toEqual({ seoul: undefined, tokyo: undefined });
  await client.router.checkHealth();
  client.router.close();
});

test('neither keys nor hosts are in what is told', async () => {
  const { client, simulator } = await start();
  await ask(client, false);
  const told = JSON.stringify([client.router.status(), client.router.snapshot(), client.router.explain(question())]);
  expect(told).not.toContain('sk-');
  for (const { baseURL } of simulator.regions) expect(told).not.toContain(new URL(baseURL).host);
});

test('a client with a single endpoint does not listen, nor does one without a router', async () => {
  const { client } = await start({ router: { endpoints: undefined } as object });
  const plain = new OpenAI({ apiKey: 'sk' });
  expect([isListening(), client.router !== undefined, plain.baseURL]).toEqual([false, true, expect.any(String)]);
});

test('closing the last client ends the listening, and calls can be made as before', async () => {
  const { client } = await start();
  const other = await start();
  client.router.close();
  client.router.close();
  expect(isListening()).toBe(true);
  await ask(client, false);
  expect(ways(client)).toEqual({ seoul: undefined, tokyo: undefined });
  other.client.router.close();
  expect(isListening()).toBe(false);
  expect(await ask(other.client, false)).toBe('hello there');
});

test('clients share what listens', async () => {
  const { channel } = await import('node:diagnostics_channel');
  const subscribe = vi.spyOn(process.getBuiltinModule('node:diagnostics_channel'), 'subscribe');
  onTestFinished(() => subscribe.mockRestore());
  const clients = [await start(), await start(), await start()];
  expect(subscribe).toHaveBeenCalledTimes(3);
  expect(channel('undici:client:connected').hasSubscribers).toBe(true);
  for (const { client } of clients) client.router.close();
  expect(isListening()).toBe(false);
});

// A client for each request is no rare thing, and nobody closes them.
test('clients that are dropped without a word are not kept, and the last of them ends the listening', async () => {
  const { simulator } = await startWorld({ router: { endpoints: undefined } as object });
  const endpoints = simulator.regions.map((region) => endpointAt(region));
  const use = async () => {
    const client = new OpenAI({ apiKey: 'sk', baseURL: endpoints[0]?.baseURL ?? '', router: { endpoints } });
    await ask(client, false);
  };
  for (let request = 0; request < 5; request += 1) await use();
  expect(isListening()).toBe(true);
  await until(() => {
    collectGarbage();
    return !isListening();
  });
});
