import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { run as doctor } from '../../../packages/client/src/doctor/run.js';
import { run } from '../../../packages/dashboard/src/cli/run.js';
import { CANARY, configOf, endpointsAt, regionsOf, writeFile } from '../../client/doctor/setup.js';
import { until } from '../../client/setup.js';
import { command, hear, send } from '../setup.js';

/** Runs the command, which ends with the test if it does not by itself; a key in anything that it says fails the test. */
async function started(...args: readonly string[]) {
  const ran = await run(args, {});
  if ('close' in ran) onTestFinished(() => ran.close());
  expect(`${ran.out}${ran.error}`).not.toContain(CANARY);
  return ran;
}

const urlIn = (out: string) => ({ url: /http:\S+/.exec(out)?.[0] ?? '' });

interface Pictured {
  readonly regions: Readonly<Record<string, { readonly probe?: object }>>;
}

/** The page of a command that serves one, and what is on it now. */
async function pictureAt(page: { readonly url: string }) {
  const { text } = await send(page, '/picture.html');
  expect(text).not.toContain(CANARY);
  const [, state = '{}'] = /id="state">(.*?)<\/script>/s.exec(text) ?? [];
  return JSON.parse(state) as Pictured & Record<string, unknown>;
}

test('shows every endpoint and model of a configuration, as probes find them, and no key', async () => {
  const simulator = await regionsOf({ seoul: {}, tokyo: {}, paris: { models: [] } });
  simulator.region('tokyo').fault({ kind: 'status', status: 503 });
  const [seoul, tokyo, paris] = endpointsAt(simulator) as [object, object, object];
  const models = ['gpt-4.1', 'gpt-4o'];
  const config = configOf([
    { id: 'seoul', ...seoul, models },
    { id: 'tokyo', ...tokyo, models: { 'gpt-4.1': 'deployed' } },
    { id: 'paris', ...paris },
  ]);
  const ran = await started('--config', config, '--port', '0');
  expect(ran.out).toMatch(/^\S+router\.config\.mjs: http:\/\/127\.0\.0\.1:\d+\/\nIt shows what probes from here find/);
  const page = urlIn(ran.out);
  const { heard } = await hear(page);
  await until(() => ['seoul', 'tokyo', 'paris'].every((id) => JSON.stringify(heard).includes(`"${id}":{"probe"`)));
  expect(await pictureAt(page)).toMatchObject({
    title: 'router.config.mjs, probed from this machine',
    totals: { attempts: 0 },
    regions: {
      seoul: { targets: 2, ready: 2, probe: { verdict: 'good', status: 200 }, rttMs: expect.any(Number) },
      tokyo: { targets: 1, probe: { verdict: 'bad', status: 503 } },
      // Which models it has the configuration does not say: it is asked for those of the others.
      paris: { targets: 2, probe: { verdict: 'good' } },
    },
    targets: { 'seoul/gpt-4.1': {}, 'seoul/gpt-4o': {}, 'tokyo/gpt-4.1': {} },
  });
  expect(JSON.stringify(heard)).not.toContain(CANARY);
  // Nothing that is billed.
  expect(new Set(simulator.log.map(({ path }) => path))).toEqual(new Set(['/v1/models']));
});

test('looks again at intervals, and where the configuration wants nobody to look', async () => {
  const simulator = await regionsOf({ seoul: {} });
  const often = configOf(endpointsAt(simulator), { health: { mode: 'off', intervalMs: 30, jitter: 0 } });
  await started('-c', often, '--port', '0');
  await until(() => simulator.log.length > 3);
  const never = await regionsOf({ seoul: {} });
  await started('-c', configOf(endpointsAt(never), { health: false }), '--port', '0');
  await until(() => never.log.length > 0);
});

test('when it is closed nobody is probed any more, and the port is free', async () => {
  const simulator = await regionsOf({ seoul: {} });
  const ran = await started('-c', configOf(endpointsAt(simulator), { health: { intervalMs: 20 } }), '--port', '0');
  await until(() => simulator.log.length > 1);
  if ('close' in ran) await ran.close();
  await expect(send(urlIn(ran.out), '/')).rejects.toThrow('ECONNREFUSED');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { length } = simulator.log;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(simulator.log.length).toBe(length);
});

