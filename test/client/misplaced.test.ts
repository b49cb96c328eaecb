import OpenAI, { AzureOpenAI, createFetch, isOptionsError, type OptionsError, type RouterOptions } from 'breakwater';
import type { AzureClientOptions, ClientOptions } from 'openai';
import type { ClientOptions as ClientOptions5 } from 'openai-v5';
import type { AzureClientOptions as Azure5 } from 'openai-v5/azure';
import type { ClientOptions as ClientOptions6 } from 'openai-v6';
import type { AzureClientOptions as Azure6 } from 'openai-v6/azure';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { ONLY_OURS } from '../../packages/client/src/options.js';

function faultsOf(make: () => unknown): readonly string[] {
  try {
    make();
    return [];
  } catch (error) {
    if (!isOptionsError(error)) throw error;
    return (error as OptionsError).faults;
  }
}

const at = (options: object) => faultsOf(() => new OpenAI({ apiKey: 'k', ...options }));

// In plain JavaScript nobody said a word, and nothing was routed: the official client ignores what it does not know.
describe('an option of the router beside the official ones', () => {
  test.each(ONLY_OURS)('%s is refused, with the place where it belongs', (name) => {
    expect(at({ [name]: [] })).toEqual([`${name} belongs under router: { router: { ${name}: … } }`]);
  });

  test('is refused beside a router too, all of them at once, and never shown', () => {
    const endpoints = [{ id: 'a', apiKey: 'sk-canary' }];
    const faults = at({ endpoints, breaker: false, router: {} });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['endpoints', 'breaker']);
    expect(faults.join()).not.toContain('canary');
  });

  // `retries` beside `router` was passed over in silence: whoever wrote it there had the defaults, and did not know.
  test.each(['retries', 'timeouts', 'streams'])('%s is refused beside a router, by name', (name) => {
    const line = `${name} belongs under router: { router: { ${name}: … } }`;
    expect(at({ [name]: {}, router: {} })).toEqual([line]);
    const routed = new OpenAI({ apiKey: 'k', router: {} });
    expect(faultsOf(() => routed.withOptions({ [name]: {} }))).toEqual([line]);
    const azure = { apiKey: 'k', endpoint: 'https://a.test', apiVersion: '1', router: {}, [name]: {} };
    expect(faultsOf(() => new AzureOpenAI(azure))).toEqual([line]);
  });

  // Anybody may call something of their own `timeouts`: without a router the client is the official one.
  test.each(['retries', 'timeouts', 'streams'])(
    '%s is ignored without a router, as the official client does',
    (name) => {
      expect(at({ [name]: {} })).toEqual([]);
      expect(faultsOf(() => new OpenAI({ apiKey: 'k' }).withOptions({ [name]: {} }))).toEqual([]);
    },
  );

  test('is refused by withOptions and by an Azure client', () => {
    const client = new OpenAI({ apiKey: 'k' });
    expect(faultsOf(() => client.withOptions({ fallbacks: {} } as object))).toHaveLength(1);
    const azure = { apiKey: 'k', endpoint: 'https://a.test', apiVersion: '1', lastResort: () => 'x' };
    expect(faultsOf(() => new AzureOpenAI(azure))).toHaveLength(1);
  });

  test('is nothing while it is undefined', () => {
    expect(at({ endpoints: undefined, breaker: undefined })).toEqual([]);
  });

  test('has no name that an official client knows, in any of its majors', () => {
    type Official = keyof (ClientOptions & ClientOptions5 & ClientOptions6 & AzureClientOptions & Azure5 & Azure6);
    expectTypeOf<Extract<keyof RouterOptions, Exclude<Official, 'router'>>>().toBeNever();
    expectTypeOf<Extract<'apiKey' | 'endpoint' | 'maxRetries', Official>>().not.toBeNever();
  });
});

// A typing error in a fallback's name was found out on the day when the fallback was needed.
describe('a fallback that no endpoint serves', () => {
  const endpoints = [
    { id: 'a', models: ['gpt-4.1', 'gpt-4o'] },
    { id: 'b', models: { 'gpt-4.1': 'my-deployment', o3: 'other' } },
  ];
  const routed = (router: object) => at({ router: { endpoints, ...router } });

  test.each([
    [
      { fallbacks: { 'gpt-4.1': ['o3', 'gpt-40'] } },
      'router.fallbacks["gpt-4.1"] names "gpt-40", which no endpoint serves; did you mean "gpt-4o"?',
    ],
    [
      { fallbacks: ['my-deployment'] },
      'router.fallbacks names "my-deployment", which no endpoint serves; the models are "gpt-4.1", "gpt-4o", "o3"',
    ],
    [
      { fallbacksFor: { contextWindow: { o3: ['gpt-4.2'] } } },
      'router.fallbacksFor.contextWindow["o3"] names "gpt-4.2", which no endpoint serves; did you mean "gpt-4.1"?',
    ],
    [
      { fallbacksFor: { contentPolicy: { o3: ['o4'] } } },
      'router.fallbacksFor.contentPolicy["o3"] names "o4", which no endpoint serves; did you mean "o3"?',
    ],
  ])('%j is refused', (router, line) => {
    expect(routed(router)).toEqual([line]);
  });

  test('is refused by createFetch as well, under its own name', () => {
    const placed = endpoints.map((endpoint) => ({ ...endpoint, baseURL: 'https://a.test/v1', apiKey: 'k' }));
    expect(faultsOf(() => createFetch({ endpoints: placed, fallbacks: ['gpt-40'] }))).toEqual([
      'createFetch.fallbacks names "gpt-40", which no endpoint serves; did you mean "gpt-4o"?',
    ]);
  });

  test('is refused in a child, whose endpoints are others', () => {
    const client = new OpenAI({ apiKey: 'k', router: { fallbacks: ['gpt-4o'] } });
    expect(faultsOf(() => client.withOptions({ router: { endpoints: [{ id: 'a', models: ['o3'] }] } }))).toHaveLength(
      1,
    );
  });

  test('is taken while one endpoint lists no models, because that one may serve any', () => {
    expect(routed({ endpoints: [...endpoints, { id: 'c' }], fallbacks: ['gpt-40'] })).toEqual([]);
    expect(at({ router: { fallbacks: ['gpt-40'] } })).toEqual([]);
  });
});
