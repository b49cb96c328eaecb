import OpenAI, { AzureOpenAI, OptionsError, routeOf } from 'breakwater';
import OfficialOpenAI, { AzureOpenAI as OfficialAzure } from 'openai';
import OfficialOpenAI5 from 'openai-v5';
import OfficialOpenAI6 from 'openai-v6';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, question, routed, start, turn } from './setup.js';
import { hello, stub } from './stub.js';

describe('an endpoint', () => {
  test('is shown with its host, and with nothing of its address that could hold a key', async () => {
    const { client, seoul, tokyo } = await start({
      endpoint: ({ name, baseURL }) => ({ region: `kr-${name}`, baseURL: `${baseURL}?secret=key` }),
    });
    expect(client.router.endpoints()).toEqual(
      [seoul, tokyo].map(({ name, baseURL }) => ({ id: name, region: `kr-${name}`, origin: new URL(baseURL).origin })),
    );
  });

  test('is asked with its own key, headers and query', async () => {
    const { client, simulator, seoul } = await start({
      endpoint: ({ name }) => ({ headers: { 'X-Region': name }, query: { zone: name } }),
    });
    seoul.fault({ kind: 'status', status: 500 });
    await ask(client, false);
    expect(simulator.log.map(({ headers, query }) => [headers.authorization, headers['x-region'], query])).toEqual([
      ['Bearer sk-seoul', 'seoul', '?zone=seoul'],
      ['Bearer sk-tokyo', 'tokyo', '?zone=tokyo'],
    ]);
  });

  test('is asked for a model by the name it knows it by', async () => {
    const models = ['my-deployment', 'gpt-4.1'];
    const { client, simulator, seoul } = await start({
      simulator: { regions: { seoul: { models }, tokyo: {} } },
      endpoint: ({ name }) => (name === 'seoul' ? { models: { 'gpt-4.1': 'my-deployment' } } : {}),
    });
    expect(await ask(client, false)).toBe('hello there');
    expect(await ask(client, true)).toBe('hello there');
    seoul.fault({ kind: 'status', status: 500 });
    const answer = await client.chat.completions.create(question());
    expect(simulator.log.map(({ region, model }) => `${region} ${model}`)).toEqual([
      'seoul my-deployment',
      'seoul my-deployment',
      'seoul my-deployment',
      'tokyo gpt-4.1',
    ]);
    expect(routeOf(answer)?.target).toBe('tokyo/gpt-4.1');
  });

  test('is passed over for a model that it does not list', async () => {
    const { client, trail } = await start({ endpoint: ({ name }) => (name === 'seoul' ? { models: ['gpt-4o'] } : {}) });
    await ask(client, false);
    expect(trail()).toBe('tokyo:200');
  });

  test('may send its requests by a fetch of its own', async () => {
    const sent: string[] = [];
    const own = (url: string, init: RequestInit) => {
      sent.push(`${init.method} ${new URL(url).pathname}`);
      return fetch(url, init);
    };
    const { client, seoul } = await start({ endpoint: ({ name }) => (name === 'tokyo' ? { fetch: own } : {}) });
    seoul.fault({ kind: 'refuse' });
    await ask(client, true);
    expect(sent).toEqual(['POST /v1/chat/completions']);
  });

  test('gets the key that its function gives, anew for each attempt', async () => {
    let given = 0;
    const { client, simulator } = await start({ endpoint: () => ({ apiKey: async () => `sk-${++given}` }) });
    await ask(client, false);
    await ask(client, false);
    expect(simulator.log.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-1', 'Bearer sk-2']);
  });

  // The key came when another endpoint had answered long since: the request was sent all the same, and billed.
  test('is not asked any more when its key comes after the attempt was given up', async () => {
    const { fetch, hosts } = stub(hello);
    let give = (_key: string): void => undefined;
    const slow = new Promise<string>((resolve) => {
      give = resolve;
    });
    const endpoints = [
      { id: 'a', baseURL: 'https://a.test/v1', apiKey: () => slow },
      { id: 'b', baseURL: 'https://b.test/v1', apiKey: 'sk-b' },
    ];
    const client = new OpenAI({
      apiKey: 'k',
      fetch,
      router: { routing: 'priority', endpoints, timeouts: { attemptMs: 20 } },
    });
    await client.chat.completions.create(question());
    give('sk-a');
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(hosts()).toBe('b.test');
  });

  test('whose key function throws fails the call, and nobody is blamed', async () => {
    const apiKey = () => Promise.reject(new Error('no key today'));
    const { client, trail } = await start({ endpoint: () => ({ apiKey }) });
    const error = await errorOf(client.chat.completions.create(question()));
    expect(`${error.message} ${(error.cause as Error | undefined)?.message}`).toContain('no key today');
    expect(trail()).toBe('');
    expect(client.router.status().targets[0]?.state).toBe('ready');
  });

  test.each([
    ['a slash at its end', (url: string) => `${url}/`, '/v1/chat/completions', ''],
    ['a query', (url: string) => `${url}?api-version=1`, '/v1/chat/completions', '?api-version=1'],
    ['a slash and a query', (url: string) => `${url}/?api-version=1`, '/v1/chat/completions', '?api-version=1'],
  ])('may have a base URL with %s', async (_what, change, path, query) => {
    const { client, simulator } = await start({ endpoint: ({ baseURL }) => ({ baseURL: change(baseURL) }) });
    await ask(client, false);
    expect(simulator.log.map((entry) => entry.path + entry.query)).toEqual([path + query]);
  });

  test("without a base URL is at the client's own address, and gets what the client always sends", async () => {
    const { simulator, seoul } = await start();
    const client = new OpenAI({
      baseURL: seoul.baseURL,
      apiKey: 'sk-primary',
      organization: 'org-primary',
      defaultHeaders: { 'X-Team': 'blue' },
      defaultQuery: { 'api-version': '7' },
      router: { endpoints: [{ id: 'own' }] },
    });
    await ask(client, false);
    expect(simulator.log[0]).toMatchObject({
      query: '?api-version=7',
      headers: { authorization: 'Bearer sk-primary', 'openai-organization': 'org-primary', 'x-team': 'blue' },
    });
  });

  test('on another host without a key of its own is refused when the client is made', () => {
    const make = () =>
      new OpenAI({
        baseURL: 'http://127.0.0.1:1/v1',
        apiKey: 'sk-primary',
        router: { endpoints: [{ id: 'a' }, { id: 'b', baseURL: 'http://127.0.0.1:2/v1' }] },
      });
    expect(make).toThrow(OptionsError);
    expect(make).toThrow(/router\.endpoints\[1\]\.apiKey is required for "b": http:\/\/127\.0\.0\.1:2 is not the host/);
  });
});

describe('a ready-made client as an endpoint', () => {
  test('dresses its requests itself', async () => {
    const { client, simulator, seoul } = await start({
      client: { defaultHeaders: { 'X-Primary': 'secret' } },
      endpoint: ({ name, baseURL }) =>
        name === 'tokyo'
          ? { client: new OfficialOpenAI({ baseURL, apiKey: 'sk-made', defaultHeaders: { 'X-Made': 'yes' } }) }
          : {},
    });
    seoul.fault({ kind: 'status', status: 500 });
    expect(await ask(client, false)).toBe('hello there');
    expect(await ask(client, true)).toBe('hello there');
    const { headers } = simulator.log[1] ?? { headers: {} as Record<string, string> };
    expect(headers).toMatchObject({ authorization: 'Bearer sk-made', 'x-made': 'yes' });
    expect(headers['x-primary']).toBeUndefined();
  });

  test.each([
    ['7', OfficialOpenAI],
    ['6', OfficialOpenAI6 as unknown as typeof OfficialOpenAI],
    ['5', OfficialOpenAI5 as unknown as typeof OfficialOpenAI],
  ])('of major %s may have a function for a key', async (_major, Official) => {
    const { client, simulator } = await start({
      endpoint: ({ baseURL }) => ({ client: new Official({ baseURL, apiKey: async () => 'sk-given' }) }),
    });
    expect(await ask(client, false)).toBe('hello there');
    expect(simulator.log[0]?.headers.authorization).toBe('Bearer sk-given');
  });

  test.each([
    ['a key', { apiKey: 'azure-key' }, { 'api-key': 'azure-key' }],
    ['a token provider', { azureADTokenProvider: async () => 'token' }, { authorization: 'Bearer token' }],
  ])('may be an Azure client with %s', async (_what, credential, headers) => {
    const azure = (endpoint: string) => new OfficialAzure({ endpoint, apiVersion: '2025-01-01', ...credential });
    const { client, simulator, seoul } = await start({
      simulator: { regions: { seoul: {}, tokyo: { models: ['my-deployment'] } } },
      endpoint: ({ name, azureEndpoint }) =>
        name === 'tokyo' ? { client: azure(azureEndpoint), models: { 'gpt-4.1': 'my-deployment' } } : {},
    });
    seoul.fault({ kind: 'status', status: 503 });
    expect(await ask(client, false)).toBe('hello there');
    expect(await ask(client, true)).toBe('hello there');
    expect(simulator.log[1]).toMatchObject({
      path: '/openai/deployments/my-deployment/chat/completions',
      query: '?api-version=2025-01-01',
      headers,
    });
  });
});

describe('an Azure client', () => {
  test('treats plain endpoints as Azure resources, and moves on to other deployments', async () => {
    const { simulator, seoul, tokyo, trail } = await start();
    const client = new AzureOpenAI({
      endpoint: seoul.azureEndpoint,
      apiKey: 'azure-seoul',
      apiVersion: '2025-01-01',
      router: {
        routing: 'priority',
        endpoints: [{ id: 'seoul' }, { id: 'tokyo', baseURL: `${tokyo.azureEndpoint}/openai`, apiKey: 'azure-tokyo' }],
      },
    });
    seoul.fault({ kind: 'status', status: 500 });
    expect(await ask(client as unknown as OpenAI, false)).toBe('hello there');
    expect(trail()).toBe('seoul:500 tokyo:200');
    expect(simulator.log.map(({ path, headers }) => `${path} ${headers['api-key']}`)).toEqual([
      '/openai/deployments/gpt-4.1/chat/completions azure-seoul',
      '/openai/deployments/gpt-4.1/chat/completions azure-tokyo',
    ]);
    expect(simulator.log[1]?.query).toBe('?api-version=2025-01-01');
  });

  test('with one endpoint goes on to a fallback model under its own address', async () => {
    const { simulator, seoul } = await start();
    const client = new AzureOpenAI({
      endpoint: seoul.azureEndpoint,
      apiKey: 'azure-seoul',
      apiVersion: '2025-01-01',
      router: { fallbacks: ['gpt-4o'] },
    });
    seoul.model('gpt-4.1').fault({ kind: 'status', status: 503, retryAfter: 30 });
    const answer = await client.chat.completions.create(question());
    expect(answer.model).toBe('gpt-4o');
    expect(simulator.log.at(-1)?.path).toBe('/openai/deployments/gpt-4o/chat/completions');
    expect(client.withOptions({ maxRetries: 1 }).router).toBe(client.router);
  });
});

test("a router's endpoint is found by the name in the request's options, and a wrong name is told", async () => {
  const { client, trail } = await start();
  await client.chat.completions.create(question(), routed({ endpoint: 'tokyo' }));
  const error = await errorOf(client.chat.completions.create(question(), routed({ endpoint: 'busan' })));
  expect(error).toBeInstanceOf(OptionsError);
  expect(error.message).toContain('router.endpoint must be one of seoul, tokyo, but is "busan"');
  expect(trail()).toBe('tokyo:200');
});
