import OpenAI, { isNoTargetError, NoTargetError, OptionsError, routeOf } from 'breakwater';
import { APIConnectionError } from 'openai';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, eventsOf, question, routed, start } from './setup.js';

const LONE = { simulator: { regions: { seoul: {} } } };

describe('clients and their children', () => {
  test('share what is known: what a child learned its parent knows', async () => {
    const { client, seoul, trail } = await start();
    const child = client.withOptions({ maxRetries: 0, timeout: 5_000 });
    expect(child.router).toBe(client.router);
    const router = { endpoints: [{ id: 'a' }] };
    const other = new OpenAI({ apiKey: 'k', router });
    expect(other.withOptions({ router }).router).toBe(other.router);
    seoul.fault({ kind: 'rate-limit', retryAfterSeconds: 20 });
    const events = eventsOf(client, ['failover']);
    await ask(child, false);
    await ask(client, false);
    expect(trail()).toBe('seoul:429 tokyo:200 tokyo:200');
    expect(events.length).toBe(1);
  });

  test('have a router of their own when they bring router options or a base URL', async () => {
    const { client, seoul, tokyo, trail } = await start();
    seoul.fault({ kind: 'rate-limit', retryAfterSeconds: 20 });
    await ask(client, false);
    const child = client.withOptions(routed({ fallbacks: ['gpt-4o'] }));
    expect(child.router).not.toBe(client.router);
    await ask(child, false);
    expect(trail()).toBe('seoul:429 tokyo:200 seoul:429 tokyo:200');
    expect(client.withOptions({ baseURL: tokyo.baseURL }).router).not.toBe(client.router);
  });

  test('a grandchild shares the router of its parent, not of the first of them all', async () => {
    const { client } = await start();
    const child = client.withOptions(routed({ fallbacks: ['gpt-4o'] }));
    const heard = eventsOf(child, ['request.succeeded']);
    const grandchildren = [child.withOptions({ timeout: 5_000 }), child.withOptions({ maxRetries: 0 })];
    for (const grandchild of grandchildren) {
      expect(grandchild.router).toBe(child.router);
      await ask(grandchild, false);
    }
    expect(heard).toHaveLength(2);
  });

  test('have another fetch and the router options of their parent when they bring a fetch', async () => {
    const { client, trail } = await start();
    let calls = 0;
    const child = client.withOptions({
      fetch: (input, init) => {
        calls += 1;
        return fetch(input, init);
      },
    });
    expect(child.router).not.toBe(client.router);
    await ask(child, false);
    expect([calls, trail()]).toEqual([1, 'seoul:200']);
  });

  // The constructor refused null, but a child took it for "as my parent".
  test.each([[null], ['on'], [[]]])('refuse router options that are none: %j', async (router) => {
    const { client } = await start();
    expect(() => client.withOptions({ router } as object)).toThrow(OptionsError);
    expect(() => client.withOptions({ router } as object)).toThrow(
      /router must be an object, but is (?:null|"on"|a list)/,
    );
  });

  test('two clients know nothing of each other', async () => {
    const { client, seoul, trail } = await start();
    const other = new OpenAI({
      baseURL: seoul.baseURL,
      apiKey: 'sk-b',
      logLevel: 'off',
      router: { retries: { maxWaitMs: 0 } },
    });
    seoul.fault({ kind: 'rate-limit', retryAfterSeconds: 20, times: 1 });
    await ask(client, false);
    await ask(other, false);
    expect(trail()).toBe('seoul:429 tokyo:200 seoul:200');
  });

  test("a child's dead key is not its parent's", async () => {
    const options = { simulator: { regions: { seoul: { apiKeys: ['sk-good'] } } } };
    const { client, trail } = await start({
      ...options,
      client: { apiKey: 'sk-good' },
      router: { endpoints: [{ id: 'a' }, { id: 'b' }] },
    });
    const child = client.withOptions({ apiKey: 'sk-dead' });
    expect(await errorOf(child.chat.completions.create(question()))).toMatchObject({ status: 401 });
    expect(client.router.status().targets.map(({ state }) => state)).toEqual(['ready', 'ready']);
    await ask(client, false);
    expect(trail()).toBe('seoul:401 seoul:200');
  });
});

describe('a dead key', () => {
  test('rests until another one is there: a key that was changed is used at once', async () => {
    const { client, trail } = await start({
      simulator: { regions: { seoul: { apiKeys: ['sk-new'] } } },
      client: { apiKey: 'sk-old' },
      router: { endpoints: [{ id: 'one' }, { id: 'two' }], whenExhausted: 'fail' },
    });
    const events = eventsOf(client, ['quarantine.started', 'target.skipped']);
    expect(await errorOf(client.chat.completions.create(question()))).toMatchObject({ status: 401 });
    expect(events[0]?.payload).toMatchObject({ scope: 'credential', reason: 'auth', forMs: 300_000 });
    const resting = await errorOf<NoTargetError>(client.chat.completions.create(question()));
    expect(isNoTargetError(resting)).toBe(true);
    client.apiKey = 'sk-new';
    await ask(client, false);
    expect(trail()).toBe('seoul:401 seoul:200');
  });
});

