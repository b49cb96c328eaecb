import { type CreateFetchOptions, createFetch, OptionsError, routeOf } from 'breakwater';
import OfficialOpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { endpointAt, errorOf, question, start } from './setup.js';
import { hello, refusal, stub } from './stub.js';

async function world(more: CreateFetchOptions = {}) {
  const { simulator, seoul, tokyo, trail } = await start();
  const endpoints = [seoul, tokyo].map((region) => endpointAt(region));
  const routed = createFetch({ routing: 'priority', endpoints, baseURL: seoul.baseURL, ...more });
  const ask = (body: object = question(), init: RequestInit = {}) =>
    routed(`${seoul.baseURL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-theirs', 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...init,
    });
  return { simulator, seoul, tokyo, trail, routed, ask };
}

describe('a fetch with a router in it', () => {
  test('moves on, tells its events and knows the route of its answers', async () => {
    const { seoul, ask, routed, trail, simulator } = await world();
    seoul.fault({ kind: 'status', status: 503 });
    const failovers: string[] = [];
    routed.on('failover', ({ from, to, kind }) => void failovers.push(`${from} ${to} ${kind}`));
    const response = await ask();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'hello' } }] });
    expect(failovers).toEqual(['seoul/gpt-4.1 tokyo/gpt-4.1 overloaded']);
    expect(routeOf(response)).toMatchObject({ endpoint: 'tokyo' });
    expect(trail()).toBe('seoul:503 tokyo:200');
    expect(simulator.log.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-seoul', 'Bearer sk-tokyo']);
  });

  test('gives back a refusal as it is', async () => {
    const { seoul, ask } = await world();
    seoul.fault({ kind: 'status', status: 400, message: 'no' });
    const response = await ask();
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: 'no' } });
  });

  test('throws as fetch does when nobody can be reached, and when the caller aborts', async () => {
    const { seoul, tokyo, ask } = await world({ maxRetries: 0 });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'refuse' });
    expect(await errorOf(ask())).toBeInstanceOf(TypeError);
    expect((await errorOf(ask(undefined, { signal: AbortSignal.abort() }))).name).toBe('AbortError');
  });

  test('takes a Request as well', async () => {
    const { seoul, routed, trail } = await world();
    seoul.fault({ kind: 'reset' });
    const request = new Request(`${seoul.baseURL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      body: JSON.stringify({ ...question(), stream: true }),
    });
    expect(await (await routed(request)).text()).toContain('data: [DONE]');
    expect(trail()).toBe('seoul:- tokyo:200');
  });

  test('lets pass what no router can do anything for', async () => {
    const { seoul, routed, trail, simulator } = await world();
    expect((await routed(`${seoul.baseURL}/models`)).status).toBe(200);
    expect((await routed(new URL(`${seoul.baseURL}/files`))).status).toBe(200);
    expect(trail()).toBe('seoul:200 seoul:200');
    expect(simulator.log.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    expect(routed.router.stats()).toMatchObject({ requests: { started: 0 } });
  });

  test('finds the base URL by itself, also where the path is in the address twice', async () => {
    const sent: string[] = [];
    const fetch = async (url: unknown) => {
      sent.push(String(url));
      return Response.json({ output: [] });
    };
    const routed = createFetch({ endpoints: [{ id: 'a', query: { zone: 'a' } }], fetch });
    await routed('http://host.test/responses/v1/responses', { method: 'POST', body: '{"model":"m"}' });
    expect(sent).toEqual(['http://host.test/responses/v1/responses?zone=a']);
  });

  test('keeps the time of the whole call by itself', async () => {
    const { seoul, tokyo, ask } = await world({ timeout: 1_000 });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'silence' });
    const began = performance.now();
    await errorOf(ask());
    expect(performance.now() - began).toBeGreaterThanOrEqual(950);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('serves the official client, too', async () => {
    const { seoul, routed, trail } = await world();
    const client = new OfficialOpenAI({ baseURL: seoul.baseURL, apiKey: 'x', maxRetries: 0, fetch: routed });
    seoul.fault({ kind: 'unauthorized' });
    const answer = await client.chat.completions.create(question());
    expect(answer.choices[0]?.message.content).toBe('hello');
    expect(trail()).toBe('seoul:401 tokyo:200');
  });

  test('says what is wrong with its options, all at once', () => {
    const wrong = { timeout: -1, maxRetries: 0.5, baseURL: 'x', apiKey: '', fetch: 1 } as unknown as CreateFetchOptions;
    const make = () => createFetch(wrong);
    expect(make).toThrow(OptionsError);
    for (const name of ['timeout', 'maxRetries', 'baseURL', 'apiKey', 'fetch'])
      expect(make).toThrow(`createFetch.${name}`);
    expect(() => createFetch({ fallback: [] } as CreateFetchOptions)).toThrow('did you mean createFetch.fallbacks?');
  });

  // They spoke of `router`, an option that it does not have.
  test('calls its options its own, and takes no others', () => {
    const faultsOf = (options: unknown): readonly string[] => {
      try {
        createFetch(options as CreateFetchOptions);
        return [];
      } catch (error) {
        if (error instanceof OptionsError) return error.faults;
        throw error;
      }
    };
    const several = faultsOf({ timeout: -1, endpoints: [{ id: 'a', baseURL: 7 }], breaker: { openMs: 0 } });
    expect([...several].sort()).toEqual([
      'createFetch.breaker.openMs must be a positive integer, but is 0',
      'createFetch.endpoints[0].baseURL must be an http or https URL without user, password and fragment, but is 7',
      'createFetch.timeout must be a positive integer, but is -1',
    ]);
    expect(faultsOf({ router: {} })[0]).toMatch(/^createFetch\.router is not an option; the options are /);
    expect(faultsOf(null)).toEqual(['createFetch must be an object, but is null']);
    expect(faultsOf({ baseURL: undefined, apiKey: undefined, timeout: undefined, fetch: undefined })).toEqual([]);
  });

  // The option was read by nobody.
  test('sends its own key in place of the one of the SDK, on its own host', async () => {
    const { fetch, sent } = stub(hello);
    const routed = createFetch({ baseURL: 'http://a.test/v1', apiKey: 'sk-real', endpoints: [{ id: 'a' }], fetch });
    const ask = (headers: Record<string, string>) =>
      routed('http://a.test/v1/chat/completions', { method: 'POST', body: JSON.stringify(question()), headers });
    await ask({});
    await ask({ authorization: 'Bearer placeholder', 'openai-organization': 'of the placeholder' });
    await ask({ authorization: 'Bearer sk-real', 'openai-organization': 'mine' });
    expect(sent.map(({ headers }) => [headers.get('authorization'), headers.get('openai-organization')])).toEqual([
      ['Bearer sk-real', null],
      ['Bearer sk-real', null],
      ['Bearer sk-real', 'mine'],
    ]);
  });

  test('sends its own key to every endpoint on its host that has none', async () => {
    const { fetch, sent } = stub(() => refusal(503));
    const baseURL = 'http://a.test/v1';
    const endpoints = [
      { id: 'a' },
      { id: 'b', baseURL },
      { id: 'c', apiKey: 'sk-c' },
      { id: 'd', apiKey: 'sk-d', baseURL: 'http://d.test/v1' },
    ];
    const routed = createFetch({ baseURL, apiKey: 'sk-real', routing: 'priority', endpoints, fetch, maxRetries: 0 });
    await routed('http://a.test/v1/chat/completions', { method: 'POST', body: JSON.stringify(question()) });
    expect(sent.map(({ host, headers }) => `${host} ${headers.get('authorization')}`)).toEqual([
      'a.test Bearer sk-real',
      'a.test Bearer sk-real',
      'a.test Bearer sk-c',
      'd.test Bearer sk-d',
    ]);
  });

  // The key of an endpoint went to whatever host the SDK had asked.
  test('refuses a key that no base URL ties to a host', () => {
    const make = (options: CreateFetchOptions) => () => createFetch(options);
    const loose = make({
      apiKey: 'sk-x',
      endpoints: [
        { id: 'a', apiKey: 'sk-a' },
        { id: 'b', headers: { 'api-key': 'k' } },
      ],
    });
    expect(loose).toThrow(OptionsError);
    expect(loose).toThrow('createFetch.baseURL is required beside apiKey');
    expect(loose).toThrow('createFetch.endpoints[0].baseURL is required for "a"');
    expect(loose).toThrow('createFetch.endpoints[1].baseURL is required for "b"');
    expect(make({ endpoints: [{ id: 'a', apiKey: 'k', baseURL: 'http://a.test/v1' }, { id: 'b' }] })).not.toThrow();
    expect(make({ baseURL: 'http://a.test/v1', endpoints: [{ id: 'a', apiKey: 'k' }] })).not.toThrow();
  });

  test('keeps its key from another host', () => {
    const make = () =>
      createFetch({ baseURL: 'http://a.test/v1', endpoints: [{ id: 'b', baseURL: 'http://b.test/v1' }] });
    expect(make).toThrow('createFetch.endpoints[0].apiKey is required for "b"');
  });

  // It was asked without any key.
  test('wants a key for an endpoint on a host of its own, and there is no host of ours without a base URL', () => {
    const b = { id: 'b', baseURL: 'http://b.test/v1' };
    const make = (endpoint: object) => () => createFetch({ endpoints: [{ id: 'a' }, { ...b, ...endpoint }] });
    expect(make({})).toThrow('createFetch.endpoints[1].apiKey is required for "b"');
    expect(make({ apiKey: 'k' })).not.toThrow();
    expect(make({ headers: { 'api-key': 'k' } })).not.toThrow();
    expect(() => createFetch({ baseURL: 'http://b.test/other', endpoints: [{ id: 'a' }, b] })).not.toThrow();
  });
});
