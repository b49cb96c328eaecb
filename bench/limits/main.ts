// What a limit costs: nanoseconds and allocated bytes for asking, taking and settling, in each dimension; and a line of ten thousand that
// drains: how long in all, and how long nobody else gets a turn at the most. `pnpm bench:limits` prints a table; --quick measures fewer
// rounds, --json prints the numbers, --gate fails when a limit is missed. It needs a nursery so large that nothing is collected between
// two readings of the heap.
import { parseArgs } from 'node:util';
import { type Clock, systemClock } from '../../packages/core/src/base/clock.ts';
import type { Demand, LimitNumbers } from '../../packages/core/src/limits/limit.ts';
import { Limiter } from '../../packages/core/src/limits/limiter.ts';
import { Reservation } from '../../packages/core/src/limits/reservation.ts';
import { type Finding, isMet } from '../gates.ts';
import { quantile } from '../quantile.ts';
import { measurer } from '../repeated.ts';
import { table } from '../report.ts';

/**
 * The most that one request may cost in one dimension, in nanoseconds and bytes. `now` has a fraction, so that it is boxed, 16 bytes each, once
 * by this program and once where it is handed on; there is nothing else.
 */
const LIMITS = { nanoseconds: 300, bytes: 40 } as const;
/** How long a draining line may keep the event loop, in milliseconds. */
const LONGEST_BLOCK_MS = 10;
const REQUESTS = 100_000;
const WAITING = 10_000;

const { values: flags } = parseArgs({
  // pnpm hands on the `--` that separates its own flags.
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, gate: { type: 'boolean' } },
});

const measure = measurer({ times: REQUESTS, isQuick: flags.quick === true });

interface Case {
  readonly name: string;
  readonly numbers: LimitNumbers;
  readonly isLimited?: boolean;
}

/** High enough that everything fits: about two requests leave in a millisecond. */
const MANY = 1e11;
const CASES: readonly Case[] = [
  { name: 'no limit', numbers: {} },
  { name: 'requests per minute', numbers: { requestsPerMinute: MANY }, isLimited: true },
  { name: 'tokens per minute', numbers: { tokensPerMinute: MANY }, isLimited: true },
  { name: 'requests per day', numbers: { requestsPerDay: MANY }, isLimited: true },
  { name: 'tokens per day', numbers: { tokensPerDay: MANY }, isLimited: true },
  { name: 'concurrency', numbers: { concurrency: MANY }, isLimited: true },
  {
    name: 'requests per minute with a burst',
    numbers: { requestsPerMinute: MANY, burst: { requestsPerMinute: 1e6 } },
    isLimited: true,
  },
  {
    name: 'tokens per minute with a burst',
    numbers: { tokensPerMinute: MANY, burst: { tokensPerMinute: 1e6 } },
    isLimited: true,
  },
  {
    name: 'all five',
    numbers: {
      requestsPerMinute: MANY,
      tokensPerMinute: MANY,
      requestsPerDay: MANY,
      tokensPerDay: MANY,
      concurrency: MANY,
    },
  },
];

/** Requests of about 500 tokens that use about 300; each is settled when 160 more have left. */
function limiterRunner(numbers: LimitNumbers): () => number {
  const limiter = new Limiter('the client', numbers);
  const demands: Demand[] = Array.from({ length: 160 }, (_, index) => ({ tokens: 420 + index }));
  const takenAt = new Float64Array(demands.length);
  let now = 0.25;
  let requests = 0;
  return () => {
    let sum = 0;
    for (let i = 0; i < REQUESTS; i += 1) {
      now += 0.5;
      const place = requests % demands.length;
      const demand = demands[place] as Demand;
      if (requests >= demands.length) limiter.settle(takenAt[place] ?? 0, demand, 300 + (i & 255), now);
      if (limiter.wait(demand, now) === undefined) sum += 1;
      limiter.take(demand, now);
      takenAt[place] = now;
      requests += 1;
    }
    return sum;
  };
}

