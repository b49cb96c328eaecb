// `pnpm smoke`: packs the three packages, installs the tarballs with openai into an empty folder, and lets one script fail over
// there on every supported runtime, as a user would have it. The runtimes come from registry packages; one line for each.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'breakwater-smoke-'));
const OPENAI = '7.55.0';
const PACKAGES = { '@breakwater/core': 'core', breakwater: 'client', '@breakwater/simulator': 'simulator' };

const NODES = ['20', '22', '24', '26'].map((major) => ({
  name: `Node ${major}`,
  package: `node@${major}`,
  command: ['node'],
}));
const RUNTIMES = [
  ...NODES,
  { name: 'Bun', package: 'bun@1.4.5', command: ['bun'] },
  { name: 'Deno', package: 'deno@2.9.6', command: ['deno', 'run', '-A'] },
];

/** The script, after its imports: a region is down, then it cuts its streams; both answers come from the other one. */
const FAILOVER = `
async function main() {
  const simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} } });
  const endpoints = ['seoul', 'tokyo'].map((id) => ({ id, baseURL: simulator.region(id).baseURL, apiKey: 'any' }));
  const client = new OpenAI({ apiKey: 'any', router: { routing: 'priority', endpoints } });
  if (!(client instanceof Official)) throw new Error('not an instance of the official client');
  const moves = [];
  client.on('failover', ({ from, to }) => moves.push(from + ' > ' + to));
  const ask = { model: 'gpt-4.1', messages: [{ role: 'user', content: 'echo: hello from the other side' }] };

  const heal = simulator.region('seoul').fault({ kind: 'status', status: 503, times: 1 });
  const chat = await client.chat.completions.create(ask);
  heal();
  const json = chat.choices[0].message.content;
  if (json !== 'hello from the other side') throw new Error('wrong answer: ' + json);
  if (routeOf(chat).endpoint !== 'tokyo') throw new Error('answered by ' + routeOf(chat).endpoint);

  const second = new OpenAI({ apiKey: 'any', router: { routing: 'priority', endpoints } });
  second.on('failover', ({ from, to }) => moves.push(from + ' > ' + to));
  simulator.region('seoul').fault({ kind: 'cut', afterTokens: 0 });
  let text = '';
  for await (const chunk of await second.chat.completions.create({ ...ask, stream: true })) text += chunk.choices[0]?.delta?.content ?? '';
  if (text !== 'hello from the other side') throw new Error('wrong stream: ' + text);
  if (moves.length !== 2) throw new Error('moves: ' + moves.join(', '));
  await simulator.close();
}
const runtime = globalThis.Bun ? 'Bun ' + Bun.version : globalThis.Deno ? 'Deno ' + Deno.version.deno : 'Node ' + process.versions.node;
main().then(() => console.log(runtime), (error) => { console.error(error); process.exitCode = 1; });
`;

const SCRIPTS = {
  'failover.mjs': `import OpenAI, { routeOf } from 'breakwater';
import { OpenAI as Official } from 'openai';
import { startSimulator } from '@breakwater/simulator';
${FAILOVER}`,
  'failover.cjs': `const OpenAI = require('breakwater');
const { routeOf } = OpenAI;
const { OpenAI: Official } = require('openai');
const { startSimulator } = require('@breakwater/simulator');
${FAILOVER}`,
};

/** Runs a command; a failure carries what it said. */
function run(program, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: 240_000,
    shell: process.platform === 'win32',
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')}\n${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.trimEnd());
}

/** Puts the tarballs and openai into the folder. pnpm packs, because it writes real versions for the workspace's own. */
function install() {
  run('pnpm', ['run', 'build'], root);
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs);
  for (const name of Object.values(PACKAGES))
    run('pnpm', ['pack', '--pack-destination', tarballs], join(root, 'packages', name));
  const dependencies = { openai: OPENAI };
  for (const [name, short] of Object.entries(PACKAGES)) {
    const prefix = short === 'client' ? 'breakwater-0' : `breakwater-${short}-`;
    dependencies[name] = `file:tarballs/${readdirSync(tarballs).find((file) => file.startsWith(prefix))}`;
  }
  // The client asks for core by version; without the override npm would look for it in the registry.
  const overrides = { '@breakwater/core': dependencies['@breakwater/core'] };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'smoke', private: true, dependencies, overrides }, null, 2),
  );
  for (const [name, source] of Object.entries(SCRIPTS)) writeFileSync(join(folder, name), source);
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], folder);
}

let isGreen = true;
try {
  install();
  for (const runtime of RUNTIMES) {
    for (const script of Object.keys(SCRIPTS)) {
      const startedAt = performance.now();
      let fault;
      let ran = runtime.name;
      try {
        ran = run(
          'npx',
          ['-y', '--prefer-offline', '-p', runtime.package, '--', ...runtime.command, script],
          folder,
        ).trim();
        // A runtime that could not be brought must not be stood in for by the one that is here.
        if (!ran.startsWith(`${runtime.name}.`) && !ran.startsWith(`${runtime.name} `))
          throw new Error(`ran on ${ran}`);
      } catch (error) {
        fault = error.message;
        isGreen = false;
      }
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      const format = script.endsWith('.mjs') ? 'ESM' : 'CommonJS';
      console.log(`${fault ? 'FAILED' : 'ok    '} ${ran}, ${format}, JSON and stream (${seconds} s)`);
      if (fault) console.log(fault.replace(/^/gm, '    '));
    }
  }
} catch (error) {
  isGreen = false;
  console.log(`FAILED to install the packages\n${error.message}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = isGreen ? 0 : 1;
