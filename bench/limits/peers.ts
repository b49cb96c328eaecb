// What others make of the same limits: `pnpm bench:limits:peers` runs rate-limiter-flexible, bottleneck and p-queue beside our limiter, in
// virtual time for what they let through and in real time for what they cost. It prints a table, and fails when ours breaks its promise.
// --quick measures fewer rounds, --json prints the numbers.
import { parseArgs } from 'node:util';
import { systemClock } from '../../packages/core/src/base/clock.ts';
import { quantile } from '../quantile.ts';
import { columns } from '../report.ts';
import { type Doorman, LIBRARIES, type Library } from './field.ts';
import { costOfLeaving, costOfRefusal, type Fared, type Kept, large, requests, tokens } from './peer-scripts.ts';

const CALLS = 5_000;
const AT_ONCE = 50;
const WARM_UP_ROUNDS = 5;
/** One lets go one in a millisecond. */
const LONGEST_MS = 10_000;
/** Nobody has to wait for so much. */
const PLENTY = 1e9;

const { values: flags } = parseArgs({
  // pnpm hands on the `--` that separates its own flags.
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' } },
});

interface Row {
  readonly name: string;
  readonly requests: Kept | undefined;
  readonly tokens: Kept | undefined;
  readonly large: Fared | undefined;
  readonly leaving: number | undefined;
  readonly refusal: number | undefined;
  readonly nanoseconds: number;
  readonly bytes: number;
}

/** What it costs to be let go where there is room, in nanoseconds of the process and bytes of the heap. */
async function cost(library: Library): Promise<{ nanoseconds: number; bytes: number }> {
  const door = library({ of: 'requests', amount: PLENTY }, systemClock) as Doorman;
  const nanoseconds: number[] = [];
  const bytes: number[] = [];
  const rounds = flags.quick ? 10 : 30;
  const endsAt = performance.now() + LONGEST_MS;
  for (let round = 0; round < rounds && (round <= WARM_UP_ROUNDS || performance.now() < endsAt); round += 1) {
    globalThis.gc?.({ type: 'minor' });
    const heap = process.memoryUsage().heapUsed;
    const before = process.cpuUsage();
    // Many at once: one library sets a timer for each call, and one after the other they would take their milliseconds.
    for (let call = 0; call < CALLS; call += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, () => door.enter(1)));
    const { user, system } = process.cpuUsage(before);
    bytes.push((process.memoryUsage().heapUsed - heap) / CALLS);
    nanoseconds.push(((user + system) * 1_000) / CALLS);
  }
  door.close?.();
  return {
    nanoseconds: quantile(nanoseconds.slice(WARM_UP_ROUNDS), 0.5),
    bytes: quantile(bytes.slice(WARM_UP_ROUNDS), 0.5),
  };
}

/** What ours promises: never above the limit, and a burst on top of it where that is set; and nothing is lost. */
function faultsOf({ name, requests: ofRequests, tokens: ofTokens, large: ofLarge, leaving, refusal }: Row): string[] {
  if (!name.startsWith('breakwater') || !ofRequests || !ofTokens || !ofLarge) return [];
  const hasBurst = name !== 'breakwater';
  const faults: string[] = [];
  const must = (isSo: boolean, what: string) => void (isSo || faults.push(`${name}: ${what}`));
  must(ofRequests.most <= (hasBurst ? 61 : 60), `${ofRequests.most} requests in a minute`);
  must(ofTokens.most <= (hasBurst ? 13_000 : 10_000), `${ofTokens.most} tokens in a minute`);
  must(ofRequests.sustained >= 0.98, `${ofRequests.sustained} of the requests for good`);
  // Where a window slides the first in line waits for its whole room, and what is left until then is lost: up to a large one in each.
  must(ofTokens.sustained >= 0.85, `${ofTokens.sustained} of the tokens for good`);
  must(ofLarge.overtakenBy === 0, `${ofLarge.overtakenBy} overtook a large one`);
  must(leaving === 0, `${leaving} places went to those who had left`);
  must(refusal === 0, `${refusal} tokens went with a refusal`);
  return faults;
}

const rows: Row[] = [];
for (const [name, library] of Object.entries(LIBRARIES)) {
  const row = {
    name,
    requests: await requests(library),
    tokens: await tokens(library),
    large: await large(library),
    leaving: await costOfLeaving(library),
    refusal: await costOfRefusal(library),
  };
  rows.push({ ...row, ...(await cost(library)) });
}

const shown = (value: number | undefined, more: (value: number) => string = String): string =>
  value === undefined ? '–' : more(value);
const percent = (part: number) => `${(100 * part).toFixed(1)} %`;

const head = [
  '60 and 10 000 a minute',
  'most in 60 s',
  'for good',
  'most tokens in 60 s',
  'for good',
  'longest wait of a large one, s',
  'overtaken by',
  'places lost by 30 who left',
  'tokens lost by a refusal of 3 000',
  'ns',
  'bytes',
];
const faults = rows.flatMap(faultsOf);
if (flags.json) console.log(JSON.stringify(rows, null, 2));
else {
  const cells = rows.map((row) => [
    row.name,
    shown(row.requests?.most),
    shown(row.requests?.sustained, percent),
    shown(row.tokens?.most),
    shown(row.tokens?.sustained, percent),
    shown(row.large?.longestWaitMs, (ms) => (ms / 1_000).toFixed(1)),
    shown(row.large?.overtakenBy),
    shown(row.leaving),
    shown(row.refusal),
    row.nanoseconds.toFixed(0),
    row.bytes.toFixed(0),
  ]);
  console.log(`${columns([head, ...cells])}\n`);
  console.log(faults.length === 0 ? 'Every promise is kept.' : faults.join('\n'));
}
process.exitCode = faults.length > 0 ? 1 : 0;