/** Questions that have to be told how long to wait, because the minute is used up. */
function waitRunner(numbers: LimitNumbers): () => number {
  const limiter = new Limiter('the client', numbers);
  for (let now = 0; now < 60_000; now += 10) limiter.take({ tokens: 12 }, now);
  let now = 60_000.25;
  return () => {
    let sum = 0;
    for (let i = 0; i < REQUESTS; i += 1) {
      now += 1e-5;
      sum += limiter.wait({ tokens: 500 + (i & 7) * 500 }, now)?.waitMs ?? 0;
    }
    return sum;
  };
}

/** A reservation in three limiters of requests, tokens and concurrency. */
function reservationRunner(): () => number {
  const numbers = { requestsPerMinute: MANY, tokensPerMinute: MANY, concurrency: MANY };
  const limiters = ['the client', 'seoul', 'gpt-4.1'].map((scope) => new Limiter(scope, numbers));
  const demand = { tokens: 500 };
  let now = 0.25;
  return () => {
    let sum = 0;
    for (let i = 0; i < REQUESTS; i += 1) {
      now += 0.5;
      for (const limiter of limiters) if (limiter.wait(demand, now) === undefined) sum += 1;
      Reservation.take(limiters, demand, now).settle(300 + (i & 255), now);
    }
    return sum;
  };
}

/** Fills a minute and a line, lets the minute pass, and measures until everybody has left; each takes its room a moment after its turn. */
async function drain(): Promise<{ totalMs: number; blockMs: number }> {
  let skippedMs = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + skippedMs };
  const limiter = new Limiter('the client', { requestsPerMinute: WAITING, tokensPerMinute: MANY }, WAITING);
  const demand = { tokens: 500 };
  for (let i = 0; i < WAITING; i += 1) limiter.take(demand, clock.now());
  const everybody = new Promise<void>((resolve) => {
    for (let arrival = 0; arrival < WAITING; arrival += 1) {
      const turn = async () => {
        await undefined;
        limiter.take(demand, clock.now());
        place?.leave();
        if (limiter.line.length === 0) resolve();
      };
      const place = limiter.line.join({ priority: arrival % 3, arrival, demand, turn }, clock);
    }
  });
  const beat = watch();
  skippedMs += 120_000;
  const startedAt = performance.now();
  limiter.line.look();
  await everybody;
  return { totalMs: performance.now() - startedAt, blockMs: await beat() };
}

/** Watches the event loop; the answer ends that, and tells how long it was kept at the most, in milliseconds. */
function watch(): () => Promise<number> {
  let last = performance.now();
  let longest = 0;
  let isOver = false;
  const beat = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(beat);
  };
  setImmediate(beat);
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    isOver = true;
    return longest;
  };
}

async function drains(): Promise<Finding[]> {
  await drain();
  const rounds: { totalMs: number; blockMs: number }[] = [];
  for (let round = 0; round < (flags.quick ? 3 : 15); round += 1) rounds.push(await drain());
  const finding = (what: string, values: number[]): Finding => ({
    what,
    value: quantile(values, 0.5),
    unit: 'ms',
    spread: [quantile(values, 0.25), quantile(values, 0.75)],
  });
  const blocks = rounds.map(({ blockMs }) => blockMs);
  return [
    finding(
      `${WAITING} drain`,
      rounds.map(({ totalMs }) => totalMs),
    ),
    // Of all rounds the quietest: what others compute on the machine meanwhile is not the line's.
    {
      ...finding(`${WAITING} drain, the longest block`, blocks),
      value: Math.min(...blocks),
      limit: LONGEST_BLOCK_MS,
    },
  ];
}

const findings = [
  ...CASES.flatMap(({ name, numbers, isLimited }) =>
    measure(name, limiterRunner(numbers), isLimited ? LIMITS : undefined),
  ),
  ...measure('how long to wait, sliding', waitRunner({ tokensPerMinute: 60_000 })),
  ...measure(
    'how long to wait, with a burst',
    waitRunner({ tokensPerMinute: 60_000, burst: { tokensPerMinute: 500 } }),
  ),
  ...measure('a reservation in three limiters', reservationRunner()),
  ...(await drains()),
];
const missed = findings.filter((finding) => !isMet(finding)).length;
if (flags.json) console.log(JSON.stringify(findings, null, 2));
else {
  console.log(`${table(findings)}\n`);
  console.log(missed === 0 ? 'Every limit is kept.' : `${missed} limits are missed.`);
}
process.exitCode = flags.gate && missed > 0 ? 1 : 0;
