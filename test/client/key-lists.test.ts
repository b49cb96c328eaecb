import { inspect } from 'node:util';
import OpenAI, { AzureOpenAI, createFetch, type EndpointOptions, type RouterOptions, routeOf } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, eventsOf, question, start } from './setup.js';
import { hello, refusal, stub } from './stub.js';

const KEYS = ['sk-one', 'sk-two', 'sk-three'];
const HOME = 'https://home.test/v1';

/** A client of one endpoint with several keys, and which of them were sent, in order. */
function world(
  answer: (key: string, path: string) => Response,
  { endpoint = {}, more = {}, router = {} }: { endpoint?: object; more?: object; router?: RouterOptions } = {},
) {
  const wire = stub(({ headers, url }) => answer(headers.get('authorization')?.slice(7) ?? '', new URL(url).pathname));
  const client = new OpenAI({
    baseURL: HOME,
    apiKey: 'sk-primary',
    logLevel: 'off',
    fetch: wire.fetch,
    ...more,
    router: { endpoints: [{ id: 'a', baseURL: HOME, apiKey: KEYS, ...endpoint } as EndpointOptions], ...router },
  });
  const used = () => wire.sent.map(({ headers }) => headers.get('authorization')?.replace('Bearer sk-', '')).join(' ');
  return { ...wire, client, used };
}

const only = (good: string) => (key: string) => (key === good ? hello() : refusal(401));

describe('an endpoint with several keys', () => {
  test('uses them in turn, streamed or not', async () => {
    const { client, simulator } = await start({
      simulator: { regions: { seoul: { apiKeys: KEYS } } },
      endpoint: () => ({ apiKey: KEYS }),
    });
    for (let call = 0; call < 6; call += 1) await ask(client, call % 2 === 1);
    const sent = simulator.log.map(({ headers }) => headers.authorization);
    expect(sent).toEqual([...KEYS, ...KEYS].map((key) => `Bearer ${key}`));
  });

  test('goes on with another one at once when one is refused, and leaves that one alone', async () => {
    const { client, simulator, trail } = await start({
      simulator: { regions: { seoul: { apiKeys: KEYS.slice(1) }, tokyo: {} } },
      endpoint: ({ name }) => (name === 'seoul' ? { apiKey: KEYS } : {}),
    });
    const events = eventsOf(client, ['quarantine.started', 'retry']);
    for (let call = 0; call < 3; call += 1) await ask(client, call % 2 === 1);
    expect(trail()).toBe('seoul:401 seoul:200 seoul:200 seoul:200');
    expect(simulator.log.map(({ headers }) => headers.authorization?.slice(10))).toEqual([
      'one',
      'two',
      'three',
      'two',
    ]);
    expect(events.map(({ name, payload }) => `${name} ${(payload as { key?: string }).key}`)).toEqual([
      'quarantine.started key#1',
      'retry key#2',
    ]);
    expect(client.router.status().targets[0]).toMatchObject({
      state: 'ready',
      keys: [
        { key: 'key#1', state: 'quarantined' },
        { key: 'key#2', state: 'ready' },
        { key: 'key#3', state: 'ready' },
      ],
    });
  });

  test('has no key in any event, error, status or explanation', async () => {
    const { client } = world(() => refusal(401), { more: { maxRetries: 0 } });
    const events = eventsOf(client);
    const error = await errorOf(client.chat.completions.create(question()));
    await client.router.validateKeys();
    const { router } = client;
    const seen = [events, error, router.status(), router.stats(), router.explain(question())];
    for (const key of [...KEYS, 'sk-primary'])
      expect(inspect(seen, { depth: 12, showHidden: true })).not.toContain(key);
    expect(error).toMatchObject({ status: 401 });
  });

  test('sends none of them to another host', async () => {
    const { sent, fetch } = stub(({ host }) => (host === 'a.test' ? refusal(503) : hello()));
    const endpoints: EndpointOptions[] = ['a', 'b'].map((id) => {
      return { id, baseURL: `https://${id}.test/v1`, apiKey: [`sk-${id}-1`, `sk-${id}-2`] };
    });
    const client = new OpenAI({
      apiKey: 'sk-primary',
      logLevel: 'off',
      fetch,
      router: { routing: 'priority', endpoints },
    });
    for (let call = 0; call < 4; call += 1) await client.chat.completions.create(question());
    for (const { host, headers } of sent) expect(headers.get('authorization')).toMatch(`Bearer sk-${host[0]}-`);
    expect(new Set(sent.map(({ headers }) => headers.get('authorization'))).size).toBeGreaterThan(2);
  });

  test('asks what is kept on a server with the first of them', async () => {
    const { client, used } = world(() => Response.json({ id: 'batch-1' }));
    for (let call = 0; call < 3; call += 1) await client.batches.retrieve('batch-1');
    expect(used()).toBe('one one one');
  });

  test('passes over a function that gives none', async () => {
    const vault = () => Promise.reject(new Error('the vault is down'));
    const { client, used } = world(hello, { endpoint: { apiKey: [vault, 'sk-two'] } });
    for (let call = 0; call < 2; call += 1) await client.chat.completions.create(question());
    expect(used()).toBe('two two');
  });

  test('asks a function anew after its key was refused, and leaves it alone when the next one is too', async () => {
    let given = 0;
    const rotated = async () => {
      given += 1;
      return `sk-given-${given}`;
    };
    const { client, used } = world(only('sk-two'), { endpoint: { apiKey: [rotated, 'sk-two'] } });
    for (let call = 0; call < 5; call += 1) await client.chat.completions.create(question());
    expect(used()).toBe('given-1 two given-2 two two two two');
    const names = client.router.status().targets[0]?.keys.map(({ key, state }) => `${key} ${state}`);
    expect(names).toEqual(['a/key#1.1 quarantined', 'key#1 ready']);
  });

  test('heeds a limit for each of them', async () => {
    const { client, used } = world(hello, {
      endpoint: { limits: { perKey: { requestsPerMinute: 1 } } },
      router: { limits: { onLimit: 'reject' } },
    });
    for (let call = 0; call < 3; call += 1) await client.chat.completions.create(question());
    const error = await errorOf(client.chat.completions.create(question()));
    expect(error.message).toContain('no room in the limits of a key of a');
    expect(used()).toBe('one two three');
  });

  test('tells the caller in its route which of them were used', async () => {
    const { client } = world(only('sk-two'));
    const succeeded = eventsOf(client, ['request.succeeded']);
    const answer = await client.chat.completions.create(question());
    expect(routeOf(answer)?.attempts.map(({ key, kind }) => `${key} ${kind}`)).toEqual(['key#1 auth', 'key#2 ok']);
    expect(succeeded).toMatchObject([{ payload: { attempts: 2, rerouted: false } }]);
    expect(client.router.stats()).toMatchObject({ attempts: 2, failovers: 0, retries: 1 });
  });

  test('may be behind a fetch for another SDK', async () => {
    const { sent, fetch } = stub(hello);
    const routed = createFetch({ fetch, endpoints: [{ id: 'a', baseURL: HOME, apiKey: KEYS }] });
    const body = JSON.stringify(question());
    for (let call = 0; call < 3; call += 1)
      await routed(`${HOME}/chat/completions`, { method: 'POST', headers: { authorization: 'Bearer theirs' }, body });
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual(KEYS.map((key) => `Bearer ${key}`));
  });

  test('may be a resource of Azure', async () => {
    const { sent, fetch } = stub(({ headers }) => (headers.get('api-key') === 'k1' ? refusal(401) : hello()));
    const client = new AzureOpenAI({
      endpoint: 'https://one.test',
      apiKey: 'own',
      apiVersion: '2024-10-21',
      logLevel: 'off',
      fetch,
      router: {
        endpoints: [{ id: 'two', baseURL: 'https://two.test/openai', apiKey: ['k1', 'k2', async () => 'k3'] }],
      },
    });
    for (let call = 0; call < 2; call += 1) await client.chat.completions.create(question());
    expect(sent.map(({ headers }) => headers.get('api-key') ?? headers.get('authorization'))).toEqual([
      'k1',
      'k2',
      'Bearer k3',
    ]);
  });
});

