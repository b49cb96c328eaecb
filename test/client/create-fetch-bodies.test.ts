import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { createFetch } from 'breakwater';
import { describe, expect, onTestFinished, test } from 'vitest';
import { question } from './setup.js';
import { hello, refusedAt, stub } from './stub.js';

const AWAY = { id: 'away', baseURL: 'https://away.test/v1', apiKey: 'sk-away' };

/** A server that keeps the bytes of every body; ends with the test. */
async function listen() {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ text: 'hello', choices: [{ index: 0, message: { content: 'hello' } }] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { bodies, baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

const post = (headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(question()),
});

describe('secrets in a request that another SDK made', () => {
  test('reach no other host, under whatever name they travel', async () => {
    const { fetch, sent, hosts } = stub(refusedAt('home.test'));
    const routed = createFetch({
      baseURL: 'https://home.test/v1',
      fetch,
      routing: 'priority',
      endpoints: [{ id: 'home' }, AWAY],
    });
    const headers = {
      authorization: 'Bearer canary',
      'Helicone-Auth': 'Bearer canary',
      'Ocp-Apim-Subscription-Key': 'canary',
      'cf-access-client-id': 'canary',
    };
    await routed('https://home.test/v1/chat/completions?key=canary&api-version=1', post(headers));
    expect(hosts()).toBe('home.test away.test');
    expect(JSON.stringify([sent[0]?.url, [...(sent[0]?.headers ?? [])]]).split('canary')).toHaveLength(6);
    expect(JSON.stringify([sent[1]?.url, [...(sent[1]?.headers ?? [])]])).not.toContain('canary');
  });
});

describe('with a base URL', () => {
  test.each([
    ['another host', 'https://other.test/v1/chat/completions'],
    ['a host that begins like it', 'https://home.test.other.test/v1/chat/completions'],
    ['a path that begins like its own', 'https://home.test/v10/chat/completions'],
  ])('a request to %s passes through untouched', async (_where, url) => {
    const { fetch, sent } = stub(hello);
    const baseURL = url.includes('v10') ? 'https://home.test/v1' : 'https://home.test';
    const routed = createFetch({
      baseURL,
      apiKey: 'sk-home',
      fetch,
      routing: 'priority',
      endpoints: [{ id: 'home' }, AWAY],
    });
    await routed(url, post({ authorization: 'Bearer sk-other' }));
    expect(sent.map((one) => [one.url, one.headers.get('authorization')])).toEqual([[url, 'Bearer sk-other']]);
    expect(routed.router.stats().requests.started).toBe(0);
  });

  // SDKs write the address as platforms do; a base URL that was written in another way let all their requests pass the router by.
  test.each(['http://HOME.test/v1', 'http://home.test:80/v1/', 'http://home.test/a/../v1'])(
    'that is written as %s its requests are found all the same',
    async (baseURL) => {
      const { fetch, sent } = stub(hello);
      const routed = createFetch({ baseURL, apiKey: 'sk-home', fetch });
      await routed(new URL('http://home.test/v1/chat/completions'), post({ authorization: 'Bearer sk-other' }));
      expect(sent.map((one) => [one.url, one.headers.get('authorization')])).toEqual([
        ['http://home.test/v1/chat/completions', 'Bearer sk-home'],
      ]);
      expect(routed.router.stats().requests.started).toBe(1);
    },
  );

  test('what is relative is left to the platform', async () => {
    const asked: unknown[] = [];
    const fetch = async (input: unknown) => {
      asked.push(input);
      return hello();
    };
    const routed = createFetch({
      baseURL: 'https://home.test/v1',
      apiKey: 'sk-home',
      fetch: fetch as typeof globalThis.fetch,
    });
    await routed('/v1/chat/completions', post());
    expect(asked).toEqual(['/v1/chat/completions']);
  });
});

describe('a Request', () => {
  const request = (more: RequestInit) => new Request('https://home.test/v1/chat/completions', { ...post(), ...more });
  const initOf = async (input: Request, init?: RequestInit) => {
    let seen: RequestInit = {};
    const { fetch } = stub((_sent, passed) => {
      seen = passed;
      return hello();
    });
    await createFetch({ fetch })(input, init);
    return seen;
  };

  // Who had forbidden redirects was redirected, with the key.
  test('keeps what was chosen for it, and a second argument has the last word', async () => {
    const chosen = { redirect: 'error', credentials: 'omit' } as const;
    expect(await initOf(request(chosen))).toMatchObject(chosen);
    expect(await initOf(request(chosen), { redirect: 'manual' })).toMatchObject({ ...chosen, redirect: 'manual' });
  });

  test('of which nothing was chosen brings nothing', async () => {
    expect(Object.keys(await initOf(request({}))).sort()).toEqual(['body', 'headers', 'method', 'signal']);
  });
});

describe('a body', () => {
  test.each([
    ['an alias', { endpoints: [{ id: 'a', models: { 'gpt-4.1': 'a-name-that-is-much-longer' } }] }],
    ['a fallback', { fallbacks: { 'gpt-4.1': ['a-name-that-is-much-longer'] } }],
  ])('with an explicit length may have the model replaced by %s of another length', async (_what, router) => {
    const { bodies, baseURL } = await listen();
    let asked = 0;
    // The fallback is gone to because the first try fails; the alias is there from the beginning.
    const fetchOf = async (url: string, init: RequestInit) =>
      asked++ === 0 && 'fallbacks' in router ? Response.json({}, { status: 404 }) : fetch(url, init);
    const routed = createFetch({ baseURL, apiKey: 'k', maxRetries: 0, fetch: fetchOf as typeof fetch, ...router });
    const { body, ...rest } = post();
    const headers = { ...rest.headers, 'content-length': String(body.length) };
    const response = await routed(`${baseURL}/chat/completions`, { ...rest, headers, body });
    expect(response.status).toBe(200);
    expect(JSON.parse(String(bodies[0]))).toEqual({ ...question(), model: 'a-name-that-is-much-longer' });
  });

  test('of a Request that is a form arrives byte by byte: a recording is no text', async () => {
    const { bodies, baseURL } = await listen();
    const form = new FormData();
    form.append('model', 'whisper-1');
    form.append('file', new Blob([Uint8Array.from({ length: 256 }, (_, index) => index)]), 'a.wav');
    const request = new Request(`${baseURL}/audio/transcriptions`, { method: 'POST', body: form });
    const expected = Buffer.from(await request.clone().arrayBuffer());
    expect((await createFetch({ baseURL, maxRetries: 0 })(request)).status).toBe(200);
    expect(bodies[0]?.equals(expected)).toBe(true);
  });
});

test('a process that waits for nothing but one call to a closed port lives until it is settled', async () => {
  // The wait between two tries once let the process end, with the call unanswered and no error shown.
  const program = `
    import { createFetch } from 'breakwater';
    const init = { method: 'POST', body: JSON.stringify({ model: 'm', messages: [] }) };
    const url = 'http://127.0.0.1:1/v1';
    const end = await createFetch({ apiKey: 'k', baseURL: url })(url + '/chat/completions', init).catch((error) => error);
    console.log('settled: ' + end.name);`;
  const sources = new URL('../contract/leaving/sources.mjs', import.meta.url).href;
  const flags = ['--no-warnings', '--import', sources, '--input-type=module', '--eval', program];
  const options = { env: { ...process.env, NODE_OPTIONS: '' }, timeout: 15_000 };
  const { stdout } = await promisify(execFile)(process.execPath, flags, options);
  expect(stdout).toBe('settled: TypeError\n');
});
