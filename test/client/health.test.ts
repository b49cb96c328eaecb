import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI, { AzureOpenAI, createFetch, type EndpointOptions, OptionsError, type RouterOptions } from 'breakwater';
import Official from 'openai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, eventsOf, question, routed, start, turn, until } from './setup.js';
import { hello, refusal, stub } from './stub.js';

/** The verdicts of a check, in order. */
const verdicts = async (client: OpenAI) => (await client.router.checkHealth()).map(({ verdict }) => verdict);

/** A client whose endpoints are at hosts that are not this machine, and what was sent there. */
function world(answer: Parameters<typeof stub>[0], endpoints: EndpointOptions[], more: Partial<RouterOptions> = {}) {
  const wire = stub(answer);
  const client = new OpenAI({
    baseURL: 'https://home.test/v1',
    apiKey: 'sk-primary',
    organization: 'org-primary',
    defaultHeaders: { 'x-mine': 'primary' },
    logLevel: 'off',
    fetch: wire.fetch,
    router: { endpoints, ...more },
  });
  return { ...wire, client };
}

const models = () => Response.json({ object: 'list', data: [] });
const away: EndpointOptions = { id: 'a', baseURL: 'https://a.test/v1', apiKey: 'sk-a' };

describe('what is sent of itself', () => {
  test.each<RouterOptions>([{}, { breaker: 'adaptive' }])(
    'is nothing with %j: a lone endpoint has nobody beside it',
    async (router) => {
      const { client, simulator } = await start({ router: { endpoints: undefined, ...router } as object });
      for (let call = 0; call < 3; call += 1) await ask(client, false);
      expect(simulator.log.map(({ path }) => path)).toEqual(Array(3).fill('/v1/chat/completions'));
    },
  );

  test('is nothing with several endpoints in use, in the first moments of an outage neither', async () => {
    const { client, simulator, seoul } = await start();
    seoul.fault({ kind: 'status', status: 500 });
    for (let call = 0; call < 8; call += 1) await ask(client, false);
    expect(simulator.log.filter(({ path }) => path === '/v1/models')).toEqual([]);
  });

  test('is a probe at each interval with `active`, from the first call to close()', async () => {
    const { client, simulator } = await start({ router: { health: { mode: 'active', intervalMs: 20 } } });
    const probes = () => simulator.log.filter(({ path }) => path === '/v1/models').length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(probes()).toBe(0);
    await ask(client, false);
    await until(() => probes() >= 6);
    client.router.close();
    const before = probes();
    await ask(client, false);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(probes()).toBeLessThanOrEqual(before + 2);
  });

  test('is a probe beside the call for an endpoint that was not used for long', async () => {
    const { client, simulator } = await start({ router: { health: { idleMs: 30, intervalMs: 50 } } });
    const askSeoul = () => client.chat.completions.create(question(), routed({ endpoint: 'seoul' }));
    await askSeoul();
    await new Promise((resolve) => setTimeout(resolve, 60));
    await askSeoul();
    await until(() => simulator.log.length === 3);
    expect(simulator.log.map(({ region, path }) => `${region} ${path}`).sort()).toEqual([
      'seoul /v1/chat/completions',
      'seoul /v1/chat/completions',
      'tokyo /v1/models',
    ]);
  });
});

describe('a check by hand', () => {
  test('asks each endpoint for its models, with its own key', async () => {
    const { client, simulator } = await start();
    const readings = await client.router.checkHealth();
    expect(readings).toMatchObject([
      { endpoint: 'seoul', state: 'up', verdict: 'good', status: 200, roundTripMs: expect.any(Number) },
      { endpoint: 'tokyo', state: 'up', verdict: 'good', status: 200 },
    ]);
    expect(simulator.log.map(({ method, path, headers }) => `${method} ${path} ${headers.authorization}`)).toEqual([
      'GET /v1/models Bearer sk-seoul',
      'GET /v1/models Bearer sk-tokyo',
    ]);
  });

  test('works with a lone endpoint, and its request is the client’s own', async () => {
    const { client, simulator } = await start({ router: { endpoints: undefined } as object });
    expect(await verdicts(client)).toEqual(['good']);
    await client.models.list();
    const [probe, official] = simulator.log.map(({ headers: { host: _host, ...headers } }) => headers);
    expect(probe).toEqual({ ...official, 'x-stainless-timeout': probe?.['x-stainless-timeout'] });
  });

  test('finds a region that is down; three of them keep calls away from it, two good ones bring them back', async () => {
    const { client, simulator, seoul, trail } = await start();
    const events = eventsOf(client, ['health.down', 'health.up', 'target.skipped']);
    seoul.fault({ kind: 'refuse' });
    expect(await verdicts(client)).toEqual(['bad', 'good']);
    for (let check = 0; check < 2; check += 1) await client.router.checkHealth();
    simulator.clearLog();
    expect(await ask(client, false)).toBe('hello there');
    expect(trail()).toBe('tokyo:200');
    seoul.heal();
    await seoul.ready();
    for (let check = 0; check < 2; check += 1) await client.router.checkHealth();
    expect(events.map(({ name, payload }) => [name, payload.endpoint])).toEqual([
      ['health.down', 'seoul'],
      ['target.skipped', 'seoul'],
      ['health.up', 'seoul'],
    ]);
  });

  test('opens the connections that the first calls use', async () => {
    const { client, seoul, tokyo } = await start();
    await client.router.warmUp();
    expect([seoul.sockets, tokyo.sockets]).toEqual([1, 1]);
    // The platform takes a connection back a moment after its last byte was read.
    await turn();
    await client.chat.completions.create(question(), routed({ endpoint: 'seoul' }));
    expect(seoul.sockets).toBe(1);
  });

  test.each([
    ['silence', { kind: 'silence' }],
    ['headers and no more', { kind: 'headers-only' }],
    ['a reset', { kind: 'reset' }],
    ['a 503', { kind: 'status', status: 503 }],
  ] as const)('takes %s for bad', async (_what, fault) => {
    const { client, seoul } = await start({ router: { health: { timeoutMs: 200 } } });
    seoul.fault(fault);
    expect(await verdicts(client)).toEqual(['bad', 'good']);
  });
});