describe('a list of keys', () => {
  test.each([
    ['an empty one', [], 'apiKey must have at least one key, but is an empty list'],
    ['one that says the same twice', ['sk-canary', 'k', 'sk-canary'], 'apiKey[2] must be another key than the others'],
    ['one with a key that cannot be sent', ['k', 'sk-canary\nx'], 'apiKey[1] must be a key that a header can hold'],
    ['one with something else in it', ['k', 7], 'apiKey[1] must be a key or a function that gives one'],
  ])('is refused: %s', (_what, apiKey, line) => {
    const make = () => world(hello, { endpoint: { apiKey } });
    expect(make).toThrow(line);
    expect(make).not.toThrow('canary');
  });

  test('of one key is that key', async () => {
    const { client, used } = world(hello, { endpoint: { apiKey: ['sk-one'] } });
    for (let call = 0; call < 2; call += 1) await client.chat.completions.create(question());
    expect(used()).toBe('one one');
  });
});

describe('validateKeys', () => {
  test('answers for each key by its name, and leaves those that are refused alone', async () => {
    const quota = Response.json.bind(Response, { error: { code: 'insufficient_quota' } }, { status: 429 });
    const { client, sent, used } = world((key, path) => {
      if (path.endsWith('/models')) return key === 'sk-two' ? refusal(401) : key === 'sk-three' ? quota() : hello();
      return hello();
    });
    expect(await client.router.validateKeys()).toEqual([
      { endpoint: 'a', key: 'key#1', verdict: 'ok', status: 200 },
      { endpoint: 'a', key: 'key#2', verdict: 'refused', status: 401 },
      { endpoint: 'a', key: 'key#3', verdict: 'no quota', status: 429 },
    ]);
    expect(sent.map(({ url }) => url)).toEqual(Array(3).fill(`${HOME}/models`));
    for (let call = 0; call < 2; call += 1) await client.chat.completions.create(question());
    expect(used()).toBe('one two three one three');
  });

  test('asks for the models over real HTTP too, whatever the probe of the endpoints is', async () => {
    const { client } = await start({
      simulator: { regions: { seoul: { apiKeys: ['sk-one'] }, tokyo: {} } },
      endpoint: ({ name }) => (name === 'seoul' ? { apiKey: KEYS.slice(0, 2) } : {}),
      router: { health: { probe: () => true } },
    });
    expect((await client.router.validateKeys()).map(({ endpoint, verdict }) => `${endpoint} ${verdict}`)).toEqual([
      'seoul ok',
      'seoul refused',
      'tokyo ok',
    ]);
  });

  test('answers for the one key of a client without endpoints, and never rejects', async () => {
    const fetch = () => Promise.reject(new TypeError('fetch failed'));
    const client = new OpenAI({ baseURL: HOME, apiKey: 'sk-primary', logLevel: 'off', fetch, router: {} });
    expect(await client.router.validateKeys()).toEqual([
      { endpoint: 'default', key: 'key#1', verdict: 'unknown', status: undefined },
    ]);
  });
});
