import OpenAI, { isOptionsError, type OptionsError, type RouterOptions } from 'breakwater';
import { OpenAIError } from 'openai';
import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../packages/client/src/options.js';
import { readRequestOptions } from '../../packages/client/src/request-options.js';

function faultsOf(router: unknown): readonly string[] {
  try {
    new OpenAI({ baseURL: 'http://127.0.0.1:1/v1', apiKey: 'sk-primary', router: router as RouterOptions });
    return [];
  } catch (error) {
    expect(isOptionsError(error)).toBe(true);
    return (error as OptionsError).faults;
  }
}

const at = (endpoint: object) => ({ endpoints: [{ id: 'a', ...endpoint }] });

/** Every field of every room with something wrong in it, and the line that says so. */
const WRONG: readonly (readonly [router: unknown, line: string])[] = [
  [null, 'router must be an object, but is null; leave it out to have no router'],
  [false, 'router must be an object, but is false; leave it out to have no router'],
  ['on', 'router must be an object, but is "on"'],
  [{ endpoints: {} }, 'router.endpoints must be a list of endpoints, but is an object'],
  [{ endpoints: [] }, 'router.endpoints must name at least one endpoint, but is an empty list'],
  [{ endpoints: ['a'] }, 'router.endpoints[0] must be an object, but is "a"'],
  [{ endpoints: [{}] }, 'router.endpoints[0].id is required'],
  [at({ id: 'a/b' }), 'router.endpoints[0].id must be a name without slashes and spaces that is not "*", but is "a/b"'],
  [at({ id: 'a b' }), 'router.endpoints[0].id must be a name without slashes and spaces that is not "*", but is "a b"'],
  [at({ id: '' }), 'router.endpoints[0].id must be a name without slashes and spaces that is not "*", but is ""'],
  // Somebody who took it for a wildcard had one endpoint of that name, and targets written */gpt-4.1.
  [at({ id: '*' }), 'router.endpoints[0].id must be a name without slashes and spaces that is not "*", but is "*"'],
  [
    at({ baseURL: 'api.test' }),
    'router.endpoints[0].baseURL must be an http or https URL without user, password and fragment, but is a string that is not shown',
  ],
  // A key that was pasted into the place of the address was shown, because it did not look like one.
  [
    at({ baseURL: '0123456789abcdef0123456789abcdef' }),
    'router.endpoints[0].baseURL must be an http or https URL without user, password and fragment, but is a string that is not shown',
  ],
  [
    at({ baseURL: 'ftp://a' }),
    'router.endpoints[0].baseURL must be an http or https URL without user, password and fragment, but is "ftp://a"',
  ],
  [
    at({ apiKey: 7 }),
    'router.endpoints[0].apiKey must be a key, a function that gives one, or a list of those, but is a number',
  ],
  [
    at({ apiKey: '' }),
    'router.endpoints[0].apiKey must be a key, a function that gives one, or a list of those, but is empty: is an environment variable not set?',
  ],
  [at({ headers: ['a'] }), 'router.endpoints[0].headers must be an object, but is a list'],
  [at({ headers: new Headers() }), 'router.endpoints[0].headers must be a plain object, but is an object'],
  [at({ headers: { 'X-A': 7 } }), 'router.endpoints[0].headers["X-A"] must be a non-empty string, but is a number'],
  [at({ query: { v: 1 } }), 'router.endpoints[0].query.v must be a non-empty string, but is 1'],
  [
    at({ headers: { 'api-key': undefined } }),
    'router.endpoints[0].headers["api-key"] must be a non-empty string, but is undefined; is an environment variable not set?',
  ],
  [
    at({ query: { v: null, w: undefined } }),
    [
      'router.endpoints[0].query.v must be a non-empty string, but is null; is an environment variable not set?',
      'router.endpoints[0].query.w must be a non-empty string, but is undefined; is an environment variable not set?',
    ].join('\n'),
  ],
  [at({ models: [] }), 'router.endpoints[0].models must name at least one model, but is an empty list'],
  [at({ models: {} }), 'router.endpoints[0].models must name at least one model, but is an empty object'],
  [at({ region: '' }), 'router.endpoints[0].region must be a non-empty string, but is ""'],
  [
    at({ models: 'gpt' }),
    'router.endpoints[0].models must be a list of models, or an object of names by model, but is "gpt"',
  ],
  [at({ models: ['gpt', 7] }), 'router.endpoints[0].models[1] must be a non-empty string, but is 7'],
  [at({ models: { gpt: 7 } }), 'router.endpoints[0].models.gpt must be a non-empty string, but is 7'],
  [
    at({ client: {} }),
    'router.endpoints[0].client must be an official client, such as new AzureOpenAI({ … }), but is an object',
  ],
  [at({ fetch: 'x' }), 'router.endpoints[0].fetch must be a function (url, init) => Promise<Response>, but is "x"'],
  [
    { endpoints: [{ id: 'a' }, { id: 'a' }] },
    'router.endpoints[1].id must be unique, but "a" is that of router.endpoints[0] too',
  ],
  [
    {
      endpoints: [
        { id: 'a', region: '' },
        { id: 'b', models: [] },
        { id: 'a', region: '' },
      ],
    },
    [
      'router.endpoints[0].region must be a non-empty string, but is ""',
      'router.endpoints[1].models must name at least one model, but is an empty list',
      'router.endpoints[2].id must be unique, but "a" is that of router.endpoints[0] too',
      'router.endpoints[2].region must be a non-empty string, but is ""',
    ].join('\n'),
  ],
  [
    at({ client: { buildRequest: 1, baseURL: 'x' }, apiKey: 'k' }),
    'router.endpoints[0].client has its own baseURL and apiKey; leave out those beside it',
  ],
  [
    at({ baseUrl: 'http://a' }),
    'router.endpoints[0].baseUrl is not an option; did you mean router.endpoints[0].baseURL?',
  ],
  [{ fallbacks: 'gpt' }, 'router.fallbacks must be a list of models, or lists of models by model, but is "gpt"'],
  [{ fallbacks: [7] }, 'router.fallbacks[0] must be a non-empty string, but is 7'],
  // It spoke of at most 10000 entries to somebody whose brackets were missing.
  [{ fallbacks: { gpt: 'x' } }, 'router.fallbacks.gpt must be a list of models, but is "x"'],
  [{ fallbacksFor: [] }, 'router.fallbacksFor must be an object, but is a list'],
  [{ fallbacksFor: { contextWindow: [] } }, 'router.fallbacksFor.contextWindow must be an object, but is a list'],
  [
    { fallbacksFor: { contentPolicy: { a: 1 } } },
    'router.fallbacksFor.contentPolicy.a must be a list of models, but is 1',
  ],
  [
    { fallbacksFor: { context: {} } },
    'router.fallbacksFor.context is not an option; the options are contextWindow, contentPolicy',
  ],
  [
    { breaker: 'classik' },
    'router.breaker must be false, "adaptive", "classic", "fluxgate" or an object, but is "classik"',
  ],
  [{ breaker: { openMs: -1 } }, 'router.breaker.openMs must be a positive integer, but is -1'],
  [{ breaker: { openMS: 1 } }, 'router.breaker.openMS is not an option; did you mean router.breaker.openMs?'],
  [at({ breaker: { openMs: 0 } }), 'router.endpoints[0].breaker.openMs must be a positive integer, but is 0'],
  [
    at({ breaker: true }),
    'router.endpoints[0].breaker must be false, "adaptive", "classic", "fluxgate" or an object, but is true',
  ],
  [{ breaker: { scope: 'region' } }, 'router.breaker.scope must be "target", "endpoint" or "model", but is "region"'],
  [{ breaker: { transport: { openMs: 0 } } }, 'router.breaker.transport.openMs must be a positive integer, but is 0'],
  [
    { breaker: { models: { gpt: { probes: 0 } } } },
    'router.breaker.models.gpt.probes must be a positive integer, but is 0',
  ],
  [{ breaker: { targets: [] } }, 'router.breaker.targets must be an object, but is a list'],
  [{ shareAs: '' }, 'router.shareAs must be a non-empty string, but is ""'],
  [
    { ...at({ breaker: { maxOpenMs: 6_000 } }), breaker: { openMs: 9_000 } },
    'router.endpoints[0].breaker.maxOpenMs must be at least openMs (9000), but is 6000',
  ],
  [
    { ...at({ breaker: { maxOpenMs: 4 } }) },
    'router.endpoints[0].breaker.maxOpenMs must be at least openMs (5000), but is 4',
  ],
  [
    { breaker: { targets: { 'seol/m': {} } } },
    'router.breaker.targets["seol/m"] is for no endpoint; the endpoints are default',
  ],
  [
    { ...at({ breaker: { openMs: 1 } }), breaker: { scope: 'model' } },
    'router.endpoints[0].breaker means nothing while router.breaker.scope is "model"; leave it out',
  ],
  [{ retries: { maxAttempts: 0 } }, 'router.retries.maxAttempts must be a positive integer, but is 0'],
  [{ retries: { maxWaitMs: -1 } }, 'router.retries.maxWaitMs must be a number of 0 or more, but is -1'],
  [{ retries: { budget: true } }, 'router.retries.budget must be false or { capacity, perRequest }, but is true'],
  [{ retries: { budget: { capacity: 0 } } }, 'router.retries.budget.capacity must be a number above 0, but is 0'],
  [
    { retries: { budget: { perRequest: Number.NaN } } },
    'router.retries.budget.perRequest must be a number of 0 or more, but is NaN',
  ],
  [{ timeouts: { connectMs: 0 } }, 'router.timeouts.connectMs must be a positive integer, but is 0'],
  [{ timeouts: { firstTokenMs: '5' } }, 'router.timeouts.firstTokenMs must be a positive integer, but is "5"'],
  [{ timeouts: { attemptMs: 1.5 } }, 'router.timeouts.attemptMs must be a positive integer, but is 1.5'],
  [{ timeouts: { atemptMs: 1 } }, 'router.timeouts.atemptMs is not an option; did you mean router.timeouts.attemptMs?'],
  [{ streams: { commit: 'first' } }, 'router.streams.commit must be "first-content" or "headers", but is "first"'],
  [{ lastResort: 'sorry' }, 'router.lastResort must be a function (error, request) => answer, but is "sorry"'],
  [{ fallback: [] }, 'router.fallback is not an option; did you mean router.fallbacks?'],
];