describe('an answer that is none', () => {
  const json = (status: number, error: object) => () => Response.json({ error }, { status });
  test.each([
    ['a 404', () => refusal(404), 'unsupported', []],
    ['a 405', () => refusal(405), 'unsupported', []],
    [
      'a redirect',
      () => new Response(null, { status: 302, headers: { location: 'https://b.test/' } }),
      'unsupported',
      [],
    ],
    ['a 429', () => refusal(429), 'unclear', []],
    ['a used-up quota', json(429, { code: 'insufficient_quota' }), 'unclear', []],
    [
      'a page with status 200',
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      'unclear',
      [],
    ],
    ['a 401', () => refusal(401), 'refused', ['auth']],
    ['a 403', () => refusal(403), 'refused', ['auth']],
    // Restricted keys may chat and not list models; a firewall has not looked at the key.
    ['a missing scope', json(403, { message: 'Missing scopes: api.model.read' }), 'unsupported', []],
    ['a page with status 403', () => new Response('<html>', { status: 403 }), 'unsupported', []],
  ] as const)('is told from others: %s', async (_what, answer, verdict, quarantines) => {
    const { client } = world(answer as () => Response, [away]);
    const started = eventsOf(client, ['quarantine.started']);
    expect(await verdicts(client)).toEqual([verdict]);
    expect(started.map(({ payload }) => payload.reason)).toEqual(quarantines);
  });

  test('is let go of when it is too long', async () => {
    let isCancelled = false;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(10_000)),
          cancel: () => {
            isCancelled = true;
          },
        }),
      );
    const { client } = world(endless, [away]);
    expect(await verdicts(client)).toEqual(['good']);
    expect(isCancelled).toBe(true);
  });
});

describe('a key', () => {
  test('and what belongs to it goes to its own host alone', async () => {
    const { client, sent } = world(models, [
      away,
      { id: 'b', baseURL: 'https://b.test/v1', headers: { 'api-key': 'k-b' }, query: { tenant: '7' } },
      { id: 'home' },
    ]);
    expect(await verdicts(client)).toEqual(['good', 'good', 'good']);
    const seen = sent.map(({ url, headers }) => [url, headers.get('authorization'), headers.get('api-key')]);
    expect(seen.sort()).toEqual([
      ['https://a.test/v1/models', 'Bearer sk-a', null],
      ['https://b.test/v1/models?tenant=7', null, 'k-b'],
      ['https://home.test/v1/models', 'Bearer sk-primary', null],
    ]);
    for (const { host, headers } of sent) {
      expect(headers.get('x-mine')).toBe(host === 'home.test' ? 'primary' : null);
      expect(headers.get('openai-organization')).toBe(host === 'home.test' ? 'org-primary' : null);
    }
  });

  // Platforms take `authorization` away at another origin, but not `api-key`.
  test('does not follow a redirect', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response
        .writeHead(307, { location: `http://localhost:${(server.address() as AddressInfo).port}/elsewhere` })
        .end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const client = new OpenAI({
      baseURL,
      apiKey: 'k',
      logLevel: 'off',
      router: { endpoints: [{ id: 'a', headers: { 'api-key': 'k' } }] },
    });
    expect(await verdicts(client)).toEqual(['unsupported']);
    expect(asked).toEqual(['/v1/models']);
  });

  test('that its function does not give says nothing of the endpoint, and is in no event', async () => {
    const apiKey = () => Promise.reject(new Error('sk-canary'));
    const { client, sent } = world(models, [{ ...away, apiKey }]);
    const events = eventsOf(client);
    expect(await verdicts(client)).toEqual(['unclear']);
    expect([sent, JSON.stringify(events).includes('canary')]).toEqual([[], false]);
  });
});

