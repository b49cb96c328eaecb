// What the breaker costs, and what others get wrong, each cell found by running it. `pnpm bench:breaker` prints two tables; --quick
// measures fewer rounds, --json prints the numbers, --only=defects and --only=cost print one of them, --gate fails when a limit is
// missed or a defect is ours.
import { parseArgs } from 'node:util';
import { isMet } from '../gates.ts';
import { columns, table } from '../report.ts';
import { measureCost } from './cost.ts';
import { type DefectRow, runDefects } from './defects.ts';
import { LIBRARIES } from './guards.ts';
import { measureHeld } from './memory.ts';

const { values: flags } = parseArgs({
  // pnpm hands on the `--` that separates its own flags.
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: {
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    gate: { type: 'boolean' },
    only: { type: 'string' },
  },
});

const wanted = (what: string) => flags.only === undefined || flags.only === what;

function defectTable(rows: readonly DefectRow[]): string {
  const names = Object.keys(LIBRARIES) as (keyof typeof LIBRARIES)[];
  const head = ['', 'known from', ...names];
  return columns([head, ...rows.map((row) => [row.what, row.knownFrom, ...names.map((name) => row.verdicts[name])])]);
}

// Costs first: the scenarios use breakers of every kind, and code that has seen them all is slower.
const costs = wanted('cost') ? [...measureHeld(), ...(await measureCost(flags.quick ? 10 : 40))] : [];
const defects = wanted('defects') ? await runDefects() : [];
const missed = costs.filter((finding) => !isMet(finding)).length;
const ours = defects.filter(({ verdicts }) => verdicts.breakwater !== 'ok').length;
if (flags.json) console.log(JSON.stringify({ costs, defects }, null, 2));
else {
  if (costs.length > 0) console.log(`${table(costs)}\n`);
  if (defects.length > 0) console.log(`${defectTable(defects)}\n`);
  console.log(missed + ours === 0 ? 'Every limit is kept.' : `${missed} limits are missed, ${ours} defects are ours.`);
}
// opossum's timers would keep the process alive.
process.exit(flags.gate && missed + ours > 0 ? 1 : 0);
