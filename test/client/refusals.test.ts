import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'breakwater';
import { describe, expect, onTestFinished, test } from 'vitest';
import { errorOf, eventsOf, question, until } from './setup.js';
import { hello, stub } from './stub.js';

/** A server that begins every refusal and never ends one; it ends with the test. */
async function endless(
  status: number,
  headers: Record<string, string> = {},
  begun = '{"error":{"message":"I am not do',
) {
  const world = { baseURL: '', closed: 0 };
  const server = createServer((_request, response) => {
    response.on('close', () => {
      world.closed += 1;
    });
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.write(begun);
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
      router: {
        routing: 'priority',
        endpoints: [{ id: 'a' }, { id: 'b', baseURL: 'https://b.test/v1', apiKey: 'k', fetch: away.fetch }],
      },
    });
    const failed = eventsOf(client, ['attempt.failed']);
    const began = performance.now();
    await client.chat.completions.create(question());
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(failed.map(({ payload }) => payload.kind)).toEqual([kind]);
    expect(client.router.status().targets[0]?.state).toBe(state);
  });

  test('is read as soon as what has arrived of it is whole', async () => {
    const body = { error: { message: 'You ran out', type: 'insufficient_quota', code: 'insufficient_quota' } };
    const { baseURL } = await endless(429, {}, JSON.stringify(body));
    const client = new OpenAI({ ...own, baseURL, router: {} });
    const failed = eventsOf(client, ['attempt.failed']);
    const began = performance.now();
    const error = await errorOf(client.chat.completions.create(question()));
    expect(performance.now() - began).toBeLessThan(900);
    expect(error).toMatchObject({ status: 429, code: 'insufficient_quota' });
    expect(failed[0]?.payload).toMatchObject({ kind: 'quota' });
  });

  test('is shown with as much of it as there is', async () => {
    const { baseURL } = await endless(500);
    const client = new OpenAI({ ...own, baseURL, router: {} });
    const error = await errorOf(client.chat.completions.create(question()));
    expect((error as Error).message).toContain('I am not do');
  });

  // With a second for the body and 300 ms for the attempt the clock won, and the status that was there was never seen.
  test('is one of its status in a call in a hurry too', async () => {
    const { baseURL } = await endless(500);
    const away = stub(hello);
    const endpoints = [{ id: 'a' }, { id: 'b', baseURL: 'https://b.test/v1', apiKey: 'k', fetch: away.fetch }];
    const client = new OpenAI({ ...own, timeout: 600, baseURL, router: { routing: 'priority', endpoints } });
    const failed = eventsOf(client, ['attempt.failed']);
    await client.chat.completions.create(question());
    expect(failed.map(({ payload }) => payload.kind)).toEqual(['server_error']);
    const alone = new OpenAI({ ...own, timeout: 600, baseURL, router: {} });
    expect(await errorOf(alone.chat.completions.create(question()))).toMatchObject({ status: 500 });
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

describe('a refusal whose body is slow', () => {
  // After a second the caller was shown a bare status, where the official client says what was wrong with the request.
  test('is waited for where it ends the call', async () => {
    const late = async () => {
      const bytes = new TextEncoder().encode(JSON.stringify({ error: { message: 'bad', code: 'x', param: 'p' } }));
      await new Promise((over) => setTimeout(over, 1_300));
      return bytes;
    };
    const slow = () =>
      new Response(
        new ReadableStream({
          async start(controller) {
            controller.enqueue(await late());
            controller.close();
          },
        }),
        { status: 400, headers: { 'content-type': 'application/json' } },
      );
    const client = new OpenAI({ ...own, baseURL: 'https://a.test/v1', fetch: stub(slow).fetch, router: {} });
    expect(await errorOf(client.chat.completions.create(question()))).toMatchObject({ code: 'x', param: 'p' });
  });
});

// One call of more tokens than the account may send in a minute was told 429. Its endpoint rested for every caller, the call went on to
// the next one, and that rested as well.
test('a request above a limit of tokens keeps nobody else away, and is asked once for each endpoint and model', async () => {
  const message =
    'Request too large for gpt-4.1 in organization org-x on tokens per min (TPM): Limit 30000, Requested 50000.';
  const refused = { error: { message, type: 'tokens', code: 'rate_limit_exceeded' } };
  const { fetch, sent, hosts } = stub(({ body }) =>
    String(body).length > 5_000 ? Response.json(refused, { status: 429 }) : hello(),
  );
  const endpoints = ['seoul', 'tokyo'].map((id) => ({ id, baseURL: `https://${id}.test/v1`, apiKey: id }));
  const client = new OpenAI({
    apiKey: 'sk-x',
    fetch,
    router: { endpoints, routing: 'priority', limits: { learn: true } },
  });
  const error = await errorOf<Error & { status: number }>(
    client.chat.completions.create({ ...question('long '.repeat(2_000)) }),
  );
  expect([error.status, error.message]).toEqual([429, expect.stringContaining('too large')]);
  expect(hosts()).toBe('seoul.test tokyo.test');
  expect(client.router.status().targets.map(({ state }) => state)).toEqual(['ready', 'ready']);
  await client.chat.completions.create(question());
  expect(sent).toHaveLength(3);
});
