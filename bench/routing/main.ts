// What a choice among targets costs: nanoseconds and allocated bytes, for every strategy, among 5 and 50. `pnpm bench:routing` prints a
// table; --quick measures fewer rounds, --json prints the numbers, --gate fails when a limit is missed. The meters are plain objects:
// what a reading costs is not in here. It needs a nursery so large that nothing is collected between two readings of the heap.
import { parseArgs } from 'node:util';
import { choose } from '../../packages/core/src/routing/choose.ts';
import { type RoutingOptions, resolveRouting, strategies } from '../../packages/core/src/routing/options.ts';
import type { Candidate, Occasion } from '../../packages/core/src/routing/strategy.ts';
import { type Finding, isMet } from '../gates.ts';
import { quantile } from '../quantile.ts';
import { table } from '../report.ts';

/** The most that the default may cost among five, in nanoseconds and bytes: the readings may take as long again, and dice answer in a number. */
const LIMITS = { nanoseconds: 200, bytes: 20 } as const;
const CHOICES = 100_000;
const WARM_UP_ROUNDS = 5;

const { values: flags } = parseArgs({
  // pnpm hands on the `--` that separates its own flags.
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, gate: { type: 'boolean' } },
});

/** A target whose numbers move with every choice, so that the answer cannot be known beforehand. */
class Fake implements Candidate {
  readonly id: string;
  readonly region: string;
  readonly tier: number;
  readonly weight = 1;
  readonly known = {
    rttMs: 20,
    expectedMs: 800,
    averageMs: 800,
    successRate: 1,
    inFlight: 0,
    capacity: 512,
    samples: 9,
  };

  constructor(index: number, tiers: number) {
    this.id = `region-${index}/gpt-4.1`;
    this.region = `region-${index % 5}`;
    this.tier = index % tiers;
    this.known.expectedMs += index / 7;
    this.known.averageMs += index / 7;
  }

  reading() {
    return this.known;
  }
}

interface Case {
  readonly name: string;
  readonly routing: RoutingOptions;
  readonly tiers?: number;
  readonly stickyKey?: string;
}

const CASES: readonly Case[] = [
  ...(Object.keys(strategies) as (keyof typeof strategies)[]).map((name) => ({ name, routing: name })),
  { name: 'two tiers', routing: {}, tiers: 2 },
  { name: 'a preferred region', routing: { preferRegion: 'region-1' } },
  { name: 'a sticky key', routing: {}, stickyKey: 'conversation-7c9e6679-7425-40de-944b' },
  { name: 'a function of your own', routing: ([first]) => first?.id ?? '' },
];

function runner({ routing, tiers = 1, stickyKey }: Case, count: number): () => number {
  const resolved = resolveRouting(routing);
  const candidates = Array.from({ length: count }, (_, index) => new Fake(index, tiers));
  const occasion: Occasion = { streamed: true, now: 1_000.5, random: Math.random, stickyKey };
  return () => {
    let sum = 0;
    for (let i = 0; i < CHOICES; i += 1) {
      const chosen = choose(resolved, candidates, occasion);
      const { known } = chosen;
      known.inFlight = (known.inFlight + 1) & 7;
      sum += known.inFlight;
    }
    return sum;
  };
}

/** Nanoseconds of the process and bytes of the heap, for one choice. */
function burst(run: () => number): { nanoseconds: number; bytes: number } {
  globalThis.gc?.({ type: 'minor' });
  const heap = process.memoryUsage().heapUsed;
  const before = process.cpuUsage();
  const sum = run();
  const { user, system } = process.cpuUsage(before);
  const bytes = (process.memoryUsage().heapUsed - heap) / CHOICES;
  if (!(sum > 0)) throw new Error('nobody was chosen');
  return { nanoseconds: ((user + system) * 1_000) / CHOICES, bytes };
}

function measure(one: Case, count: number): Finding[] {
  const run = runner(one, count);
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) burst(run);
  const bursts = Array.from({ length: flags.quick ? 5 : 25 }, () => burst(run));
  const nanoseconds = bursts.map((burst) => burst.nanoseconds);
  const bytes = bursts.map((burst) => burst.bytes);
  const isLimited = one.name === 'adaptive' && count === 5;
  const what = `${one.name}, among ${count}`;
  return [
    {
      what,
      value: quantile(nanoseconds, 0.5),
      unit: 'ns',
      spread: [quantile(nanoseconds, 0.25), quantile(nanoseconds, 0.75)],
      ...(isLimited && { limit: LIMITS.nanoseconds }),
    },
    {
      what: `${what}, allocated`,
      // Of all rounds the quietest: compilers allocate too.
      value: Math.max(0, Math.min(...bytes)),
      unit: 'bytes',
      ...(isLimited && { limit: LIMITS.bytes }),
    },
  ];
}

const findings = CASES.flatMap((one) => [5, 50].flatMap((count) => measure(one, count)));
const missed = findings.filter((finding) => !isMet(finding)).length;
if (flags.json) console.log(JSON.stringify(findings, null, 2));
else {
  console.log(`${table(findings)}\n`);
  console.log(missed === 0 ? 'Every limit is kept.' : `${missed} limits are missed.`);
}
process.exitCode = flags.gate && missed > 0 ? 1 : 0;
