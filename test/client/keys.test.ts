import { inspect } from 'node:util';
import OpenAI, { APIConnectionError, AzureOpenAI, type EndpointOptions, type RouterOptions } from 'breakwater';
import Official, { BedrockOpenAI } from 'openai';
import Official5 from 'openai-v5';
import Official6 from 'openai-v6';
import { describe, expect, test } from 'vitest';
import { errorOf, eventsOf, question } from './setup.js';
import { hello, refusal, refusedAt, stub } from './stub.js';

const BROKEN = 'sk-canary-1234\nsk-canary-5678';
const vault = () => Promise.reject(new Error('the vault is down'));

function clientOf(endpoints: EndpointOptions[], fetch: ReturnType<typeof stub>['fetch'], more: object = {}) {
  return new OpenAI({
    apiKey: 'sk-primary',
    maxRetries: 0,
    logLevel: 'off',
    fetch,
    ...more,
    router: { routing: 'priority', endpoints },
  });
}

describe('a key with a line break in it', () => {
  // Platforms quote the whole header when it cannot be sent; a key pasted from a file once stood in every log that way.
  test.each([
    ['given by a function', { baseURL: 'https://a.test/v1', apiKey: async () => BROKEN }],
    ['of a ready-made client', { client: new Official({ baseURL: 'https://a.test/v1', apiKey: BROKEN }) }],
  ])('%s is in no event and in no error', async (_how, endpoint) => {
    const { fetch, sent } = stub(hello);
    const client = clientOf([{ id: 'a', ...endpoint }], fetch);
    const events = eventsOf(client);
    const error = await errorOf(client.chat.completions.create(question()));
    expect(error).toBeInstanceOf(APIConnectionError);
    expect(error.cause).toBeInstanceOf(TypeError);
    const told = [
      inspect(error, { depth: 9, showHidden: true }),
      JSON.stringify(events),
      inspect(events, { depth: 9 }),
    ];
    expect(told.join()).not.toContain('canary');
    expect(events.find(({ name }) => name === 'attempt.failed')?.payload).toMatchObject({ kind: 'unsendable' });
    expect(sent).toEqual([]);
  });

  test.each([
    ['given as it is', { apiKey: BROKEN }, 'apiKey must be a key that a header can hold'],
    ['given as a header', { headers: { 'api-key': BROKEN } }, 'headers must have names and values that HTTP allows'],
  ])('%s is refused at construction, and not shown', (_how, given, line) => {
    const make = (Client: typeof OpenAI | typeof AzureOpenAI) => () =>
      new Client({
        baseURL: 'https://home.test/v1',
        apiKey: 'k',
        apiVersion: 'v1',
        router: { endpoints: [{ id: 'a', baseURL: 'https://a.test/v1', ...given }] },
      });
    for (const Client of [OpenAI, AzureOpenAI]) {
      expect(make(Client)).toThrow(line);
      expect(make(Client)).not.toThrow('canary');
    }
  });
});

describe('a key function that throws', () => {
  test('moves the call on to another endpoint, and nobody is blamed', async () => {
    const { fetch, hosts } = stub(hello);
    const endpoints = ['a', 'b'].map((id) => ({
      id,
      baseURL: `https://${id}.test/v1`,
      apiKey: id === 'a' ? vault : 'k',
    }));
    const client = clientOf(endpoints, fetch);
    const failed = eventsOf(client, ['attempt.failed']);
    const answer = await client.chat.completions.create(question());
    expect(answer.choices[0]?.message.content).toBe('hello');
    expect(hosts()).toBe('b.test');
    expect(failed.map(({ payload }) => payload.kind)).toEqual(['unsendable']);
    expect(client.router.status().targets.map(({ state }) => state)).toEqual(['ready', 'ready']);
  });

  // The caller read that a request could not be made, and nothing of the 401 that the other endpoint had answered.
  test('does not hide what the other endpoint answered', async () => {
    const { fetch } = stub(() => refusal(401));
    const endpoints = ['a', 'b'].map((id) => ({
      id,
      baseURL: `https://${id}.test/v1`,
      apiKey: id === 'a' ? vault : 'k',
    }));
    const error = await errorOf(clientOf(endpoints, fetch).chat.completions.create(question()));
    expect(error).toMatchObject({ status: 401 });
  });

  // It stood there under the name of the endpoint that was asked last.
  test('is told with the name of its own endpoint, also where another one was asked since', async () => {
    const { fetch } = stub(() => new Promise<Response>(() => {}));
    const endpoints = ['a', 'b'].map((id) => ({
      id,
      baseURL: `https://${id}.test/v1`,
      apiKey: id === 'a' ? vault : 'k',
    }));
    const router: RouterOptions = { routing: 'priority', endpoints, timeouts: { attemptMs: 50 } };
    const client = new OpenAI({ apiKey: 'sk-primary', maxRetries: 0, logLevel: 'off', fetch, router });
    const error = await errorOf(client.chat.completions.create(question()));
    expect(error.message).toMatch(/^a\/gpt-4\.1: the request could not be made/);
  });

  test('shows a typed error with its own as the cause when there is nowhere to go', async () => {
    const { fetch } = stub(hello);
    const client = clientOf([{ id: 'a', baseURL: 'https://a.test/v1', apiKey: vault }], fetch);
    const error = await errorOf(client.chat.completions.create(question()));
    expect(error).toBeInstanceOf(APIConnectionError);
    expect(error.message).toBe('a/gpt-4.1: the request could not be made, because its apiKey function failed');
    expect(error.cause).toEqual(new Error('the vault is down'));
  });
});

