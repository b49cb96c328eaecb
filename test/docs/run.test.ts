import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Simulator, startSimulator } from '@breakwater/simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildOnce } from '../examples/child.js';
import { PAGES, programsOf, readPage } from './page.js';

const FOLDER = fileURLToPath(new URL('blocks/', import.meta.url));
const CONFIG = "export default { apiKey: 'any', router: { endpoints: [{ id: 'seoul' }] } };";

/** What the pages read from the environment. */
const ENVIRONMENT = { ALERT_URL: 'https://alerts.example.com/breakwater' };

let simulator: Simulator;
beforeAll(async () => {
  buildOnce();
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'router.config.mjs'), CONFIG);
  simulator = await startSimulator({ regions: { local: {} } });
}, 120_000);
afterAll(async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  await simulator.close();
});

/** Runs programs in one process, with plain Node and the built packages, and gives what each threw, by its name. */
function run(programs: ReadonlyMap<string, string>): Promise<Readonly<Record<string, string>>> {
  const files = [...programs].map(([name, code]) => {
    const file = join(FOLDER, `${name.replace(/\W+/g, '-')}.ts`);
    // Two pages may have the same port, and neither is free everywhere.
    writeFileSync(file, code.replace(/\b(?:4321|9464)\b/g, '0'));
    return [file, name] as const;
  });
  const keys = [...new Set([...programs.values()].join().match(/(?<=\benv(?:\.|\['))\w*(?:KEY|TOKEN)\w*/g))];
  const env = {
    ...process.env,
    ...Object.fromEntries(keys.map((key) => [key, `any-${key.toLowerCase()}`])),
    ...ENVIRONMENT,
    OPENAI_API_KEY: 'any',
    SIMULATOR: simulator.region('local').baseURL,
  };
  const flags = ['--import', new URL('rerouted.mjs', import.meta.url).href];
  const runner = fileURLToPath(new URL('run-blocks.mjs', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, runner, ...files.map(([file]) => file)], { cwd: FOLDER, env });
    let said = '';
    let complained = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
    });
    child.stderr.on('data', (bytes) => {
      complained += bytes;
    });
    child.once('error', reject);
    child.once('close', () => {
      const last = said.trimEnd().split('\n').at(-1) ?? '';
      if (!last.startsWith('{')) return reject(new Error(complained || said));
      const faults = JSON.parse(last) as Record<string, string>;
      resolve(Object.fromEntries(files.flatMap(([file, name]) => (faults[file] ? [[name, faults[file]]] : []))));
    });
  });
}

test('every block of every page runs as it is pasted', { timeout: 120_000 }, async () => {
  const blocks = PAGES.flatMap((page) =>
    programsOf(readPage(page)).map((code, nth) => [`${page} ${nth}`, code] as const),
  );
  expect(blocks.length).toBeGreaterThan(60);
  // A program has one registry of prom-client, and these fill it.
  const isAlone = (code: string) => code.includes("from 'prom-client'");
  const together = blocks.filter(([, code]) => !isAlone(code));
  const alone = blocks.filter(([, code]) => isAlone(code));
  const groups = [together, ...alone.map((block) => [block])];
  const faults = await Promise.all(groups.map((group) => run(new Map(group))));
  expect(Object.assign({}, ...faults)).toEqual({});
  // They have really asked somebody.
  expect(simulator.requests().length).toBeGreaterThan(10);
});

test('a block that throws, or rejects later on, is found', { timeout: 60_000 }, async () => {
  const faults = await run(
    new Map([
      ['throws', "import OpenAI from 'breakwater';\nnew OpenAI({ router: { endpoint: [] } as object });"],
      ['is fine', "import OpenAI from 'breakwater';\nnew OpenAI({ router: {} });"],
      [
        'rejects',
        "void Promise.reject(new Error('later'));\nawait new Promise((resolve) => setTimeout(resolve, 10));\nexport {};",
      ],
    ]),
  );
  expect(Object.keys(faults)).toEqual(['throws', 'rejects']);
});
