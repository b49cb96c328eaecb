import { AzureOpenAI, OptionsError, type RouterOptions } from 'breakwater';
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
    router,
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
