// Contestants in a simulated world, on virtual time: `pnpm simulate` plays every scenario with every contestant and prints a table for
// each; plots go to a folder. docs/simulation.md tells what the world is made of.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONTESTANTS } from './contestants.ts';
import { play } from './play.ts';
import { plot } from './report/plot.ts';
import { overview, type Page, type Result, table } from './report/table.ts';
import { planOf, SCENARIOS } from './scenarios.ts';

const { values: flags } = parseArgs({
  // pnpm hands on the `--` that separates its own flags.
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: {
    scenario: { type: 'string' },
    contestant: { type: 'string' },
    seeds: { type: 'string', default: '5' },
    minutes: { type: 'string', default: '6' },
    clients: { type: 'string', default: '20' },
    streamed: { type: 'boolean', default: false },
    out: { type: 'string', default: '.simulation' },
  },
});

/** Those of the list that were asked for, separated by commas; all when none was. */
function chosen<Named extends { readonly name: string }>(all: readonly Named[], asked: string | undefined) {
  if (asked === undefined) return all;
  const unknown = asked.split(',').filter((name) => !all.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown}; there are ${all.map(({ name }) => name).join(', ')}`);
  return all.filter(({ name }) => asked.split(',').includes(name));
}

function positive(flag: 'seeds' | 'minutes' | 'clients'): number {
  const value = Number(flags[flag]);
  if (!(value > 0)) throw new Error(`--${flag} must be a positive number, but is ${flags[flag]}`);
  return value;
}

// Nobody reads the stacks of a hundred thousand timeouts, and in an overload they would take half of the time.
Error.stackTraceLimit = 0;

const [minutes, clients] = [positive('minutes'), positive('clients')];
const seeds = Array.from({ length: positive('seeds') }, (_, index) => index + 1);
const terms = { minutes, clients, streamed: flags.streamed };
mkdirSync(flags.out, { recursive: true });
const pages: Page[] = [];
let written = '';
for (const scenario of chosen(SCENARIOS, flags.scenario)) {
  const results: Result[] = [];
  for (const contestant of chosen(CONTESTANTS, flags.contestant)) {
    const startedAt = performance.now();
    results.push({ contestant: contestant.name, tally: await play({ scenario, contestant, seeds, ...terms }) });
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    process.stderr.write(`${scenario.name}, ${contestant.name}: ${seconds} s\n`);
  }
  const page = `### ${scenario.name}: ${scenario.story}\n\n${table(results)}\n`;
  pages.push({ scenario: scenario.name, results });
  written += `${page}\n`;
  console.log(page);
  const plan = planOf(scenario, { ...terms, seed: 1 });
  writeFileSync(join(flags.out, `${scenario.name}.svg`), plot({ scenario, plan, results }));
}
console.log(overview(pages));
writeFileSync(join(flags.out, 'table.md'), `${written}${overview(pages)}\n`);
