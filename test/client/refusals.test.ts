import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'breakwater';
import { describe, expect, onTestFinished, test } from 'vitest';
import { errorOf, eventsOf, question, until } from './setup.js';
import { hello, stub } from './stub.js';

/** A server that begins every refusal and never ends one; it ends with the test. */
async function endless(status: number, headers: Record<string, string> = {}) {
  const world = { baseURL: '', closed: 0 };
  const server = createServer((_request, response) => {
    response.on('close', () => {
      world.closed += 1;
    });
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.write('{"error":{"message":"I am not do');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  world.baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return world;
}

const own = { apiKey: 'sk-x', maxRetries: 0, logLevel: 'off', timeout: 20_000 } as const;

describe('a refusal whose body never ends', () => {
  // It was waited for until half of the call's time was over, and then taken for silence: the rate limit started no cooldown.
  test.each([
    [500, 'server_error', 'ready'],
    [429, 'rate_limit', 'cooling'],
    [401, 'auth', 'quarantined'],
  ] as const)('is one of its status and headers after a second (%i)', async (status, kind, state) => {
    const { baseURL } = await endless(status, { 'retry-after': '30' });
    const away = stub(hello);
    const client = new OpenAI({
      ...own,
      baseURL,
      router: { endpoints: [{ id: 'a' }, { id: 'b', baseURL: 'https://b.test/v1', apiKey: 'k', fetch: away.fetch }] },
    });
    const failed = eventsOf(client, ['attempt.failed']);
    const began = performance.now();
    await client.chat.completions.create(question());
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(failed.map(({ payload }) => payload.kind)).toEqual([kind]);
    expect(client.router.status().targets[0]?.state).toBe(state);
  });

  test('is let go, and shown without a body to the caller of a lone target', async () => {
    const world = await endless(500, { 'x-request-id': 'req_1' });
    const client = new OpenAI({ ...own, baseURL: world.baseURL, router: {} });
    const error = await errorOf(client.chat.completions.create(question()));
    expect(error).toMatchObject({ status: 500, requestID: 'req_1' });
    await until(() => world.closed === 1);
  });

  test('does not hold a caller who leaves', async () => {
    const world = await endless(500);
    const client = new OpenAI({ ...own, baseURL: world.baseURL, router: {} });
    const leaving = AbortSignal.timeout(200);
    const began = performance.now();
    await errorOf(client.chat.completions.create(question(), { signal: leaving }));
    expect(performance.now() - began).toBeLessThan(900);
    await until(() => world.closed === 1);
  });

  test("is let go where the body is one of the user's own fetch", async () => {
    let destroyed = 0;
    const destroy = () => {
      destroyed += 1;
    };
    const odd = { ok: false, status: 500, statusText: '', type: 'basic', url: 'https://a.test/', body: { destroy } };
    const fetch = async () =>
      ({ ...odd, headers: new Headers(), text: () => new Promise(() => undefined) }) as unknown as Response;
    const client = new OpenAI({ ...own, baseURL: 'https://a.test/v1', fetch, router: {} });
    expect(await errorOf(client.chat.completions.create(question()))).toMatchObject({ status: 500 });
    expect(destroyed).toBe(1);
  });
});