describe('the lease of a probe', () => {
  const place = { endpoint: 'a', model: 'm' };

  // With a shorter one, an answer of two minutes lost its say, and its target stayed half-open for ever.
  test.each([
    [{}, 600_000],
    [{ timeouts: { attemptMs: 90_000 } }, 90_000],
    [{ timeouts: { attemptMs: 1_000 } }, 60_000],
    [{ breaker: { leaseMs: 700_000 } }, 700_000],
  ])('is as long as an attempt may take, with %j', (router, leaseMs) => {
    expect(resolveOptions(router, 600_000).breakers.optionsAt(place)).toMatchObject({ leaseMs });
  });

  test('does not matter where there is no breaker', () => {
    expect(resolveOptions({ breaker: false }, 600_000).breakers.optionsAt(place)).toBe(false);
  });
});

describe('a wrong option gives its line', () => {
  test.each(WRONG)('%j', (router, line) => {
    expect(faultsOf(router).join('\n')).toBe(line);
  });

  test('and all of them together give all their lines in one error', () => {
    const router = {
      endpoints: [{ id: 'a', baseURL: 7, headrs: {} }, { id: 'b/c' }],
      fallbacks: 7,
      breaker: { openMs: 0, probes: 0 },
      retries: { maxAttempts: 'many' },
      timeouts: { attemptMs: -1 },
      streams: { commit: 1 },
      lastResort: 1,
      hedgin: true,
    };
    const faults = faultsOf(router);
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'router.endpoints[0].baseURL',
      'router.endpoints[0].headrs',
      'router.endpoints[1].id',
      'router.fallbacks',
      'router.breaker.openMs',
      'router.breaker.probes',
      'router.retries.maxAttempts',
      'router.timeouts.attemptMs',
      'router.streams.commit',
      'router.lastResort',
      'router.hedgin',
    ]);
  });

  test('and no key is ever shown', () => {
    const router = {
      endpoints: [
        { id: 'sk-canary', apiKey: ['canary'], headers: { authorization: 7, 'X-Api-Key': '' } },
        { id: 'b', baseURL: 'canary://user:canary@host', apiKey: { key: 'canary' } },
        { id: 'c', baseURL: 'http://other.test/v1' },
      ],
      apiKey: 'canary',
      sk: 'sk-canary',
    };
    const faults = faultsOf(router);
    expect(faults.length).toBeGreaterThan(4);
    expect(faults.join('\n')).not.toContain('canary');
  });
});

