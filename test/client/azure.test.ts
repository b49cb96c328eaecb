import OpenAI, { AzureOpenAI, OptionsError, type RouterOptions } from 'breakwater';
import { AzureOpenAI as OfficialAzure } from 'openai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { question } from './setup.js';
import { refusedAt, stub } from './stub.js';

const CANARY = 'canary-of-the-environment';

beforeEach(() => {
  vi.stubEnv('AZURE_OPENAI_API_KEY', CANARY);
  vi.stubEnv('OPENAI_CUSTOM_HEADERS', `X-Corp: ${CANARY}`);
  vi.stubEnv('OPENAI_ORG_ID', CANARY);
  vi.stubEnv('OPENAI_PROJECT_ID', CANARY);
});
afterEach(() => void vi.unstubAllEnvs());

const elsewhere = 'https://away.test/openai';

/** A client at home.test whose home is down, with its wire. */
function world(router: RouterOptions, more: object = {}) {
  const wire = stub(refusedAt('home.test'));
  const client = new AzureOpenAI({
    endpoint: 'https://home.test',
    apiVersion: 'v1',
    fetch: wire.fetch,
    maxRetries: 0,
    ...more,
    router: { routing: 'priority', ...router },
  });
  return { ...wire, client };
}

describe('the other endpoints of an Azure client', () => {
  test.each([
    ['a key', 'sk-away', ['sk-away', null]],
    ['a key function, beside which the key of the environment once threw', () => 'token', [null, 'Bearer token']],
  ] as const)('with %s get nothing of the environment', async (_what, apiKey, credentials) => {
    const { client, sent, hosts } = world({ endpoints: [{ id: 'home' }, { id: 'b', baseURL: elsewhere, apiKey }] });
    await client.chat.completions.create(question());
    expect(hosts()).toBe('home.test away.test');
    expect(sent[0]?.headers.get('api-key')).toBe(CANARY);
    expect(JSON.stringify([sent[1]?.url, [...(sent[1]?.headers ?? [])]])).not.toContain(CANARY);
    expect([sent[1]?.headers.get('api-key'), sent[1]?.headers.get('authorization')]).toEqual(credentials);
  });

  test("without a key use the client's token provider", async () => {
    const azureADTokenProvider = async () => 'of-the-provider';
    vi.stubEnv('AZURE_OPENAI_API_KEY', undefined);
    const { client, sent } = world(
      { endpoints: [{ id: 'home' }, { id: 'b', baseURL: elsewhere }] },
      { azureADTokenProvider },
    );
    await client.chat.completions.create(question());
    expect(sent[1]?.headers.get('authorization')).toBe('Bearer of-the-provider');
  });

  test('without a key and a provider are refused, also where the environment has a key', () => {
    const make = () => world({ endpoints: [{ id: 'home' }, { id: 'b', baseURL: elsewhere }] });
    expect(make).toThrow(OptionsError);
    expect(make).toThrow('router.endpoints[1].apiKey is required for "b"');
  });
});

test("the client's own resource is asked with the key and the default headers of the child that calls", async () => {
  const { client, sent } = world(
    { endpoints: [{ id: 'own' }, { id: 'b', baseURL: elsewhere, apiKey: 'sk-away' }] },
    { apiKey: 'sk-parent', defaultHeaders: { 'X-Mine': 'parent' } },
  );
  const child = client.withOptions({ apiKey: 'sk-child', defaultHeaders: { 'X-Mine': 'child' } });
  expect(child.router).toBe(client.router);
  await child.chat.completions.create(question());
  expect(sent.map(({ headers }) => [headers.get('api-key'), headers.get('x-mine')])).toEqual([
    ['sk-child', 'child'],
    ['sk-away', null],
  ]);
});

