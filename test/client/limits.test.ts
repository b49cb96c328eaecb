import { isLimitExceededError, LimitExceededError } from 'breakwater';
import { RateLimitError } from 'openai';
import { expect, test } from 'vitest';
import { ask, errorOf, question, start } from './setup.js';

type Client = Awaited<ReturnType<typeof start>>['client'];

/** What is left in the limits of a target. */
const left = (client: Client, id = 'seoul/gpt-4.1') =>
  client.router?.status().targets.find(({ target }) => target === id)?.limits ?? {};

/** What one limit has left, of what it had. */
const used = (client: Client, scope: string, of: number) => of - (left(client)[scope]?.tokensPerMinute ?? Number.NaN);

test('a call beyond a limit is rejected without being sent, as the error of a 429', async () => {
  const { client, simulator } = await start({ router: { limits: { requestsPerMinute: 2, onLimit: 'reject' } } });
  await ask(client, false);
  await ask(client, true);
  const error = await errorOf<LimitExceededError>(client.chat.completions.create(question()));
  expect(error).toBeInstanceOf(LimitExceededError);
  expect(error).toBeInstanceOf(RateLimitError);
  expect(isLimitExceededError(error)).toBe(true);
  expect(error.message).toMatch(
    /no room in the limits of the client \(requestsPerMinute\)\. Try again in [\d.]+ (?:ms|s), or/,
  );
  expect(error.retryAfterMs).toBeGreaterThan(50_000);
  expect(simulator.log).toHaveLength(2);
});

test('an endpoint without room is passed over', async () => {
  const limits = { requestsPerMinute: 1 };
  const { client, trail } = await start({ endpoint: ({ name }) => (name === 'seoul' ? { limits } : {}) });
  await ask(client, false);
  await ask(client, false);
  expect(trail()).toBe('seoul:200 tokyo:200');
});

test('what answers say of the provider’s limits is heeded: nobody is told 429', async () => {
  const regions = { seoul: { limits: { requestsPerMinute: 3 } }, tokyo: {} };
  const { client, trail } = await start({ simulator: { regions } });
  for (let call = 0; call < 5; call += 1) await ask(client, call % 2 === 1);
  expect(trail()).toBe('seoul:200 seoul:200 seoul:200 tokyo:200 tokyo:200');
});

test('a call is charged what it used, streamed or not', async () => {
  const { client } = await start({ router: { limits: { tokensPerMinute: 100_000 } } });
  const { usage } = await client.chat.completions.create({ ...question(), max_tokens: 5_000 });
  expect(used(client, 'the client', 100_000)).toBe(usage?.total_tokens);
  let told = usage?.total_tokens ?? 0;
  const stream = await client.chat.completions.create({
    ...question(),
    max_tokens: 5_000,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) told += chunk.usage?.total_tokens ?? 0;
  await expect.poll(() => used(client, 'the client', 100_000)).toBe(told);
});

test('a stream that does not tell what it used is charged about that', async () => {
  const { client } = await start({ router: { limits: { tokensPerMinute: 100_000 } } });
  await ask(client, true, `echo: ${'word '.repeat(200)}`);
  await expect.poll(() => used(client, 'the client', 100_000)).toBeLessThan(1_200);
  expect(used(client, 'the client', 100_000)).toBeGreaterThan(300);
});

test('while it is under way a call holds what it may use', async () => {
  const { client, seoul } = await start({ router: { limits: { tokensPerMinute: 100_000, concurrency: 9 } } });
  seoul.set({ latencyMs: 200 });
  const call = client.chat.completions.create({ ...question(), max_completion_tokens: 4_000, n: 2 });
  await expect.poll(() => left(client)['the client']?.concurrency).toBe(8);
  expect(used(client, 'the client', 100_000)).toBeGreaterThanOrEqual(8_000);
  await call;
  expect(left(client)['the client']?.concurrency).toBe(9);
});

test('a client of its own counts tokens, and each key has limits of its own that never show it', async () => {
  const limits = { perKey: { tokensPerMinute: 1_000 } };
  const { client } = await start({
    router: { limits: { estimateTokens: () => 700, onLimit: 'reject' } },
    endpoint: () => ({ limits }),
  });
  client.on('limit.rejected', (event) => void heard.push(event));
  const heard: object[] = [];
  const call = { ...question(), max_tokens: 300 };
  const pair = await Promise.allSettled([client.chat.completions.create(call), client.chat.completions.create(call)]);
  expect(pair.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(heard).toMatchObject([{ scope: 'a key of seoul', dimension: 'tokensPerMinute' }]);
  expect(JSON.stringify([heard, left(client)])).not.toContain('sk-');
});

test('a target that names its rest is left alone for it, and another answers at once', async () => {
  const { client, seoul, trail } = await start();
  const off = seoul.fault({ kind: 'rate-limit', retryAfterSeconds: 20 });
  const startedAt = performance.now();
  await ask(client, false);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  off();
  for (let call = 0; call < 3; call += 1) await ask(client, true);
  expect(trail()).toBe('seoul:429 tokyo:200 tokyo:200 tokyo:200 tokyo:200');
  const status = client.router?.status().targets.find(({ target }) => target === 'seoul/gpt-4.1');
  expect(status).toMatchObject({ state: 'cooling' });
  expect(status?.readyInMs).toBeGreaterThan(19_000);
});

test('options that are none are told at once', async () => {
  const router = { limits: { requestsPerMinut: 3, tokensPerMinute: -1, onLimit: 'drop' } };
  const { message } = await errorOf(start({ router: router as object }));
  expect(message).toContain('router.limits.tokensPerMinute must be a number above 0, but is -1');
  expect(message).toContain('router.limits.onLimit must be "reroute", "wait" or "reject", but is "drop"');
  expect(message).toContain('did you mean router.limits.requestsPerMinute?');
});

// With 3 000 tokens a minute and questions of ten words the third call was refused, and nothing said why: nobody had thought of the answer.
test('a call refused for its tokens is told how many were set aside for its answer, and what helps', async () => {
  const { client } = await start({ router: { limits: { tokensPerMinute: 1_500, onLimit: 'reject' } } });
  // Both are under way at the same time: what an answer took is settled at its end.
  const [first, second] = [client.chat.completions.create(question()), client.chat.completions.create(question())];
  const error = await errorOf<LimitExceededError>(second);
  await first;
  expect(error.message).toContain(
    'no room in the limits of the client (tokensPerMinute). For its answer 1024 tokens were set aside, because the request has no `max_tokens`: set it, or raise `limits`. Try again in ',
  );
  expect(error.skipped[0]?.limit).toMatchObject({ dimension: 'tokensPerMinute', answerTokens: 1_024 });
  expect(error.skipped[0]?.limit?.tokens).toBeGreaterThan(1_024);
});

test('a call that says how long its answer may be is told nothing of that', async () => {
  const { client } = await start({ router: { limits: { tokensPerMinute: 1_500, onLimit: 'reject' } } });
  const ask = () => client.chat.completions.create({ ...question(), max_tokens: 1_000 });
  const [first, second] = [ask(), ask()];
  const error = await errorOf<LimitExceededError>(second);
  await first;
  expect(error.message).toMatch(
    /the client \(tokensPerMinute\)\. Try again in [\d.]+ \w+, or raise `limits`, or let it wait/,
  );
  expect(error.skipped[0]?.limit).not.toHaveProperty('answerTokens');
});