describe('good options', () => {
  test.each<[string, RouterOptions]>([
    ['none', {}],
    ['undefined ones', { endpoints: undefined, fallbacks: undefined, breaker: undefined } as unknown as RouterOptions],
    ['zero and false', { breaker: false, retries: { maxWaitMs: 0, budget: false } }],
    ['the classic breaker', { breaker: 'classic' }],
    [
      'all of them',
      {
        endpoints: [
          {
            id: 'a',
            apiKey: () => 'k',
            headers: { a: 'b' },
            query: { c: 'd' },
            models: { e: 'f', b: 'h' },
            region: 'g',
            breaker: false,
          },
        ],
        fallbacks: { a: ['b'] },
        fallbacksFor: { contextWindow: { a: ['b'] }, contentPolicy: { a: ['b'] } },
        breaker: { openMs: 1_000, transport: false, models: { a: 'classic' }, targets: { 'a/b': { probes: 2 } } },
        shareAs: 'ours',
        retries: { maxAttempts: 1, budget: { capacity: 1, perRequest: 0 } },
        timeouts: { connectMs: 1, firstTokenMs: 1, attemptMs: 1 },
        streams: { commit: 'headers' },
        lastResort: () => 'x',
      },
    ],
  ])('%s make a client', (_what, router) => {
    expect(faultsOf(router)).toEqual([]);
  });
});

