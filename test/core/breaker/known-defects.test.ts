import { virtualClock } from '@breakwater/simulator';
import { describe, expect, test } from 'vitest';
import { type Breaker, createBreaker, type Mark, type Permit } from '../../../packages/core/src/breaker/breaker.js';
import { type BreakerOptions, resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import {
  type CircuitBreaker,
  circuitBreaker,
  countWindow,
  permits,
  recovery,
  trackers,
} from '../../../packages/core/src/index.js';

const HOUR = 3_600_000;

/** One failure opens it for a second, one success closes it: every defect is then a few steps away. */
const ONE_IS_ENOUGH: BreakerOptions = { failureStreak: 1, failureRate: false, closeAfter: 1 };
const BRISK: BreakerOptions = { ...ONE_IS_ENOUGH, openMs: 1_000 };

const breakerOf = (options: BreakerOptions = {}, random = () => 0) =>
  createBreaker(resolveBreakerOptions({ ...(options.recovery ? ONE_IS_ENOUGH : BRISK), ...options }), random);

function permitOf(breaker: Breaker, now: number): Permit {
  const permit = breaker.tryAcquire(now);
  if (!permit) throw new Error(`no permit at ${now}`);
  return permit;
}

const call = (breaker: Breaker, mark: Mark, now: number) => permitOf(breaker, now).settle(mark, now);

const stateAt = (breaker: Breaker, now: number) => breaker.snapshot(now).state;

/** A guard around functions, on a virtual clock, that one failure has opened and whose wait is over. */
async function waitedOut(options: BreakerOptions = {}) {
  const clock = virtualClock();
  const guard = circuitBreaker({ ...BRISK, ...options }, { clock, random: () => 0 });
  await failing(guard, new StatusError(503));
  expect(guard.state).toBe('open');
  await clock.advance(1_000);
  return { clock, guard };
}

const failing = (guard: CircuitBreaker, error: unknown) =>
  expect(guard.execute(() => Promise.reject(error))).rejects.toBe(error);

class StatusError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

/** What each of them does wrong was seen by running the library, or is in its tracker or its source. */
describe('opossum', () => {
  // A call begun before the outage answered while the one probe was failing, and traffic went back to a dead target.
  test('closes half-open on the late success of a call from before the opening; this breaker does not', () => {
    const breaker = breakerOf();
    const late = permitOf(breaker, 0);
    call(breaker, 'failure', 0);
    const probe = permitOf(breaker, 1_000);
    expect(late.settle('success', 1_001)).toBeUndefined();
    expect(stateAt(breaker, 1_001)).toBe('half-open');
    expect(probe.settle('failure', 1_002)).toMatchObject({ to: 'open' });
  });

  // Without a time limit of its own, one probe that never came back made it reject every call until a restart.
  test('rejects for ever after a probe that hangs; this breaker gives the place to another when the lease is over', () => {
    const breaker = breakerOf();
    call(breaker, 'failure', 0);
    permitOf(breaker, 1_000);
    expect(breaker.peek(60_999)).toBe('rejected');
    expect(call(breaker, 'success', 61_000)).toMatchObject({ to: 'closed' });
  });

  // Twenty callers at once with room for one: nineteen own refusals read as a broken backend.
  test('opens on rejections of its own capacity; here what was never sent is ignored', async () => {
    const { guard: full } = await waitedOut();
    const outer = circuitBreaker(BRISK, { clock: virtualClock() });
    let done = (_: string) => {};
    const work = () => new Promise<string>((resolve) => (done = resolve));
    const callers = Array.from({ length: 20 }, () => outer.execute(() => full.execute(work)));
    const refused = await Promise.allSettled(callers.slice(1));
    expect(refused.filter(({ status }) => status === 'rejected')).toHaveLength(19);
    expect(outer.info()).toMatchObject({ state: 'closed', stats: { total: 0 } });
    done('well');
    await expect(callers[0]).resolves.toBe('well');
    expect(outer.info()).toMatchObject({ state: 'closed', stats: { total: 1, failures: 0 } });
  });

  // The errors that a filter lets pass were counted as successes, and a 400 proved a dead target well.
  test('closes half-open on a filtered 400; here it leaves the question open and the place free', async () => {
    const { guard } = await waitedOut({ tracker: trackers.status(500, 599) });
    await failing(guard, new StatusError(400));
    expect(guard.info()).toMatchObject({ state: 'half-open', probesOut: 0, stats: { total: 0 } });
    await expect(guard.execute(() => 'well')).resolves.toBe('well');
    expect(guard.state).toBe('closed');
  });
});

describe('cockatiel', () => {
  // The last timeouts of an outage arrived during the first probe, and each of them began the outage again.
  test('re-opens half-open on the late failure of a call from before the opening; this breaker does not', () => {
    const breaker = breakerOf();
    const late = permitOf(breaker, 0);
    call(breaker, 'failure', 0);
    const probe = permitOf(breaker, 1_000);
    expect(late.settle('failure', 1_001)).toBeUndefined();
    expect(stateAt(breaker, 1_001)).toBe('half-open');
    expect(probe.settle('success', 1_002)).toMatchObject({ to: 'closed' });
  });

  // Four failures, an hour without a call, one failure: a window of thirty seconds counted five.
  test('counts failures of an hour ago in a window of 30 s; here they are gone', () => {
    const breaker = breakerOf({ failureStreak: false, failureRate: 0.5, minRequests: 5, windowMs: 30_000 });
    for (let i = 0; i < 4; i++) call(breaker, 'failure', 29_000);
    expect(call(breaker, 'failure', 29_000 + HOUR)).toBeUndefined();
    expect(breaker.snapshot(29_000 + HOUR)).toMatchObject({ state: 'closed', stats: { total: 1, failures: 1 } });
  });

  // A user who pressed stop during the probe closed the circuit for everybody.
  test('closes half-open when its probe is aborted by the caller; here an abort decides nothing', async () => {
    const { guard } = await waitedOut();
    const caller = new AbortController();
    const ending = guard.execute((signal) => {
      caller.abort();
      return Promise.reject(signal?.reason);
    }, caller);
    await expect(ending).rejects.toBe(caller.signal.reason);
    expect(guard.info()).toMatchObject({ state: 'half-open', probesOut: 0, stats: { total: 0 } });
  });

  // Its waits are measured with the wall clock: set back by an hour, it stayed open for that hour.
  test('stays open when the wall clock is set back; here waits are of the monotonic clock', async () => {
    const clock = virtualClock();
    const guard = circuitBreaker(BRISK, { clock, random: () => 0 });
    await failing(guard, new Error('down'));
    clock.setWall(clock.wall() - HOUR);
    await clock.advance(1_000);
    await expect(guard.execute(() => 'well')).resolves.toBe('well');
  });
});

describe('Fluxgate', () => {
  // Old failures left its window only when new calls pushed them out, so a quiet night counted against the morning.
  test('never empties its window while idle; here reading is enough to forget', () => {
    const breaker = breakerOf({ failureStreak: false, failureRate: 0.5, minRequests: 5, windowMs: 60_000 });
    for (let i = 0; i < 4; i++) call(breaker, 'failure', 0);
    expect(breaker.snapshot(54_999).stats.total).toBe(4);
    expect(breaker.snapshot(60_000).stats).toMatchObject({ total: 0, failures: 0 });
  });

  // A hundred callers who came in the moment the wait was over were a hundred probes.
  test.each([
    ['one place', permits.single(), 1],
    ['ten places of a ramp', permits.rampUp({ from: 1, durationMs: 60_000 }), 10],
  ])('lets a hundred probes through at once; here there are as many as there are places (%s)', (_, places, most) => {
    const breaker = breakerOf({ permits: places });
    call(breaker, 'failure', 0);
    const admitted = Array.from({ length: 100 }, () => breaker.tryAcquire(1_000)).filter(
      (permit) => permit !== undefined,
    );
    expect(admitted).toHaveLength(most);
  });

  // The dice were thrown whenever somebody asked, so the more callers asked the sooner one of them won.
  test('draws its jitter at every poll; here once per opening, whoever asks how often', () => {
    let throws = 0;
    const random = () => {
      throws += 1;
      return throws === 1 ? 0.5 : 0;
    };
    const breaker = breakerOf({ jitter: 0.2 }, random);
    expect(call(breaker, 'failure', 0)).toMatchObject({ openForMs: 1_100 });
    for (let now = 0; now < 1_100; now++)
      expect([breaker.peek(now), breaker.tryAcquire(now)]).toEqual(['rejected', undefined]);
    expect(permitOf(breaker, 1_100).probe).toBe(true);
    expect(throws).toBe(1);
  });

  // Two to the power of 1 024 is no number any more: after a weekend's outage every call threw.
  test.each([
    ['by the numbers', { jitter: 1, maxOpenMs: Number.MAX_SAFE_INTEGER }],
    ['by a rule of its own', { recovery: recovery.custom(({ level }) => 1_000 * 2 ** level) }],
  ] as const)('overflows at 1 024 openings in a row; here the wait stays a number for 2 000 (%s)', (_, options) => {
    const breaker = breakerOf(options, () => 0.999);
    let opened = call(breaker, 'failure', 0);
    for (let i = 0, before = 0; i < 2_000; i++) {
      const openForMs = opened?.openForMs ?? Number.NaN;
      expect(Number.isSafeInteger(openForMs)).toBe(true);
      expect(openForMs).toBeGreaterThanOrEqual(before);
      before = openForMs;
      // The wait is cut short by hand, since two thousand of the longest are more than a clock can count.
      breaker.openFor(1, 2 * i, 'by hand');
      opened = call(breaker, 'failure', 2 * i + 1);
    }
  });

  // It looked at its window after failures only: the success that made the window large enough passed unseen.
  test('judges its window after failures alone; here the success that completes it may open', () => {
    const breaker = breakerOf({ failureStreak: false, window: countWindow(2), failureRate: 0.5, minRequests: 2 });
    expect(call(breaker, 'failure', 0)).toBeUndefined();
    expect(call(breaker, 'success', 0)).toMatchObject({ to: 'open' });
  });
});

describe('resilience4j', () => {
  // A permit of an earlier half-open time, given back late, made one more place in the present one.
  test.each([
    ['release', (permit: Permit) => permit.release()],
    ['ignored', (permit: Permit, now: number) => permit.settle('ignored', now)],
    ['success', (permit: Permit, now: number) => permit.settle('success', now)],
    ['failure', (permit: Permit, now: number) => permit.settle('failure', now)],
  ] as const)('gains places from permits of an older state; here those are worth nothing (%s)', (_, giveBack) => {
    const breaker = breakerOf({ probes: 2 });
    call(breaker, 'failure', 0);
    const old = permitOf(breaker, 1_000);
    expect(call(breaker, 'failure', 1_000)).toMatchObject({ to: 'open', openForMs: 2_000 });
    permitOf(breaker, 3_000);
    permitOf(breaker, 3_000);
    giveBack(old, 3_000);
    giveBack(old, 3_000);
    expect(breaker.peek(3_000)).toBe('rejected');
    expect(breaker.snapshot(3_000)).toMatchObject({ state: 'half-open', probesOut: 2 });
  });
});

describe('Polly', () => {
  // What its predicate does not handle was a success, a cancellation too, so leaving the probe closed the circuit.
  test('closes on a cancelled probe, whatever was thrown; here the next caller probes', async () => {
    const { guard } = await waitedOut();
    const caller = new AbortController();
    const ending = guard.execute((signal) => {
      caller.abort(new Error('changed my mind'));
      return Promise.reject(signal?.reason);
    }, caller);
    await expect(ending).rejects.toThrow('changed my mind');
    expect(guard.state).toBe('half-open');
    await failing(guard, new Error('still down'));
    expect(guard.state).toBe('open');
  });
});