// The program that the configuration is of sends alerts too: who looks at the page would have told everybody once more.
test('sends no alert of its own, and writes no log', async () => {
  const sent = vi.fn();
  vi.stubGlobal('sentByTheSink', sent);
  const logged = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => void vi.unstubAllGlobals());
  onTestFinished(() => logged.mockRestore());
  const config = writeFile(
    'router.config.mjs',
    `export default { apiKey: '${CANARY}', logLevel: 'debug', router: {
      endpoints: [{ id: 'seoul', baseURL: 'http://127.0.0.1:9/v1', apiKey: '${CANARY}', models: ['gpt-4.1'] }],
      health: { intervalMs: 20, fall: 1 },
      alerts: {
        sinks: [{ name: 'mine', deliver: (message) => globalThis.sentByTheSink(message) }],
        rules: [{ name: 'down', on: ['health.down'], judge: () => ({ state: 'firing', text: 'seoul is down' }) }],
      },
    } };`,
  );
  const page = urlIn((await started('-c', config, '--port', '0')).out);
  const { heard } = await hear(page);
  await until(() => JSON.stringify(heard).includes('"title":"down","detail":"seoul is down"'));
  expect(sent).not.toHaveBeenCalled();
  expect(logged).not.toHaveBeenCalled();
});

test('has buttons only when it is told so', async () => {
  const config = configOf(endpointsAt(await regionsOf({ seoul: {} }), { models: ['gpt-4.1'] }));
  const open = { target: 'seoul/gpt-4.1', action: 'open' };
  expect((await command(urlIn((await started('-c', config, '--port', '0')).out), open)).status).toBe(403);
  const allowed = urlIn((await started('-c', config, '--port', '0', '--allow-control')).out);
  expect((await command(allowed, open)).status).toBe(200);
});

test('a token is wanted, and is not printed', async () => {
  const config = configOf(endpointsAt(await regionsOf({ seoul: {} })));
  const given = await run(['-c', config, '--port', '0', '--token', 'the-token'], {});
  const found = await run(['-c', config, '--port', '0'], { BREAKWATER_DASHBOARD_TOKEN: 'the-token' });
  for (const ran of [given, found]) {
    if ('close' in ran) onTestFinished(() => ran.close());
    expect(ran.out).toContain('Open it once with ?token=… behind the address.');
    expect(ran.out).not.toContain('the-token');
    const page = urlIn(ran.out);
    expect((await send(page, '/')).status).toBe(401);
    expect((await send(page, '/', { headers: { authorization: 'Bearer the-token' } })).status).toBe(200);
  }
});

test.each([
  [['--prot', '1'], "Unknown option '--prot'"],
  [['router.config.mjs'], '"router.config.mjs" is one word too many; a file is named by --config'],
  [['--port', 'x'], '--port must be a whole number from 0 to 65535, but is "x"'],
  [['--port', '65536'], '--port must be a whole number from 0 to 65535, but is "65536"'],
  [['--config', ''], '--config is empty: is an environment variable not set?'],
  [['--host', ''], '--host is empty: is an environment variable not set?'],
  [['--host', '127.0.0.1', '--token', ''], '--token is empty: is an environment variable not set?'],
  [['--host', '0.0.0.0'], '--host 0.0.0.0 can be reached from elsewhere, so a --token is needed'],
])('%j ends with 2 and is told', async (args, message) => {
  const { out, error, ...ran } = await started(...args);
  expect({ out, ...ran }).toEqual({ out: '', exitCode: 2 });
  expect(error).toContain(`breakwater-dashboard: ${message}`);
  expect(error).toMatch(/\nnpx breakwater-dashboard --help shows what there is\.\n$/);
});

test('--help tells every flag, and ends with 0', async () => {
  const { out, ...ran } = await started('--help');
  expect(ran).toEqual({ exitCode: 0, error: '' });
  for (const flag of ['-c, --config', '--port', '--host', '--token', '--allow-control', '-h, --help'])
    expect(out).toContain(flag);
});

test.each([
  ['none', () => 'no-such.mjs'],
  ['one that cannot be parsed', () => writeFile('a.mjs', `export default { apiKey: ${CANARY} };`)],
  ['wrong options', () => configOf([{ id: `${CANARY}-primary at seoul`, baseURL: 'ftp://seoul', apiKey: CANARY }])],
])('of a configuration that cannot be used it tells what the doctor tells: %s', async (_, configured) => {
  const config = configured();
  const { exitCode, out, error } = await doctor(['doctor', '--config', config], {});
  expect(await started('--config', config)).toEqual({ exitCode, out, error });
  expect(exitCode).toBe(2);
  expect(error).toContain(`${config} cannot be used:\n  `);
});

test('a port that is taken ends with 1', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const config = configOf(endpointsAt(await regionsOf({ seoul: {} })));
  expect(await started('-c', config, '--port', String(port))).toEqual({
    exitCode: 1,
    out: '',
    error: expect.stringMatching(`^breakwater-dashboard: .*port ${port} of 127.0.0.1 is taken: .*\n$`),
  });
});
