// What the router costs, over the bare official client, in the same process and the same rounds. `pnpm bench` prints a table;
// --quick measures fewer rounds, --json prints the numbers, --only=<text> keeps the lines with that text, --gate fails when a limit is
// missed, --least measures the least that any wrapper would cost beside it.
import { parseArgs } from 'node:util';
import { candidates } from './candidates.ts';
import { wrappers } from './floor.ts';
import { cpuLimit, type Finding, isMet, LIMITS } from './gates.ts';
import { importTime } from './import-time.ts';
import { measureMemory } from './memory.ts';
import { CHUNKS } from './payloads.ts';
import { table } from './report.ts';
import { measure } from './rounds.ts';
import { bundleSize } from './size.ts';
import { inProcess, loopback, type World } from './worlds.ts';

const { values: flags } = parseArgs({
  // pnpm hands on the `--` that separates its own flags.
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: {
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    gate: { type: 'boolean' },
    least: { type: 'boolean' },
    only: { type: 'string' },
  },
});

/** Requests of one client in one round, so that each takes tens of milliseconds. */
const REQUESTS = { 'in process': { json: 1024, stream: 32 }, loopback: { json: 192, stream: 32 } } as const;

const wanted = (what: string) => flags.only === undefined || what.includes(flags.only);

async function cpu(world: World): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const kind of ['json', 'stream'] as const) {
    for (const concurrency of [1, 64]) {
      const what = `${world.name}, ${kind}, ${concurrency} at once`;
      if (!wanted(what)) continue;
      const streamed = kind === 'stream';
      const requests = Math.max(concurrency, REQUESTS[world.name as keyof typeof REQUESTS][kind]);
      const field = [...candidates(world), ...(flags.least && !streamed ? wrappers(world) : [])];
      const measured = await measure(field, {
        streamed,
        concurrency,
        requests,
        rounds: flags.quick ? 10 : 30,
      });
      for (const { name, micros, ratio, lower, upper } of measured) {
        const limit = cpuLimit(world.name, name, streamed);
        findings.push({
          what: `${what}: ${name}${streamed ? ', a chunk' : ''}`,
          value: ratio,
          unit: '×',
          spread: [lower, upper],
          micros: streamed ? micros / CHUNKS : micros,
          ...(limit !== undefined && { limit }),
        });
      }
    }
  }
  world.close();
  return findings;
}

async function memory(): Promise<Finding[]> {
  if (!wanted('heap')) return [];
  const { official, oneEndpointMore, fiveEndpointsMore } = await measureMemory();
  const limit = LIMITS.heapBytes;
  return [
    { what: 'heap per request in flight: official', value: official, unit: 'bytes' },
    { what: 'heap per request in flight: one endpoint, more', value: oneEndpointMore, unit: 'bytes', limit },
    { what: 'heap per request in flight: five endpoints, more', value: fiveEndpointsMore, unit: 'bytes', limit },
  ];
}

async function loading(): Promise<Finding[]> {
  if (!wanted('load')) return [];
  const { minified, gzipped } = await bundleSize();
  const findings: Finding[] = [
    { what: 'load: bundle without openai, minified', value: minified, unit: 'bytes' },
    { what: 'load: the same, gzipped', value: gzipped, unit: 'bytes', limit: LIMITS.gzippedBytes },
  ];
  for (const format of ['esm', 'cjs'] as const) {
    const { openaiMs, addedMs } = importTime(format, flags.quick ? 5 : 15);
    findings.push({ what: `load: openai (${format})`, value: openaiMs, unit: 'ms' });
    findings.push({
      what: `load: breakwater on top of it (${format})`,
      value: addedMs,
      unit: 'ms',
      limit: LIMITS.importMs,
    });
  }
  return findings;
}

const findings = [
  ...(await loading()),
  ...(await memory()),
  ...(await cpu(inProcess())),
  ...(await cpu(await loopback())),
];
const missed = findings.filter((finding) => !isMet(finding));
console.log(flags.json ? JSON.stringify(findings, null, 2) : table(findings));
if (!flags.json) console.log(missed.length === 0 ? 'Every limit is kept.' : `${missed.length} limits are missed.`);
process.exitCode = flags.gate && missed.length > 0 ? 1 : 0;
