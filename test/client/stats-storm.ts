// A storm of 5 000 requests over real HTTP: every fault of the simulator, streams and whole answers, callers who leave, hedges on and off,
// several keys, rescues. At its end every number of `stats()` is compared with a recount that knows nothing of the counts. It exits with 1
// if one of them is not the same. docs/stats.md tells what is recounted from what.
import { faultKinds } from '@breakwater/simulator';
import { compare } from './storm/compare.ts';
import { type Part, play } from './storm/storm.ts';

const requests = Number(process.argv[2] ?? 5_000);
const PARTS = 10;

const parts = Array.from(
  { length: PARTS },
  (_, index): Part => ({
    requests: Math.ceil(requests / PARTS),
    seed: 100 + index,
    hedging: index % 2 === 0,
    rescue: index % 3 === 2 ? 'restart' : 'continue',
    lastResort: index % 4 === 3,
  }),
);

const seen = new Map<string, number>();
const sums = { requests: 0, attempts: 0, numbers: 0, undecided: 0, differences: 0 };
for (const part of parts) {
  const played = await play(part);
  const { differences, numbers, attempts, undecided } = compare(played);
  for (const { fault } of played.simulator.log) if (fault) seen.set(fault, (seen.get(fault) ?? 0) + 1);
  sums.requests += played.callers.length;
  sums.attempts += attempts;
  sums.numbers += numbers;
  sums.undecided += undecided;
  sums.differences += differences.length;
  const { succeeded, failed } = played.stats.requests;
  const { broken, stalled } = played.stats.allTargets.streams;
  console.log(
    `seed ${part.seed}: ${part.requests} requests (${succeeded} answered, ${failed} not), ${attempts} attempts, ` +
      `${played.stats.failovers} failovers, ${broken} streams broken, ${stalled} of them stalled, ${played.stats.rescues} rescued: ` +
      `${numbers} numbers compared, ${differences.length} differ`,
  );
  for (const difference of differences) console.log(`  ${difference}`);
}
const missing = faultKinds.filter((kind) => !seen.has(kind));
console.log(
  `${sums.requests} requests, ${sums.attempts} attempts, ${sums.numbers} numbers compared, ${sums.differences} differ; ` +
    `of ${sums.undecided} attempts the wire alone could not tell the end`,
);
console.log(`faults: ${[...seen].map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
if (missing.length > 0) console.log(`faults that struck nobody: ${missing.join(', ')}`);
process.exitCode = sums.differences > 0 || missing.length > 0 ? 1 : 0;
