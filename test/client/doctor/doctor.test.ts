import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createSilentServer } from 'node:net';
import { AzureOpenAI, OpenAI as Official } from 'openai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { diagnose } from '../../../packages/client/src/doctor/diagnose.js';
import { run } from '../../../packages/client/src/doctor/run.js';
import { Router } from '../../../packages/client/src/router.js';
import { selfSigned } from '../health/self-signed.js';
import { CANARY, configOf, diagnosisOf, doctor, endpointsAt, regionsOf, said, writeFile } from './setup.js';

test('healthy endpoints: nothing to fix, and exit code 0', async () => {
  const simulator = await regionsOf({ seoul: { limits: { requestsPerMinute: 500 } }, tokyo: {} });
  const found = await diagnosisOf(configOf(endpointsAt(simulator, { models: { 'gpt-4.1': 'gpt-4.1-mini' } })));
  expect(said(found)).toEqual([]);
  expect(found).toMatchObject({ exitCode: 0, isWell: true, asked: false });
  expect(found.endpoints[0]).toMatchObject({
    id: 'seoul',
    baseURL: simulator.region('seoul').baseURL,
    connection: { host: '127.0.0.1', connectMs: expect.any(Number) },
    keys: [{ key: 'key#1', verdict: 'ok', status: 200 }],
    models: { listed: expect.any(Number), expected: ['gpt-4.1-mini'], missing: [] },
    latency: { requests: 4, p50Ms: expect.any(Number), p95Ms: expect.any(Number) },
    limits: { requests: { limit: 500 } },
  });
  // Only lists of models: nothing that is billed.
  expect(new Set(simulator.log.map(({ path }) => path))).toEqual(new Set(['/v1/models']));
});

test('a dead endpoint', async () => {
  const found = await diagnosisOf(configOf([{ id: 'dead', baseURL: 'http://127.0.0.1:9/v1', apiKey: CANARY }]));
  expect(found.exitCode).toBe(1);
  expect(said(found)).toEqual([
    'fix dead nobody listens at 127.0.0.1:9 (ECONNREFUSED): check its baseURL and port, or start the server.',
  ]);
});

test('a host that nobody knows', async () => {
  const found = await diagnosisOf(configOf([{ id: 'typo', baseURL: 'http://no-such.invalid/v1', apiKey: CANARY }]));
  expect(said(found)).toEqual([
    expect.stringMatching(/^fix typo the host no-such\.invalid is not known \(E\w+\): check/),
  ]);
});

test('an endpoint that says nothing is given up after --timeout', async () => {
  const server = createSilentServer(() => undefined).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const startedAt = performance.now();
  const baseURL = `http://127.0.0.1:${port}/v1`;
  const found = await diagnosisOf(configOf([{ id: 'mute', baseURL, apiKey: CANARY }]), '--timeout', '200');
  expect(performance.now() - startedAt).toBeLessThan(1200);
  expect(said(found)).toEqual([
    'fix mute it says nothing for 200 ms: check firewalls and proxies on the way, or allow more by --timeout.',
  ]);
});

test('wrong keys are told by their names, and the others are used', async () => {
  const simulator = await regionsOf({ seoul: { apiKeys: [`${CANARY}-good`] }, tokyo: { apiKeys: [] } });
  const [seoul, tokyo] = endpointsAt(simulator);
  const keys = [`${CANARY}-old`, `${CANARY}-good`];
  const found = await diagnosisOf(
    configOf([
      { ...seoul, id: 'seoul', apiKey: keys },
      { ...tokyo, id: 'tokyo' },
    ]),
  );
  expect(found.exitCode).toBe(1);
  expect(said(found)).toEqual([
    'fix seoul key#1, number 1 of its 2 keys, is refused (HTTP 401): put in a key that is valid there.',
    'fix tokyo key#3 is refused (HTTP 401): put in a key that is valid there.',
  ]);
  expect(found.endpoints[0]?.keys.map(({ verdict }) => verdict)).toEqual(['refused', 'ok']);
  expect(found.endpoints[0]?.models.listed).toBeGreaterThan(0);
});

test('models that an endpoint does not have, and fallbacks that nobody has', async () => {
  const simulator = await regionsOf({ seoul: { models: ['gpt-4.1'] } });
  const endpoints = endpointsAt(simulator, { models: ['gpt-4.1', 'gpt-4.2', 'llama'] });
  expect(said(await diagnosisOf(configOf(endpoints)))).toEqual([
    "fix seoul gpt-4.2 is not among its models (did you mean gpt-4.1?): correct the endpoint's models, or have it enabled there.",
    "fix seoul llama is not among its models (it lists gpt-4.1): correct the endpoint's models, or have it enabled there.",
  ]);
  const any = configOf(endpointsAt(simulator), { fallbacks: { 'gpt-4.1': ['gpt-5'] } });
  expect(said(await diagnosisOf(any))).toEqual([
    'fix * gpt-5 is served by no endpoint: correct its name, or add it to one.',
  ]);
  expect(said(await diagnosisOf(configOf(endpoints), '--model', 'gpt-4.1'))).toEqual([]);
  expect(said(await diagnosisOf(configOf(endpoints), '--model', 'o9'))).toEqual([
    'fix * o9 is served by no endpoint: correct its name, or add it to one.',
  ]);
});

