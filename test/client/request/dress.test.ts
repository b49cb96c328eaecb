import OpenAI, { type RouterOptions } from 'breakwater';
import fc from 'fast-check';
import Official from 'openai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { question } from '../setup.js';

const HOME = 'http://home.test/v1';
const AWAY = 'http://away.test/v1';

interface Sent {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A fetch that notes what is sent, refuses at home and answers away. */
function wire() {
  const sent: Sent[] = [];
  const fetch = async (input: unknown, init: RequestInit = {}) => {
    const url = String(input);
    sent.push({ url, headers: new Headers(init.headers), body: String(init.body) });
    if (new URL(url).host === 'home.test') return Response.json({ error: { message: 'down' } }, { status: 500 });
    return Response.json({ choices: [{ message: { content: 'hi' } }] });
  };
  return { sent, fetch };
}

let unset: string[] = [];
beforeEach(() => {
  unset = ['OPENAI_ORG_ID', 'OPENAI_PROJECT_ID', 'OPENAI_ADMIN_KEY', 'OPENAI_CUSTOM_HEADERS'];
  for (const name of unset) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Names of headers as people choose them, with those under which secrets are often sent. */
const headerName = fc.constantFrom(
  'X-Team',
  'X-Api-Key',
  'Authorization',
  'api-key',
  'Cookie',
  'X-Auth-Token',
  'X-Trace',
  'Via',
);
const secretHeaders = fc.dictionary(headerName, fc.constant('canary'), { maxKeys: 4 });
const secretQuery = fc.dictionary(fc.constantFrom('tenant', 'key', 'api-version', 'page'), fc.constant('canary'), {
  maxKeys: 3,
});
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });

const primary = fc.record({
  apiKey: fc.constantFrom('sk-canary', 'sk-canary-2'),
  organization: maybe(fc.constant('org-canary')),
  project: maybe(fc.constant('proj-canary')),
  defaultHeaders: maybe(secretHeaders),
  defaultQuery: maybe(secretQuery),
});
const environment = fc.record({
  OPENAI_ORG_ID: maybe(fc.constant('org-canary')),
  OPENAI_PROJECT_ID: maybe(fc.constant('proj-canary')),
  OPENAI_CUSTOM_HEADERS: maybe(fc.constantFrom('X-Env: canary', 'Authorization: canary\nX-Env: canary')),
});
/** What a caller gives for one request may go along, unless it is a credential by its name. */
const request = fc.record({
  headers: maybe(
    fc.constantFrom(
      { 'X-Mine': 'trace' },
      { Authorization: 'Bearer canary', 'X-Mine': 'trace' },
      { 'X-Api-Key': 'canary', Cookie: 'canary' },
    ),
  ),
  query: maybe(
    fc.constantFrom<object[]>({ page: 1 }, { filter: { a: 'b' } }, { list: ['a', 'b'] }, { key: 'canary', page: 1 }),
  ),
});
const endpoint = fc.record({
  headers: maybe(fc.constant({ 'X-Away': 'away' })),
  query: maybe(fc.constant({ zone: 'away' })),
  baseURL: fc.constantFrom(AWAY, `${AWAY}/`, `${AWAY}?v=1`),
});

describe('nothing of the primary reaches another host', () => {
  test('whatever the client, its environment and the request bring', async () => {
    await fc.assert(
      fc.asyncProperty(primary, environment, request, endpoint, async (own, env, options, away) => {
        for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
        const { sent, fetch } = wire();
        const defined = (given: object) =>
          Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
        const client = new OpenAI({
          ...own,
          baseURL: HOME,
          fetch,
          router: {
            routing: 'priority',
            endpoints: [{ id: 'home' }, { id: 'away', apiKey: 'sk-away', ...(defined(away) as { baseURL: string }) }],
          },
        });
        await client.chat.completions.create(question(), defined(options));
        expect(sent.map(({ url }) => new URL(url).host)).toEqual(['home.test', 'away.test']);
        const [, second] = sent as [Sent, Sent];
        expect(JSON.stringify([second.url, [...second.headers], second.body])).not.toContain('canary');
        expect(second.headers.get('authorization')).toBe('Bearer sk-away');
        expect(second.headers.get('x-away')).toBe(away.headers ? 'away' : null);
        expect(new URL(second.url).pathname).toBe('/v1/chat/completions');
        expect(new URL(second.url).searchParams.get('zone')).toBe(away.query ? 'away' : null);
        expect(new URL(second.url).searchParams.get('v')).toBe(away.baseURL.includes('?') ? '1' : null);
      }),
      { numRuns: 300 },
    );
  });

  test("the caller's own query goes along, lists and objects included", async () => {
    const { sent, fetch } = wire();
    const router = { endpoints: [{ id: 'away', baseURL: `${AWAY}?v=1`, apiKey: 'k', query: { zone: 'a' } }] };
    const client = new OpenAI({ baseURL: HOME, apiKey: 'x', defaultQuery: { tenant: 'canary' }, fetch, router });
    const query = { list: ['a', 'b'], filter: { x: 'y' } };
    await client.chat.completions.create(question(), { query });
    expect(sent[0]?.url).not.toContain('canary');
    const found = [...new URL(sent[0]?.url ?? '').searchParams].map(([name, value]) => `${name}=${value}`);
    expect(found.sort()).toEqual(['filter[x]=y', 'list[]=a', 'list[]=b', 'v=1', 'zone=a']);
  });

  test("what could be a key in the caller's own query stays at the client's host", async () => {
    const { sent, fetch } = wire();
    const router: RouterOptions = {
      routing: 'priority',
      endpoints: [{ id: 'home' }, { id: 'away', baseURL: AWAY, apiKey: 'k' }],
    };
    const client = new OpenAI({ baseURL: HOME, apiKey: 'x', maxRetries: 0, fetch, router });
    const query = { key: 'canary', 'subscription-key': 'canary', auth: { token: 'canary' }, page: 2 };
    await client.chat.completions.create(question(), { query });
    expect(sent.map(({ url }) => url.split('canary').length - 1)).toEqual([3, 0]);
    expect(new URL(sent[1]?.url ?? '').search).toBe('?page=2');
  });

  // The official client puts its default query over the path's own: with the name another host was given the value of the default.
  test("a name in the path's own query brings the path's value, not that of the client's default query", async () => {
    const { sent, fetch } = wire();
    const router = { endpoints: [{ id: 'away', baseURL: AWAY, apiKey: 'k' }] };
    const client = new OpenAI({ baseURL: HOME, apiKey: 'x', defaultQuery: { tenant: 'canary' }, fetch, router });
    await client.post('/chat/completions?tenant=mine&token=canary', { body: question() });
    await client.post('/chat/completions?tenant=mine', { body: question(), query: { tenant: 'ours' } });
    expect(sent.map(({ url }) => new URL(url).search)).toEqual(['?tenant=mine', '?tenant=ours']);
  });

  // A ready-made client was handed the whole query of the caller, and sent the key in it to its own host.
  test("nor does it reach the host of a ready-made client, in the path's own query neither", async () => {
    const { sent, fetch } = wire();
    const ready = new Official({ baseURL: AWAY, apiKey: 'k' });
    const client = new OpenAI({
      baseURL: HOME,
      apiKey: 'x',
      fetch,
      router: { endpoints: [{ id: 'away', client: ready }] },
    });
    await client.chat.completions.create(question(), { query: { key: 'canary', auth: { token: 'canary' }, page: 2 } });
    await client.get('/files?token=canary&purpose=batch');
    expect(sent.map(({ url }) => url.slice(AWAY.length))).toEqual(['/chat/completions?page=2', '/files?purpose=batch']);
  });

  // The type asks for an address and for buildRequest alone, and a client of just these failed in every call.
  test('a ready-made client needs no more than its type asks for', async () => {
    const { sent, fetch } = wire();
    const official = new Official({ baseURL: AWAY, apiKey: 'k' });
    const ready = { baseURL: AWAY, apiKey: 'k', buildRequest: official.buildRequest.bind(official) };
    const router: RouterOptions = { endpoints: [{ id: 'away', client: ready }] };
    await new OpenAI({ baseURL: HOME, apiKey: 'x', fetch, router }).chat.completions.create(question());
    expect(sent[0]?.url).toBe(`${AWAY}/chat/completions`);
  });

  test('a key may be a function, and a header may be the key', async () => {
    const { sent, fetch } = wire();
    const endpoints = [
      { id: 'home', apiKey: async () => 'sk-made' },
      { id: 'away', baseURL: AWAY, headers: { 'api-key': 'by-header' } },
    ];
    const client = new OpenAI({
      baseURL: HOME,
      apiKey: 'sk-canary',
      fetch,
      router: { routing: 'priority', endpoints },
    });
    await client.chat.completions.create(question());
    expect(sent.map(({ headers }) => [headers.get('authorization'), headers.get('api-key')])).toEqual([
      ['Bearer sk-made', null],
      [null, 'by-header'],
    ]);
  });
});

describe('the address of a request whose path brings a query of its own', () => {
  /** Sends it once; the answer is the address it went to. */
  async function addressOf(path: string, Client: typeof Official, more: { query?: object; router?: RouterOptions }) {
    const sent: string[] = [];
    const fetch = async (url: unknown) => {
      sent.push(String(url));
      return Response.json({ data: [] });
    };
    const { query, ...options } = more;
    const client = new Client({ baseURL: HOME, apiKey: 'x', fetch, ...options });
    await client.get(path, query ? { query: query as Record<string, unknown> } : {});
    return sent.join();
  }

  // `?` became a letter of the path: lists asked for by hand were not found as soon as there was an endpoint.
  test.each([
    ['/files?purpose=batch', undefined],
    ['/files?purpose=a%20b&limit=2', undefined],
    ['/files?purpose=batch', { limit: 2 }],
    ['/files?filter[a]=1', { 'filter[b]': '2' }],
  ])("is the official client's: %s with %j", async (path, query) => {
    const given = query ? { query } : {};
    const official = await addressOf(path, Official, given);
    for (const endpoint of [{ id: 'a' }, { id: 'a', baseURL: HOME }, { id: 'a', baseURL: `${HOME}/` }]) {
      const router = { endpoints: [endpoint] };
      const ours = await addressOf(path, OpenAI, { ...given, router });
      expect([...new URL(ours).searchParams]).toEqual([...new URL(official).searchParams]);
      expect(ours.split('?')[0]).toBe(official.split('?')[0]);
      if (endpoint.baseURL !== `${HOME}/`) expect(ours).toBe(official);
    }
  });

  test('is the same elsewhere, with what the endpoint adds and without what could be a key', async () => {
    const away = { id: 'away', baseURL: `${AWAY}?v=1`, apiKey: 'k', query: { zone: 'a' } };
    const path = '/files?purpose=batch&key=canary';
    expect(await addressOf(path, OpenAI, { router: { endpoints: [away] } })).toBe(
      `${AWAY}/files?v=1&purpose=batch&zone=a`,
    );
  });
});