describe('a key that throws when it is read', () => {
  const bedrock = () => new BedrockOpenAI({ baseURL: 'https://bedrock.test/openai/v1', apiKey: 'k' });
  /** The official Bedrock client checks its key whenever somebody reads it. */
  const broken = () => Object.assign(bedrock(), { apiKey: BROKEN });

  // Naming the key of one endpoint broke every call, those that another one could answer too, and none of them ever ended.
  test.each(['before', 'after'])('keeps nobody from the endpoint %s its own', async (where) => {
    const { fetch, hosts } = stub(hello);
    const [good, bad] = [
      { id: 'a', baseURL: 'https://a.test/v1', apiKey: 'k' },
      { id: 'b', client: broken() },
    ];
    const client = clientOf(where === 'before' ? [good, bad] : [bad, good], fetch);
    const events = eventsOf(client);
    for (let i = 0; i < 3; i += 1) await client.chat.completions.create(question());
    expect(hosts()).toBe('a.test a.test a.test');
    expect(client.router.stats().requests).toMatchObject({ started: 3, succeeded: 3, inFlight: 0 });
    expect(client.router.status().targets.map(({ state }) => state)).toEqual(['ready', 'ready']);
    expect(JSON.stringify(events)).not.toContain('canary');
  });

  test('is a typed error where it is the only one', async () => {
    const { fetch, sent } = stub(hello);
    const client = clientOf([{ id: 'b', client: broken() }], fetch);
    const error = await errorOf(client.chat.completions.create(question()));
    expect(error).toBeInstanceOf(APIConnectionError);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
    expect([sent, client.router.stats().requests.inFlight]).toEqual([[], 0]);
  });
});

describe('whose key was refused', () => {
  test("one request's own bad key does not keep the client's good one from anybody", async () => {
    const good = 'Bearer sk-primary';
    const { fetch, sent } = stub(({ headers }) => (headers.get('authorization') === good ? hello() : refusal(401)));
    const client = new OpenAI({ apiKey: 'sk-primary', maxRetries: 0, fetch, router: { fallbacks: ['gpt-4o'] } });
    const headers = { Authorization: 'Bearer sk-of-a-tenant' };
    expect(await errorOf(client.chat.completions.create(question(), { headers }))).toMatchObject({ status: 401 });
    expect((await client.chat.completions.create(question())).choices).toHaveLength(1);
    expect(sent).toHaveLength(2);
  });

  test.each([
    ['7', Official],
    ['6', Official6 as unknown as typeof Official],
    // Before a function has given one, this major has a placeholder for a key: it is nobody's credential.
    ['5', Official5 as unknown as typeof Official],
  ])('two ready-made clients of major %s with key functions are told apart', async (_major, Ready) => {
    const { fetch, hosts } = stub(refusedAt('a.test', 401));
    const endpoints = ['a', 'b'].map((id) => ({
      id,
      client: new Ready({ baseURL: `https://${id}.test/v1`, apiKey: async () => `sk-${id}` }),
    }));
    const client = clientOf(endpoints, fetch);
    for (let i = 0; i < 3; i += 1) await client.chat.completions.create(question());
    // The function was asked once more, and gave the same.
    expect(hosts()).toBe('a.test b.test a.test b.test b.test');
    expect(client.router.status().targets.map(({ state }) => state)).toEqual(['quarantined', 'ready']);
  });
});

describe('a key that was refused and is another one by now', () => {
  const isOld = (headers: Headers) => headers.get('authorization') === 'Bearer old';
  const own = { id: 'own' };
  const primary = { baseURL: 'https://home.test/v1' };

  // The key of a ready-made client was read once, when the router was made: a new one waited until the quarantine was over.
  test('is used at once by a ready-made client', async () => {
    const { fetch, hosts } = stub(({ headers }) => (isOld(headers) ? refusal(401) : hello()));
    const ready = new Official({ baseURL: 'https://a.test/v1', apiKey: 'old' });
    const client = clientOf([{ id: 'a', client: ready }, own], fetch, primary);
    for (let i = 0; i < 2; i += 1) await client.chat.completions.create(question());
    expect(hosts()).toBe('a.test home.test home.test');
    ready.apiKey = 'new';
    await client.chat.completions.create(question());
    expect(hosts()).toBe('a.test home.test home.test a.test');
  });

  // One expired token kept its endpoint out for five minutes, although the next call would have brought a fresh one.
  test('is used by the next call where a function gives it, each time one has expired', async () => {
    let token = 'new';
    const { fetch, hosts } = stub(({ headers }) => (isOld(headers) ? refusal(401) : hello()));
    const client = clientOf([{ id: 'a', baseURL: 'https://a.test/v1', apiKey: () => token }, own], fetch, primary);
    const ask = async (now: string) => {
      token = now;
      await client.chat.completions.create(question());
    };
    for (let i = 0; i < 3; i += 1) {
      await ask('new');
      await ask('old');
    }
    await ask('new');
    const [fresh, expired] = ['a.test', 'a.test home.test'];
    expect(hosts()).toBe([fresh, expired, fresh, expired, fresh, expired, fresh].join(' '));
  });

  test('rests where a function gives it again', async () => {
    const { fetch, hosts } = stub(({ headers }) => (isOld(headers) ? refusal(401) : hello()));
    let asked = 0;
    const apiKey = () => {
      asked += 1;
      return 'old';
    };
    const client = clientOf([{ id: 'a', baseURL: 'https://a.test/v1', apiKey }, own], fetch, primary);
    for (let i = 0; i < 4; i += 1) await client.chat.completions.create(question());
    expect(hosts()).toBe('a.test home.test a.test home.test home.test home.test');
    expect(asked).toBe(2);
  });
});
