import { ConsecutiveBreaker, circuitBreaker as cockatielBreaker, handleAll } from 'cockatiel';
import { systemClock } from '../../packages/core/src/base/clock.ts';
import { createBreaker } from '../../packages/core/src/breaker/breaker.ts';
import { circuitBreaker } from '../../packages/core/src/breaker/circuit-breaker.ts';
import { resolveBreakerOptions } from '../../packages/core/src/breaker/options.ts';
import { countWindow } from '../../packages/core/src/breaker/windows.ts';
import type { Finding } from '../gates.ts';
import { quantile } from '../quantile.ts';
import { Opossum } from './guards.ts';

/** The most that a call may cost, in nanoseconds. */
const LIMITS = { acquireAndSettle: 120, execute: 150 } as const;

/** Calls of one candidate in one round, so that each takes tens of milliseconds. */
const CALLS = 100_000;
const WARM_UP_ROUNDS = 8;

/** One thing to measure: makes so many calls, and answers with a sum of their results. */
interface Candidate {
  readonly name: string;
  readonly run: (calls: number) => number | Promise<number>;
}

/** Something that answers at once; the result is used, so that no call can be left out. */
let answer = 0;
const work = async (): Promise<number> => {
  answer = (answer + 1) & 7;
  return answer;
};

async function awaited(calls: number, call: () => Promise<unknown>): Promise<number> {
  let sum = 0;
  for (let i = 0; i < calls; i += 1) sum += (await call()) as number;
  return sum;
}

const BARE = 'a bare awaited call';
const CLOCK = 'two readings of the clock';

/** What every guard that measures time pays, whatever else it does. */
const clock: Candidate = {
  name: CLOCK,
  run: (calls) => {
    let sum = 0;
    for (let i = 0; i < calls * 2; i += 1) sum += systemClock.now();
    return sum;
  },
};

/** And what every `async` function around a call costs. */
async function wrapped(call: () => Promise<number>): Promise<number> {
  return await call();
}

/** What a synchronous pair of acquire and settle costs, with the two kinds of window. */
function pairs(): Candidate[] {
  const windows = { 'window of 60 s': {}, 'countWindow(100)': { window: countWindow(100) } };
  return Object.entries(windows).map(([name, options]) => {
    const breaker = createBreaker(resolveBreakerOptions(options), Math.random);
    let now = 0;
    const run = (calls: number) => {
      let made = 0;
      for (let i = 0; i < calls; i += 1) {
        const permit = breaker.tryAcquire(now);
        now += 0.37;
        // One call in sixteen fails, which opens nothing.
        if (permit?.settle((i & 15) === 0 ? 'failure' : 'success', now) === undefined) made += 1;
      }
      return made;
    };
    return { name: `acquire and settle, ${name}`, run };
  });
}

/** A call through each library, as its documentation shows it. */
function guarded(): Candidate[] {
  const ours = circuitBreaker();
  const limited = new Opossum((run) => run(), {});
  const unlimited = new Opossum((run) => run(), { timeout: false });
  const cockatiel = cockatielBreaker(handleAll, { halfOpenAfter: 5_000, breaker: new ConsecutiveBreaker(5) });
  return [
    { name: BARE, run: (calls) => awaited(calls, work) },
    { name: 'an async function around it', run: (calls) => awaited(calls, () => wrapped(work)) },
    { name: 'breakwater execute', run: (calls) => awaited(calls, () => ours.execute(work)) },
    { name: 'cockatiel execute', run: (calls) => awaited(calls, () => cockatiel.execute(work)) },
    { name: 'opossum fire, without its timeout', run: (calls) => awaited(calls, () => unlimited.fire(work)) },
    { name: 'opossum fire', run: (calls) => awaited(calls, () => limited.fire(work)) },
  ];
}

/** CPU of the process for one call, in nanoseconds. */
async function burst({ name, run }: Candidate, calls: number): Promise<number> {
  globalThis.gc?.({ type: 'minor' });
  const before = process.cpuUsage();
  const sum = await run(calls);
  const { user, system } = process.cpuUsage(before);
  if (!(sum > 0)) throw new Error(`${name} came to nothing`);
  return ((user + system) * 1_000) / calls;
}

/** Measures in turns, so that whatever the machine does meanwhile it does to all of them. */
export async function measureCost(rounds: number): Promise<Finding[]> {
  const field = [...pairs(), clock, ...guarded()];
  const nanos = new Map<string, number[]>(field.map(({ name }) => [name, []]));
  for (const candidate of field) await burst(candidate, CALLS * WARM_UP_ROUNDS);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < field.length; turn += 1) {
      const candidate = field[(round + turn) % field.length] as Candidate;
      nanos.get(candidate.name)?.push(await burst(candidate, CALLS));
    }
  }
  const bare = nanos.get(BARE) ?? [];
  return field.map(({ name }) => {
    const own = nanos.get(name) ?? [];
    const isPair = name.startsWith('acquire');
    const isWhole = isPair || name === BARE || name === CLOCK;
    // What a guard adds is taken round by round.
    const values = isWhole ? own : own.map((value, round) => value - (bare[round] ?? Number.NaN));
    const limit = isPair ? LIMITS.acquireAndSettle : name === 'breakwater execute' ? LIMITS.execute : undefined;
    return {
      what: isWhole ? name : `${name}, more than that`,
      value: quantile(values, 0.5),
      unit: 'ns',
      spread: [quantile(values, 0.25), quantile(values, 0.75)],
      ...(limit !== undefined && { limit }),
    };
  });
}
