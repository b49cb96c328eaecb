// What a choice among targets costs: nanoseconds and allocated bytes, for every strategy, among 5 and 50. `pnpm bench:routing` prints a
// table; --quick measures fewer rounds, --json prints the numbers, --gate fails when a limit is missed. The meters are plain objects, but
// for the last rows, where real ones are told of every call. It needs a nursery so large that nothing is collected between two readings of the heap.
import { parseArgs } from 'node:util';
import type { Flight } from '../../packages/core/src/latency/flight.ts';
import { LatencyGroup } from '../../packages/core/src/latency/group.ts';
import { Meter } from '../../packages/core/src/latency/meter.ts';
import { choose } from '../../packages/core/src/routing/choose.ts';
import { type RoutingOptions, resolveRouting, strategies } from '../../packages/core/src/routing/options.ts';
import type { Candidate, Occasion } from '../../packages/core/src/routing/strategy.ts';
import { isMet } from '../gates.ts';
import { measurer } from '../repeated.ts';
import { table } from '../report.ts';

/** The most that the default may cost among five, in nanoseconds and bytes: the readings may take as long again, and dice answer in a number. */
const LIMITS = { nanoseconds: 200, bytes: 20 } as const;
/** The same with real meters, which are read for each and told of the beginning and the end of the call; what is allocated is the flight. */
const METERED = [
  { count: 5, nanoseconds: 400, bytes: 120 },
  { count: 50, nanoseconds: 3_000, bytes: 120 },
] as const;
const CHOICES = 100_000;

const { values: flags } = parseArgs({
  // pnpm hands on the `--` that separates its own flags.
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, gate: { type: 'boolean' } },
});

const measure = measurer({ times: CHOICES, isQuick: flags.quick === true });

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

const GROUP = new LatencyGroup();

/** A target with a real meter. */
class Metered implements Candidate {
  readonly id: string;
  readonly region = undefined;
  readonly tier = 0;
  readonly weight = 1;
  readonly meter = new Meter(GROUP, { ms: () => 20, measuredMs: undefined, atMost: () => {} });

  constructor(index: number) {
    this.id = `region-${index}/gpt-4.1`;
  }

  reading(streamed: boolean, now: number) {
    return this.meter.reading(streamed, now);
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

/** Calls that come every five milliseconds and take about 800, so that 160 are under way; each is told to its meter. */
function meteredRunner(count: number): () => number {
  const routing = resolveRouting('adaptive');
  const candidates = Array.from({ length: count }, (_, index) => new Metered(index));
  const underWay = new Array<{ target: Metered; flight: Flight } | undefined>(160).fill(undefined);
  const occasion = { streamed: false, now: 0, random: Math.random };
  return () => {
    let sum = 0;
    for (let i = 0; i < CHOICES; i += 1) {
      occasion.now += 4 + 2 * Math.random();
      const place = i % underWay.length;
      const call = underWay[place];
      call?.target.meter.end(call.flight, 'success', occasion.now);
      const target = choose(routing, candidates, occasion);
      underWay[place] = { target, flight: target.meter.begin(false, occasion.now) };
      sum += 1;
    }
    return sum;
  };
}

const metered = METERED.flatMap(({ count, ...limits }) =>
  measure(`adaptive with real meters, among ${count}`, meteredRunner(count), limits),
);
const alone = CASES.flatMap((one) =>
  [5, 50].flatMap((count) => {
    const isLimited = one.name === 'adaptive' && count === 5;
    return measure(`${one.name}, among ${count}`, runner(one, count), isLimited ? LIMITS : undefined);
  }),
);
const findings = [...alone, ...metered];
const missed = findings.filter((finding) => !isMet(finding)).length;
if (flags.json) console.log(JSON.stringify(findings, null, 2));
else {
  console.log(`${table(findings)}\n`);
  console.log(missed === 0 ? 'Every limit is kept.' : `${missed} limits are missed.`);
}
process.exitCode = flags.gate && missed > 0 ? 1 : 0;