describe("a request's own options", () => {
  test.each([
    [{ endpoint: 'c' }, 'router.endpoint must be one of a, b, but is "c"'],
    [{ endpoint: 7 }, 'router.endpoint must be a non-empty string, but is 7'],
    [{ fallbacks: true }, 'router.fallbacks must be a list of models, or false, but is true'],
    [{ timeouts: { attemptMs: 0 } }, 'router.timeouts.attemptMs must be a positive integer, but is 0'],
    [{ endpoints: [] }, 'router.endpoints is not an option; did you mean router.endpoint?'],
    ['x', 'router must be an object, but is "x"'],
    [null, 'router must be an object, but is null'],
  ])('%j are refused', (given, line) => {
    expect((readRequestOptions(given, ['a', 'b']) as OptionsError).faults).toEqual([line]);
  });

  test.each([[undefined], [{}], [{ endpoint: 'a', fallbacks: false, timeouts: { attemptMs: 1 } }]])(
    '%j are taken',
    (given) => {
      expect(readRequestOptions(given, ['a', 'b'])).toEqual(given ?? {});
    },
  );

  test('that are wrong fail their call, and nothing is sent', async () => {
    const sent: unknown[] = [];
    const fetch = async (url: unknown) => {
      sent.push(url);
      return Response.json({});
    };
    const client = new OpenAI({ apiKey: 'k', fetch, router: {} });
    const error = await client.models.list({ router: { endpont: 'a' } } as object).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(isOptionsError(error)).toBe(true);
    expect(error).toBeInstanceOf(OpenAIError);
    expect((error as Error).message).toContain('router.endpont is not an option; did you mean router.endpoint?');
    expect(sent).toEqual([]);
  });
});
