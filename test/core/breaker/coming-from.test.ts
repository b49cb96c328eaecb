import { createRequire } from 'node:module';
import {
  CircuitState,
  ConsecutiveBreaker,
  CountBreaker,
  circuitBreaker as cockatiel,
  ExponentialBackoff,
  handleAll,
  type IBreaker,
  type ICircuitBreakerOptions,
  isBrokenCircuitError,
  noJitterGenerator,
  SamplingBreaker,
} from 'cockatiel';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../packages/core/src/base/clock.js';
import { circuitBreaker, isCircuitOpenError } from '../../../packages/core/src/breaker/circuit-breaker.js';
import type { BreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { recovery } from '../../../packages/core/src/breaker/recovery.js';
import { countWindow, timeWindow } from '../../../packages/core/src/breaker/windows.js';

// The tables of docs/breaker-recipes.md, tried: both libraries go through the same program, and must refuse the same calls. They left
// our defaults on beside what they named, so that a streak opened what had been judged by its share of failures alone.

/** Makes one call, and says whether the library refused to. */
type Guard = (work: () => Promise<void>) => Promise<boolean>;

/** opossum brings no types. */
const Opossum = createRequire(import.meta.url)('opossum') as new (
  action: (work: () => Promise<void>) => Promise<void>,
  options: object,
) => { fire(work: () => Promise<void>): Promise<void>; shutdown(): void };

const down = new Error('down');
const refused = async (call: Promise<unknown>, isRefusal: (error: unknown) => boolean): Promise<boolean> =>
  call.then(
    () => false,
    (error: unknown) => isRefusal(error),
  );

function ours(options: BreakerOptions): Guard {
  const breaker = circuitBreaker(options, { clock: { ...systemClock, now: () => Date.now() } });
  return (work) => refused(breaker.execute(work), isCircuitOpenError);
}

function opossums(options: object): Guard {
  const breaker = new Opossum((work) => work(), { timeout: false, ...options });
  return (work) => refused(breaker.fire(work), (error) => (error as { code?: unknown }).code === 'EOPENBREAKER');
}

function cockatiels(breaker: IBreaker, halfOpenAfter: ICircuitBreakerOptions['halfOpenAfter']): Guard {
  const policy = cockatiel(handleAll, { breaker, halfOpenAfter });
  expect(policy.state).toBe(CircuitState.Closed);
  return (work) => refused(policy.execute(work), isBrokenCircuitError);
}

/** Goes through a program: `f` fails, `s` succeeds, a number is a wait in seconds. The answer shows `-` for each call that was refused. */
async function trailOf(guard: Guard, program: string): Promise<string> {
  let trail = '';
  for (const [step] of program.matchAll(/[fs]|\d+/g)) {
    if (step === 'f' || step === 's') {
      const wasRefused = await guard(() => (step === 'f' ? Promise.reject(down) : Promise.resolve()));
      trail += wasRefused ? '-' : step;
    } else {
      await vi.advanceTimersByTimeAsync(Number(step) * 1_000);
      trail += `${trail.endsWith(' ') ? '' : ' '}${step} `;
    }
  }
  return trail;
}

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000_000_000 }));
afterEach(() => void vi.useRealTimers());

interface Row {
  readonly name: string;
  readonly theirs: () => Guard;
  readonly options: BreakerOptions;
  /** What goes in, and what both let through of it. */
  readonly program: string;
  readonly trail: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'opossum with its defaults',
    theirs: () => opossums({}),
    options: {
      failureStreak: false,
      minRequests: 1,
      failureRate: 0.51,
      window: timeWindow({ seconds: 10, buckets: 10 }),
      openMs: 30_000,
      openMultiplier: 1,
      jitter: 0,
      closeAfter: 1,
    },
    program: 'sffff 5 s 24 s 1 f s 29 f 1 s ssssf 12 f s',
    trail: 'sff-- 5 - 24 - 1 f- 29 - 1 sssssf 12 f-',
  },
  {
    name: 'opossum with a volume',
    theirs: () =>
      opossums({
        errorThresholdPercentage: 60,
        volumeThreshold: 8,
        rollingCountTimeout: 20_000,
        rollingCountBuckets: 20,
        resetTimeout: 40_000,
      }),
    options: {
      failureStreak: false,
      minRequests: 8,
      failureRate: 0.61,
      window: timeWindow({ seconds: 20, buckets: 20 }),
      openMs: 40_000,
      openMultiplier: 1,
      jitter: 0,
      closeAfter: 1,
    },
    program: 'fffffff 25 sssffffffs 40 s 25 ssssfffffff fs 39 s 1 f 39 s 1 s',
    trail: 'fffffff 25 sssfffff-- 40 s 25 ssssfffffff-- 39 - 1 f 39 - 1 s',
  },
  {
    name: 'ConsecutiveBreaker',
    theirs: () => cockatiels(new ConsecutiveBreaker(3), 10_000),
    options: { failureStreak: 3, failureRate: false, openMs: 10_000, openMultiplier: 1, jitter: 0, closeAfter: 1 },
    program: 'ffsffssfff s 9 s 1 f s 9 s 1 s ff s fff s 10 s',
    trail: 'ffsffssfff- 9 - 1 f- 9 - 1 sffsfff- 10 s',
  },
  {
    name: 'SamplingBreaker',
    theirs: () => cockatiels(new SamplingBreaker({ threshold: 0.5, duration: 30_000, minimumRps: 0.2 }), 40_000),
    options: {
      failureStreak: false,
      minRequests: 6,
      failureRate: 0.51,
      windowMs: 30_000,
      openMs: 40_000,
      openMultiplier: 1,
      jitter: 0,
      closeAfter: 1,
    },
    program: 'fffff 1 f s 1 f s 38 f 1 f s 40 s ssssss fff sss',
    trail: 'fffff 1 f- 1 -- 38 - 1 f- 40 sssssssfffsss',
  },
  {
    name: 'CountBreaker',
    theirs: () => cockatiels(new CountBreaker({ size: 20, threshold: 0.5 }), 10_000),
    options: {
      failureStreak: false,
      minRequests: 20,
      failureRate: 0.51,
      window: countWindow(20),
      openMs: 10_000,
      openMultiplier: 1,
      jitter: 0,
      closeAfter: 1,
    },
    program: 'ssssssssssffffffffff 100 ffsss 10 s ssssssssssssssssssss fffffffffff s 10 f s 10 s',
    trail: 'ssssssssssffffffffff 100 f---- 10 sssssssssssssssssssssfffffffffff- 10 f- 10 s',
  },
  {
    name: 'ExponentialBackoff',
    theirs: () =>
      cockatiels(
        new ConsecutiveBreaker(2),
        new ExponentialBackoff({ initialDelay: 4_000, maxDelay: 15_000, generator: noJitterGenerator }),
      ),
    options: {
      failureStreak: 2,
      failureRate: false,
      recovery: recovery.backoff({ initialMs: 4_000, maxMs: 15_000, jitter: 0 }),
      closeAfter: 1,
      levelDecayMs: 1,
    },
    program: 'ff s 3 s 1 f 7 s 1 f 14 s 1 f 14 s 1 s 1 ff 3 s 1 s',
    trail: 'ff- 3 - 1 f 7 - 1 f 14 - 1 f 14 - 1 s 1 ff 3 - 1 s',
  },
];

describe('what the tables call the same refuses the same calls', () => {
  test.each(ROWS)('$name', async ({ theirs, options, program, trail }) => {
    const expected = await trailOf(theirs(), program);
    expect(await trailOf(ours(options), program)).toBe(expected);
    expect(expected).toBe(trail);
  });
});