describe('the dress of a probe', () => {
  test('is made by a ready-made client, and sent as that one sends', async () => {
    const wire = stub(models);
    const ready = new Official({ baseURL: 'https://ready.test/v1', apiKey: 'sk-ready', fetch: wire.fetch });
    const { client, sent } = world(hello, [{ id: 'a', client: ready }]);
    expect(await verdicts(client)).toEqual(['good']);
    expect(wire.sent.map(({ url, headers }) => [url, headers.get('authorization')])).toEqual([
      ['https://ready.test/v1/models', 'Bearer sk-ready'],
    ]);
    expect(sent).toEqual([]);
  });

  test('is Azure’s for an Azure client and its other resources', async () => {
    const wire = stub(models);
    const client = new AzureOpenAI({
      endpoint: 'https://home.test',
      apiKey: 'k-home',
      apiVersion: 'v1',
      fetch: wire.fetch,
      router: { endpoints: [{ id: 'home' }, { id: 'b', baseURL: 'https://b.test/openai', apiKey: 'k-b' }] },
    });
    expect(await verdicts(client as unknown as OpenAI)).toEqual(['good', 'good']);
    expect(wire.sent.map(({ url, headers }) => [url, headers.get('api-key')]).sort()).toEqual([
      ['https://b.test/openai/models?api-version=v1', 'k-b'],
      ['https://home.test/openai/models?api-version=v1', 'k-home'],
    ]);
  });

  test('is made without an official client for createFetch, where a key is known', async () => {
    const wire = stub(models);
    const at = { baseURL: 'https://home.test/v1/', fetch: wire.fetch };
    const known = createFetch({ ...at, apiKey: 'sk-home', endpoints: [{ id: 'home' }, away] });
    expect((await known.router.checkHealth()).map(({ verdict }) => verdict)).toEqual(['good', 'good']);
    expect(wire.sent.map(({ url, headers }) => [url, headers.get('authorization')])).toEqual([
      ['https://home.test/v1/models', 'Bearer sk-home'],
      ['https://a.test/v1/models', 'Bearer sk-a'],
    ]);
    const unknown = createFetch({ ...at, endpoints: [{ id: 'home' }] });
    expect(await unknown.router.checkHealth()).toMatchObject([{ verdict: 'unsupported' }]);
    const homeless = createFetch({ fetch: wire.fetch, endpoints: [away] });
    expect(await homeless.router.checkHealth()).toMatchObject([{ verdict: 'good' }]);
    expect(wire.sent).toHaveLength(3);
  });
});

describe('a probe of one’s own', () => {
  test('is asked in place of the list of models, about each endpoint', async () => {
    const asked: unknown[] = [];
    const probe: NonNullable<Exclude<RouterOptions['health'], false | undefined>['probe']> = (endpoint, { signal }) => {
      asked.push({ ...endpoint, aborted: signal.aborted });
      return endpoint.id === 'seoul';
    };
    const { client, simulator, seoul, tokyo } = await start({
      endpoint: ({ name }) => ({ region: `${name}-1` }),
      router: { health: { probe } },
    });
    expect(await client.router.checkHealth()).toMatchObject([
      { endpoint: 'seoul', verdict: 'good', roundTripMs: undefined },
      { endpoint: 'tokyo', verdict: 'bad', message: 'the probe says so' },
    ]);
    expect(asked).toEqual([
      { id: 'seoul', region: 'seoul-1', baseURL: seoul.baseURL, aborted: false },
      { id: 'tokyo', region: 'tokyo-1', baseURL: tokyo.baseURL, aborted: false },
    ]);
    expect(simulator.log).toEqual([]);
  });

  test('that answers neither true nor false counts for nothing, and says so', async () => {
    const { client } = world(models, [away], { health: { probe: (() => undefined) as never } });
    expect(await client.router.checkHealth()).toMatchObject([
      { verdict: 'unclear', message: 'the probe must answer true or false, and answered undefined' },
    ]);
  });
});

test('health beside the official options is refused: nothing would look after anything', () => {
  const make = () => new OpenAI({ apiKey: 'k', health: { mode: 'active' } } as object);
  expect(make).toThrow(OptionsError);
  expect(make).toThrow('health belongs under router: { router: { health: … } }');
});

test('a client made by withOptions shares what is known', async () => {
  const { client, seoul, simulator } = await start();
  seoul.fault({ kind: 'refuse' });
  for (let check = 0; check < 3; check += 1) await client.router.checkHealth();
  simulator.clearLog();
  await client.withOptions({ timeout: 5_000 }).chat.completions.create(question());
  expect(simulator.log.map(({ region }) => region)).toEqual(['tokyo']);
});