test('a slow endpoint is told and is no fault', async () => {
  const simulator = await regionsOf({ far: { latencyMs: 1050 } });
  const found = await diagnosisOf(configOf(endpointsAt(simulator)), '--timeout', '1900');
  expect(found.exitCode).toBe(0);
  expect(said(found)).toEqual([
    expect.stringMatching(/^note far it takes 1(?:\.\d)? s for its list of models: is there a region nearer to you\?$/),
  ]);
});

test('a web page, a wrong path, a server that is not well', async () => {
  const simulator = await regionsOf({ page: {}, path: {}, sick: {}, other: {} });
  simulator.region('page').fault({ kind: 'html' });
  simulator.region('other').fault({ kind: 'status', status: 200, body: { hello: 1 } });
  simulator.region('sick').fault({ kind: 'status', status: 503 });
  const endpoints = endpointsAt(simulator).map((one) =>
    one.id === 'path' ? { ...one, baseURL: `${one.baseURL}/v2?api-key=${CANARY}-query` } : one,
  );
  const [page, path, other] = ['page', 'path', 'other'].map((name) => simulator.region(name).baseURL);
  expect(said(await diagnosisOf(configOf(endpoints)))).toEqual([
    `fix page ${page} answers with a web page in place of JSON: give the baseURL of the API, which often ends in /v1.`,
    `fix path ${path}/v2/models is not there (HTTP 404): the baseURL must be where the API begins, which is often /v1.`,
    'fix sick it is there and not well (HTTP 503): look at the status page of its provider, and try again later.',
    `fix other ${other}/models answers with something else than a list of models: give the baseURL of the API.`,
  ]);
  // Once for its key and once for its list: nothing is sent a second time.
  expect(simulator.log.filter(({ region }) => region === 'sick')).toHaveLength(2);
});