// With a deployment for all requests, the same one was asked again under the name of another model, and said to be that.
describe('a fixed deployment', () => {
  const fixed = { deployment: 'dep' };
  const own = 'the client has a deployment, which answers for every model';

  test.each<[string, RouterOptions, object, string]>([
    ['fallbacks', { fallbacks: ['m2'] }, fixed, `router.fallbacks cannot name "m2": ${own}`],
    ['fallbacks of one model', { fallbacks: { m: ['m2'] } }, fixed, `router.fallbacks["m"] cannot name "m2": ${own}`],
    [
      'fallbacks for a long prompt',
      { fallbacksFor: { contextWindow: { m: ['long'] } } },
      fixed,
      `router.fallbacksFor.contextWindow["m"] cannot name "long": ${own}`,
    ],
    [
      'another name for a model',
      { endpoints: [{ id: 'a', models: { m: 'm', n: 'my-n' } }] },
      fixed,
      'router.endpoints[0].models cannot rename "n" to "my-n": its client has a deployment ("dep"), which answers for every model; leave one of them out',
    ],
    [
      'another name elsewhere',
      { endpoints: [{ id: 'a' }, { id: 'b', baseURL: elsewhere, apiKey: 'k', models: { m: 'my-m' } }] },
      fixed,
      'router.endpoints[1].models cannot rename "m" to "my-m"',
    ],
    [
      'fallbacks, the deployment being in the address',
      { fallbacks: ['m2'] },
      { endpoint: undefined, baseURL: 'https://home.test/openai/deployments/dep' },
      `router.fallbacks cannot name "m2": ${own}`,
    ],
  ])('is refused beside %s', (_what, router, more, line) => {
    const make = () => world(router, more);
    expect(make).toThrow(OptionsError);
    expect(make).toThrow(line);
  });

  test('of a ready-made client is refused beside another name as well', () => {
    const client = new OfficialAzure({ endpoint: 'https://a.test', apiKey: 'k', apiVersion: 'v1', deployment: 'dep' });
    const make = () => new OpenAI({ apiKey: 'k', router: { endpoints: [{ id: 'a', client, models: { m: 'my-m' } }] } });
    expect(make).toThrow('router.endpoints[0].models cannot rename "m" to "my-m"');
  });

  test.each<[string, RouterOptions, object]>([
    ['fallbacks without one', { fallbacks: ['m2'] }, {}],
    ['the name of that deployment', { endpoints: [{ id: 'a', models: { m: fixed.deployment } }] }, fixed],
    ['a list of models', { endpoints: [{ id: 'a', models: ['m', 'n'] }] }, fixed],
    [
      'a fallback that an endpoint says to have',
      { endpoints: [{ id: 'a' }, { id: 'b', baseURL: elsewhere, apiKey: 'k', models: ['m2'] }], fallbacks: ['m2'] },
      fixed,
    ],
    [
      'a fallback to a client without one',
      {
        endpoints: [
          { id: 'a' },
          { id: 'b', client: new OfficialAzure({ endpoint: 'https://b.test', apiKey: 'k', apiVersion: 'v1' }) },
        ],
        fallbacks: ['m2'],
      },
      fixed,
    ],
  ])('is no matter for %s', (_what, router, more) => {
    expect(() => world(router, more)).not.toThrow();
  });
});

// Both options were once passed over in silence for endpoints that an official client dresses.
test("an endpoint's own headers and query go out from an Azure client too, at home and elsewhere", async () => {
  const own = { headers: { 'x-team': 'harbour' }, query: { trace: 'on' } };
  const { client, sent } = world({
    endpoints: [
      { id: 'home', ...own },
      { id: 'b', baseURL: elsewhere, apiKey: 'sk-away', ...own },
    ],
  });
  await client.chat.completions.create(question());
  const told = sent.map(({ url, headers }) => [new URL(url).searchParams.get('trace'), headers.get('x-team')]);
  expect(told).toEqual([
    ['on', 'harbour'],
    ['on', 'harbour'],
  ]);
});