describe('when every target rests', () => {
  test('the error says who rests, for how long, and what helps', async () => {
    const { client, seoul, tokyo, simulator } = await start({ client: { maxRetries: 0 } });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'rate-limit', retryAfterSeconds: 20 });
    await errorOf(client.chat.completions.create(question()));
    const error = await errorOf<NoTargetError>(client.chat.completions.create(question()));
    expect(error).toBeInstanceOf(NoTargetError);
    expect(error).toBeInstanceOf(APIConnectionError);
    expect(isNoTargetError(error)).toBe(true);
    expect(error).toMatchObject({ code: 'BREAKWATER_NO_TARGET', name: 'NoTargetError', attempts: [] });
    expect(error.retryAfterMs).toBeGreaterThan(19_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(24_000);
    expect(error.skipped.map(({ target, reason }) => `${target} ${reason}`)).toEqual([
      'seoul/gpt-4.1 cooldown',
      'tokyo/gpt-4.1 cooldown',
    ]);
    expect(error.message).toMatch(
      /^every target is resting: seoul\/gpt-4\.1 \(cooldown, [\d.]+ (?:ms|s|min) left\), tokyo\/gpt-4\.1 \(cooldown, [\d.]+ (?:ms|s|min) left\)\. Try again in [\d.]+ (?:ms|s|min), or name other endpoints or `fallbacks`\.$/,
    );
    expect(routeOf(error)?.attempts).toEqual([]);
    expect(simulator.log.length).toBe(2);
  });

  test('a target that was opened by hand is named with what closes it, and without a time', async () => {
    const { client } = await start({ endpoint: () => ({ models: ['gpt-4.1'] }), client: { maxRetries: 0 } });
    for (const id of ['seoul/gpt-4.1', 'tokyo/gpt-4.1']) client.router.target(id).breaker.open();
    const error = await errorOf<NoTargetError>(client.chat.completions.create(question()));
    const why = '(breaker: opened by hand, until somebody closes it)';
    expect(error.message).toBe(
      `every target is resting: seoul/gpt-4.1 ${why}, tokyo/gpt-4.1 ${why}. ` +
        "Close it by hand (`client.router.target('seoul/gpt-4.1')`), or name other endpoints or `fallbacks`.",
    );
    expect([error.retryAfterMs, error.skipped.map(({ leftMs }) => leftMs)]).toEqual([
      undefined,
      [undefined, undefined],
    ]);
  });

  test('a model that nobody serves is told by its name', async () => {
    const { client, simulator } = await start({ endpoint: () => ({ models: ['gpt-4o'] }) });
    const error = await errorOf(client.chat.completions.create(question()));
    expect(error.message).toBe(
      'no endpoint serves the model "gpt-4.1". List the model under `models` of an endpoint, or name `fallbacks` for it.',
    );
    expect(simulator.log).toEqual([]);
  });

  test('a request that names its endpoint is advised to name another one, for nothing else would help', async () => {
    const { client, seoul } = await start({ endpoint: () => ({ models: ['gpt-4.1'] }), client: { maxRetries: 0 } });
    const pinned = routed({ endpoint: 'seoul' });
    const unknown = { ...question(), model: 'gpt-4o' };
    expect((await errorOf(client.chat.completions.create(unknown, pinned))).message).toBe(
      'endpoint "seoul" does not serve the model "gpt-4o". List the model under `models` of that endpoint, or name another `router.endpoint`.',
    );
    // With nowhere else to go up to a minute is waited for.
    seoul.fault({ kind: 'rate-limit', retryAfterSeconds: 90 });
    await errorOf(client.chat.completions.create(question(), pinned));
    const { message } = await errorOf(client.chat.completions.create(question(), pinned));
    expect(message).toMatch(/left\)\. Try again in [\d.]+ (?:ms|s|min), or name another `router\.endpoint`\.$/);
  });

  test.each([
    ['unauthorized', 'auth', 'Look at the keys of seoul, tokyo: refused by the provider.'],
    ['quota', 'quota', 'Look at the keys of seoul, tokyo: no quota left.'],
  ] as const)(
    'after every key failed by %s the error names the trouble and the keys',
    async (kind, because, remedy) => {
      const router = { whenExhausted: 'fail' } as const;
      const { client, seoul, tokyo } = await start({ client: { maxRetries: 0 }, router });
      for (const region of [seoul, tokyo]) region.fault({ kind });
      await errorOf(client.chat.completions.create(question()));
      const error = await errorOf<NoTargetError>(client.chat.completions.create(question()));
      expect(error.skipped.map((skip) => skip.because)).toEqual([because, because]);
      const end = error.message.slice(error.message.indexOf('. ') + 2);
      expect(end.replace(/[\d.]+ (?:ms|s|min)/, 'N')).toBe(`${remedy} Try again in N.`);
    },
  );

  test('a lone target is asked all the same, as the official client would', async () => {
    const { client, trail } = await start({ ...LONE, simulator: { regions: { seoul: { apiKeys: ['sk-x'] } } } });
    await errorOf(client.chat.completions.create(question()));
    expect(await errorOf(client.chat.completions.create(question()))).toMatchObject({ status: 401 });
    expect(trail()).toBe('seoul:401 seoul:401');
  });
});

test('an identity by certificate and a router do not go together', () => {
  const options = { apiKey: 'k', router: {}, x509Transport: {} };
  expect(() => new OpenAI(options as ConstructorParameters<typeof OpenAI>[0])).toThrow(OptionsError);
});
