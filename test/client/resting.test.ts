import OpenAI, { isNoTargetError } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { errorOf, eventsOf } from './setup.js';
import { hello, refusal, stub } from './stub.js';

const own = { baseURL: 'https://a.test/v1', apiKey: 'sk-x', maxRetries: 0, logLevel: 'off' } as const;
const ask = (model: string) => ({ model, messages: [{ role: 'user' as const, content: 'hi' }] });
const modelOf = (body: unknown) => /"model":"(\w+)"/.exec(String(body))?.[1];

/** A provider with one key, at which the model `m1` is refused like this. */
function lone(refuse: () => Response, router: object = {}) {
  const { fetch, sent } = stub(({ body }) => (modelOf(body) === 'm1' ? refuse() : hello()));
  const client = new OpenAI({ ...own, fetch, router });
  const told = eventsOf(client, ['cooldown.started', 'quarantine.started']);
  return { client, told, models: () => sent.map(({ body }) => modelOf(body)).join(' ') };
}

describe('a rate limit that asks for long', () => {
  const message = 'Rate limit reached for model `m1` on tokens per day (TPD): … Please try again in 24m32.3s.';
  const perDay = () =>
    Response.json({ error: { message, type: 'tokens', code: 'rate_limit_exceeded' } }, { status: 429 });

  // The daily allowance of one model closed the key, and the fallback with the same key was not asked.
  test('is one of its model, and leaves the key to others', async () => {
    const { client, told, models } = lone(perDay, { fallbacks: { m1: ['m2'] } });
    await client.chat.completions.create(ask('m1'));
    await client.chat.completions.create(ask('m2'));
    expect(models()).toBe('m1 m2 m2');
    expect(told.map(({ name }) => name)).toEqual(['cooldown.started']);
    expect(told[0]?.payload.forMs).toBeGreaterThanOrEqual(1_472_300);
  });

  test('is kept to: nobody asks before the hour is over', async () => {
    const { client, told, models } = lone(() => refusal(429, { 'retry-after': '3600' }));
    await errorOf(client.chat.completions.create(ask('m1')));
    expect(isNoTargetError(await errorOf(client.chat.completions.create(ask('m1'))))).toBe(true);
    expect(models()).toBe('m1');
    expect(told[0]?.payload.forMs).toBeGreaterThanOrEqual(3_600_000);
  });
});

describe('a key is not closed by', () => {
  test.each([
    [
      'a model that its project may not use',
      { code: 'model_not_found', message: 'Project `p` does not have access …' },
    ],
    [
      'a prompt that was flagged',
      { code: 403, message: 'Your input was flagged', metadata: { reasons: ['violence'] } },
    ],
  ])('%s', async (_what, error) => {
    const { client, models } = lone(() => Response.json({ error }, { status: 403 }));
    expect(await errorOf(client.chat.completions.create(ask('m1')))).toMatchObject({ status: 403 });
    await client.chat.completions.create(ask('m2'));
    expect(models()).toBe('m1 m2');
  });

  // The provider itself said that the same request may be sent again, and the key was left alone for five minutes.
  test('a 401 that says to try again', async () => {
    const { client, told } = lone(() => refusal(401, { 'x-should-retry': 'true' }));
    await errorOf(client.chat.completions.create(ask('m1')));
    expect(told).toEqual([]);
    expect(client.router.status().targets[0]?.state).toBe('ready');
  });
});
