import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@breakwater/simulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run as doctor } from '../../packages/client/src/doctor/run.js';
import { buildOnce, type Ended, runExample } from './child.js';

beforeAll(buildOnce, 60_000);

const demo = (...flags: string[]): Promise<Ended> => runExample('demo/main.ts', ...flags);

/** The two numbers of a row of the final table: breakwater's and the plain client's. */
function row({ stdout }: Ended, name: string): number[] {
  const cells = new RegExp(`^${name} +(\\d+)(?: ms)? +(\\d+)`, 'm').exec(stdout);
  return (cells ?? []).slice(1).map(Number);
}

const pictures = mkdtempSync(join(tmpdir(), 'breakwater-pictures-'));
afterAll(() => rmSync(pictures, { recursive: true }));

describe.concurrent('the demo', () => {
  test('loses nothing in a short run, while the plain client does, and tells it in plain lines', async () => {
    const picture = join(pictures, 'run.html');
    const ended = await demo('--seconds', '6', '--seed', '3', '--picture', picture);
    expect(ended.stdout).toMatch(/^Live page: http:\/\/127\.0\.0\.1:\d+\/$/m);
    expect(ended.stdout).toContain(`The picture of this run, as one page: ${picture}`);
    const [, state = ''] = /id="state">(.*?)<\/script>/s.exec(readFileSync(picture, 'utf8')) ?? [];
    expect(JSON.parse(state)).toMatchObject({
      totals: { started: 60, succeeded: 60 },
      regions: { seoul: { targets: 4 } },
    });
    expect(ended.stderr).toBe('');
    expect(row(ended, 'asked')).toEqual([60, 60]);
    expect(row(ended, 'answered')[0]).toBe(60);
    expect(row(ended, 'lost')[0]).toBe(0);
    expect(row(ended, 'lost')[1]).toBeGreaterThanOrEqual(5);
    expect(row(ended, 'attempts on the wire')[0]).toBeGreaterThan(60);
    expect(ended.stdout).toContain('breakwater lost nothing: each of its answers is there, whole and right.');
    expect(ended.stdout).toMatch(/^ *\d+\.\d s {2}weather {3}seoul dies/m);
    expect(ended.stdout).toMatch(/^ *\d+\.\d s {2}failover {2}seoul\/\S+ → tokyo\/\S+ {3}\w+, after \d+ ms$/m);
    expect(ended.stdout).not.toContain('\x1b');
    expect(ended.exitCode).toBe(0);
  });

  test.each([
    ['an unknown flag', ['--sed', '3'], "Unknown option '--sed'"],
    ['a word that is no number', ['--seed', 'x'], '--seed must be a whole number from 0 to 4294967295, but is "x"'],
    ['too short a time', ['--seconds', '1'], '--seconds must be a whole number from 6 to 600, but is "1"'],
    ['a config without --live', ['--config', 'my.mjs'], '--config needs --live'],
    ['a model without --live', ['--model', 'gpt-4.1'], '--model needs --live'],
    ['an empty flag', ['--live', '--config', ''], '--config is empty: is an environment variable not set?'],
    ['too few questions', ['--live', '--requests', '0'], '--requests must be a whole number from 1 to 1000'],
    [
      'a missing config',
      ['--live', '--config', 'no-such.mjs'],
      'no-such.mjs cannot be used:\n  no-such.mjs: there is no such file\n',
    ],
  ])('exits 2 and says what is wrong with %s', async (_, flags, message) => {
    const { exitCode, stderr } = await demo(...flags);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(2);
  });
});

describe('the live demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-live-'));
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} } });
  });
  afterAll(async () => {
    await simulator.close();
    rmSync(folder, { recursive: true });
  });

  const path = join(folder, 'router.config.mjs');
  async function live(endpoints: readonly object[], ...flags: readonly string[]): Promise<Ended> {
    const config = { apiKey: 'sk-canary-primary', timeout: 3_000, router: { endpoints } };
    writeFileSync(path, `export default ${JSON.stringify(config)};`);
    const picture = join(folder, 'picture.html');
    return demo('--live', '--config', path, '--picture', picture, '--requests', '6', '--per-second', '6', ...flags);
  }
  const endpoints = () =>
    simulator.regions.map(({ name, baseURL }) => ({ id: name, baseURL, apiKey: `key-of-${name}` }));

  test('sends the questions of its config to the endpoints named there, and judges by what came back', async () => {
    simulator.region('seoul').fault({ kind: 'unauthorized' });
    const ended = await live(endpoints(), '--model', 'gpt-4.1');
    expect(row(ended, 'asked')).toEqual([6, 6]);
    expect(row(ended, 'lost')).toEqual([0, 6]);
    expect(ended.stdout).toContain('6 × HTTP 401');
    expect(ended.exitCode).toBe(0);
  });

  test('exits 1 and names the questions when breakwater loses some', async () => {
    for (const region of simulator.regions) region.fault({ kind: 'unauthorized' });
    const { exitCode, stdout } = await live(endpoints().map((one) => ({ ...one, models: ['gpt-4.1'] })));
    expect(stdout).toContain('breakwater lost 6:');
    // Of two that nobody knows yet chance decides who is asked first.
    expect(stdout).toMatch(
      /#1 at 0\.0 s \(gpt-4\.1, streamed\): HTTP 401 after \d+ ms {3}(?:seoul\/gpt-4\.1:401 tokyo|tokyo\/gpt-4\.1:401 seoul)\/gpt-4\.1:401/,
    );
    expect(exitCode).toBe(1);
  });

  // The demo had a loader of its own, which told other faults than the doctor, and quoted a module's own errors with what stood in them.
  test('exits 2 and tells what the doctor tells of the same config', async () => {
    const { exitCode, stderr } = await live([{ id: 'seoul', baseURL: 'ftp://seoul', apiKey: '' }]);
    const told = await doctor(['doctor', '--config', path], {});
    expect(told.error).toContain('router.endpoints[0].apiKey');
    expect(stderr).toBe(`${told.error}\nnpm start -- --help tells what there is.\n`);
    expect(exitCode).toBe(2);
  });

  test.each([
    ['names no model', {}, '--model is needed: the first endpoint names none.'],
    ['has another name for the model', { models: { 'gpt-4.1': 'mine' } }, 'its name there is not gpt-4.1'],
  ])('exits 2 when the first endpoint %s', async (_, more, message) => {
    const { exitCode, stderr } = await live(endpoints().map((one) => ({ ...one, ...more })));
    expect(stderr).toContain(message);
    expect(exitCode).toBe(2);
  });
});