test('a certificate that nobody vouches for', async () => {
  const server = createSecureServer(selfSigned(), (_request, response) => void response.end('{"data":[]}'));
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const config = configOf([{ id: 'own', baseURL: `https://127.0.0.1:${port}/v1`, apiKey: CANARY }]);
  const found = await diagnosisOf(config);
  expect(found.endpoints[0]?.connection.tls).toEqual({
    protocol: 'TLSv1.3',
    daysLeft: expect.any(Number),
    distrust: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  expect(said(found)).toEqual([
    'fix own its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT): have it signed by a known authority, or name its own to Node by NODE_EXTRA_CA_CERTS.',
  ]);
  expect((await doctor(config)).out).toMatch(/own +yes +1\.3, \d+ days, not trusted/);
});

test('--ask has a model answer and stream at each endpoint', async () => {
  const simulator = await regionsOf({ seoul: {}, tokyo: {}, paris: {} });
  simulator.region('tokyo').fault({ kind: 'cut', afterTokens: 0 });
  simulator.region('paris').fault({ kind: 'status', status: 404, models: ['gpt-4.1'] });
  const found = await diagnosisOf(configOf(endpointsAt(simulator)), '--ask', '--model', 'gpt-4.1');
  expect(found.endpoints[0]).toMatchObject({
    answer: { model: 'gpt-4.1', isGood: true, ms: expect.any(Number) },
    stream: { model: 'gpt-4.1', isGood: true, firstTokenMs: expect.any(Number) },
  });
  expect(said(found).filter((line) => line.startsWith('fix seoul'))).toEqual([]);
  expect(said(found)).toContainEqual(
    expect.stringMatching(/^fix tokyo gpt-4\.1 (?:does not answer|answers, but does not stream) \(\w+/),
  );
  expect(said(found)).toContainEqual(
    expect.stringMatching(/^fix paris gpt-4\.1 does not answer \(not_\w+, HTTP 404\): /),
  );
});

test('every fault of the options is told, with exit code 2, and nothing is sent', async () => {
  const simulator = await regionsOf({ seoul: {} });
  const config = configOf(endpointsAt(simulator, { weight: -1 }), { routng: 'adaptive' } as object);
  const { exitCode, out, error } = await doctor(config);
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  expect(error.split('\n').slice(1)).toEqual([
    '  router.endpoints[0].weight must be a number above 0, but is -1',
    '  router.routng is not an option; did you mean router.routing?',
    '',
  ]);
  const asData = await doctor(config, '--json');
  expect(asData).toMatchObject({ exitCode: 2, error: '' });
  expect(JSON.parse(asData.out)).toMatchObject({ isWell: false, faults: { length: 2 } });
  expect(simulator.log).toEqual([]);
});

test('a configuration that says its key in an error does not say it here', async () => {
  const config = writeFile('router.config.mjs', `throw new Error('no use for ${CANARY}-env');`);
  const { exitCode, error } = await run(['doctor', '-c', config], { SEOUL_KEY: `${CANARY}-env` });
  expect({ exitCode, error }).toEqual({
    exitCode: 2,
    error: expect.stringContaining('it cannot be imported: Error; see line 1'),
  });
});

test.each([
  [['doctr'], 'there is no command "doctr"; there is "doctor"'],
  [[], 'a command is missing; there is "doctor"'],
  [['doctor', 'router.config.mjs'], '"router.config.mjs" is one word too many; a file is named by --config'],
  [['doctor', '--jsn'], "Unknown option '--jsn'"],
  [['doctor', '--timeout', '1s'], '--timeout must be milliseconds from 1 to 600000, but is "1s"'],
  [['doctor', '--config', ''], '--config is empty: is an environment variable not set?'],
  [['doctor', '--model', ' '], '--model is empty: is an environment variable not set?'],
  [['doctor', '--config', 'no-such.mjs'], 'no-such.mjs: there is no such file'],
])('%j ends with exit code 2 and says why', async (args, message) => {
  const { exitCode, out, error } = await run(args, {});
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  expect(error).toContain(message);
});

test('--help prints the flags', async () => {
  const { exitCode, out } = await run(['--help'], {});
  expect(exitCode).toBe(0);
  for (const flag of ['--config', '--model', '--ask', '--timeout', '--json']) expect(out).toContain(flag);
});

// A config that waited for a vault that was not there kept the command waiting as well.
test('a configuration that is never there is given up', async () => {
  const config = writeFile(
    'router.config.mjs',
    'await new Promise(() => setInterval(() => {}, 1000).unref()); export default {};',
  );
  const { exitCode, error } = await doctor(config, '--timeout', '50');
  expect({ exitCode, error }).toEqual({ exitCode: 2, error: expect.stringContaining('it is not loaded in time') });
});

test('the endpoint of the official options, and one that is a ready-made client', async () => {
  const { regions } = await regionsOf({ seoul: {}, tokyo: {} });
  const [seoul, tokyo] = regions.map(({ baseURL }) => baseURL) as [string, string];
  const order = { name: 'here', model: 'gpt-4.1', ask: true, timeoutMs: 2000 };
  const own = await diagnose({ baseURL: seoul, apiKey: CANARY }, order);
  expect(own).toMatchObject({ isWell: true, endpoints: [{ id: 'default', baseURL: seoul, answer: { isGood: true } }] });
  const client = new Official({ baseURL: tokyo, apiKey: CANARY });
  const made = await diagnose({ apiKey: 'k', router: { endpoints: [{ id: 'made', client }] } }, order);
  expect(made).toMatchObject({ isWell: true, endpoints: [{ id: 'made', baseURL: tokyo, keys: [{ verdict: 'ok' }] }] });
});

// Azure lists the models of a resource, and is asked for deployments, which have names of their own.
test('deployments of Azure are not looked for among its models', async () => {
  const { regions } = await regionsOf({ seoul: {} });
  const client = new AzureOpenAI({ baseURL: regions[0]?.baseURL as string, apiKey: CANARY, apiVersion: '2024-10-21' });
  const endpoints = [{ id: 'azure', client, models: { 'gpt-4.1': 'my-deployment' } }];
  const order = { name: 'here', model: undefined, ask: false, timeoutMs: 2000 };
  const found = await diagnose({ apiKey: 'k', router: { endpoints } }, order);
  expect(found.isWell).toBe(true);
  expect(said(found)).toEqual([
    'note azure Azure lists models, and not its deployments: --ask shows whether those answer.',
  ]);
});

test('a name that a server gives a model cannot colour the terminal, nor repeat a key', async () => {
  const body = { data: [{ id: `\u001b[31m${CANARY}-tokyo\n` }] };
  const simulator = await regionsOf({ tokyo: {} });
  simulator.region('tokyo').fault({ kind: 'status', status: 200, body });
  const { out } = await doctor(configOf(endpointsAt(simulator, { models: ['gpt-4.1'] })));
  expect(out).toContain('gpt-4.1 is not among its models (it lists [31m[hidden])');
});

// Only the first of the clients it had made was closed: in a program that calls the doctor the others went on learning from connections.
test('every client that was made for an examination is closed after it', async () => {
  const close = vi.spyOn(Router.prototype, 'close');
  onTestFinished(() => close.mockRestore());
  const simulator = await regionsOf({ seoul: { apiKeys: [`${CANARY}-good`] } });
  const config = configOf(endpointsAt(simulator, { apiKey: [`${CANARY}-bad`, `${CANARY}-good`] }));
  expect((await diagnosisOf(config)).endpoints[0]?.keys.map(({ verdict }) => verdict)).toEqual(['refused', 'ok']);
  // One as the program makes it, one that tries the keys, and one with the good key alone.
  expect(new Set(close.mock.contexts).size).toBe(3);
});
