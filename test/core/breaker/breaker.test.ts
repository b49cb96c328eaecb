import { describe, expect, test } from 'vitest';
import { type Breaker, createBreaker, type Mark, type Permit } from '../../../packages/core/src/breaker/breaker.js';
import { type BreakerInput, resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { permits } from '../../../packages/core/src/breaker/permits.js';
import { trippers } from '../../../packages/core/src/breaker/trippers.js';

const breakerOf = (input: BreakerInput = { jitter: 0 }, random = () => 0) =>
  createBreaker(resolveBreakerOptions(input), random);

function permitOf(breaker: Breaker, now: number): Permit {
  const permit = breaker.tryAcquire(now);
  if (!permit) throw new Error(`no permit at ${now}`);
  return permit;
}

/** What a window says of calls that took no time; averages and shares are undefined where there is nothing to take them of. */
const counted = (total: number, failures: number) => ({
  total,
  failures,
  failureRate: total === 0 ? undefined : failures / total,
  durationMs: 0,
  averageMs: total === 0 ? undefined : 0,
  slow: {},
  slowRates: total === 0 ? undefined : {},
});

/** Makes one call and returns what its end has changed. */
const call = (breaker: Breaker, mark: Mark, now: number) => permitOf(breaker, now).settle(mark, now);

/** A breaker with default waits that five failures have opened at 0. */
function openBreaker(input?: BreakerInput): Breaker {
  const breaker = breakerOf(input);
  for (let i = 0; i < 5; i++) call(breaker, 'failure', 0);
  return breaker;
}

describe('a closed breaker', () => {
  test('opens on the fifth failure in a row and says why', () => {
    const breaker = breakerOf();
    for (let i = 0; i < 4; i++) expect(call(breaker, 'failure', i)).toBeUndefined();
    expect(call(breaker, 'failure', 4)).toEqual({
      what: 'state',
      mode: 'auto',
      from: 'closed',
      to: 'open',
      reason: '5 failures in a row',
      openForMs: 5_000,
      level: 0,
      stats: counted(5, 5),
    });
    expect(breaker.peek(4)).toBe('rejected');
    expect(breaker.tryAcquire(4)).toBeUndefined();
  });

  test('starts the streak anew after a success', () => {
    const breaker = breakerOf({ failureRate: false });
    for (let i = 0; i < 4; i++) call(breaker, 'failure', 0);
    call(breaker, 'success', 0);
    for (let i = 0; i < 4; i++) call(breaker, 'failure', 0);
    expect(breaker.snapshot(0).state).toBe('closed');
  });

  test('opens when half of ten calls failed, even if the tenth is a success', () => {
    const breaker = breakerOf();
    for (let i = 0; i < 9; i++) expect(call(breaker, i % 2 === 0 ? 'failure' : 'success', 0)).toBeUndefined();
    expect(call(breaker, 'success', 0)).toMatchObject({ to: 'open', reason: '5 of 10 calls failed' });
  });

  test('does not judge a share of fewer calls than minRequests', () => {
    const breaker = breakerOf({ minRequests: 11 });
    for (let i = 0; i < 10; i++) call(breaker, i % 2 === 0 ? 'failure' : 'success', 0);
    expect(breaker.snapshot(0).state).toBe('closed');
  });

  test('does not count failures that have left the window', () => {
    const breaker = breakerOf({ failureStreak: false, minRequests: 2 });
    call(breaker, 'failure', 0);
    expect(call(breaker, 'failure', 3_600_000)).toBeUndefined();
    expect(breaker.snapshot(3_600_000).stats).toMatchObject({ total: 1, failures: 1 });
  });

  test('forgets by the length of its own window', () => {
    const breaker = breakerOf({ windowMs: 1_200, jitter: 0 });
    for (let i = 0; i < 4; i++) call(breaker, 'failure', 0);
    expect([1_099, 1_200].map((now) => breaker.snapshot(now).stats.total)).toEqual([4, 0]);
  });

  test('does not show failures that have left the window, though nobody has called since', () => {
    const breaker = breakerOf();
    for (let i = 0; i < 4; i++) call(breaker, 'failure', 0);
    expect(breaker.snapshot(54_999).stats).toMatchObject({ total: 4, failures: 4 });
    expect(breaker.snapshot(60_000).stats).toEqual(counted(0, 0));
  });

  test('stays untouched by ignored calls, which do not end a streak either', () => {
    const breaker = breakerOf();
    for (let i = 0; i < 4; i++) call(breaker, 'failure', 0);
    for (let i = 0; i < 50; i++) expect(call(breaker, 'ignored', 0)).toBeUndefined();
    expect(breaker.snapshot(0).stats).toMatchObject({ total: 4, failures: 4 });
    expect(call(breaker, 'failure', 0)).toMatchObject({ to: 'open' });
  });

  test('gives permits that are no probes and have changed nothing', () => {
    for (const breaker of [breakerOf(), breakerOf({ mode: 'observe-only' }), breakerOf(false)])
      expect(permitOf(breaker, 0)).toMatchObject({ probe: false, transition: undefined });
  });

  test('counts a permit once however often it is settled', () => {
    const breaker = breakerOf();
    const permit = permitOf(breaker, 0);
    for (let i = 0; i < 9; i++) permit.settle('failure', 0);
    expect(breaker.snapshot(0).stats).toMatchObject({ total: 1, failures: 1 });
  });

  test('takes a slow call into account however long it took', () => {
    const breaker = breakerOf();
    const permit = permitOf(breaker, 0);
    permit.settle('failure', 600_000);
    expect(breaker.snapshot(600_000).stats).toMatchObject({ total: 1, failures: 1 });
  });
});

describe('an open breaker', () => {
  test('refuses until the wait is over and then gives a probe, announcing it once', () => {
    const breaker = openBreaker();
    expect(breaker.tryAcquire(4_999)).toBeUndefined();
    expect(breaker.retryAfterMs(4_999)).toBe(1);
    expect(breaker.peek(5_000)).toBe('probe');
    const permit = breaker.tryAcquire(5_000);
    expect(permit?.probe).toBe(true);
    expect(permit?.transition).toMatchObject({ from: 'open', to: 'half-open', reason: 'the wait is over', level: 0 });
    permit?.settle('success', 5_000);
    expect(breaker.tryAcquire(5_001)?.transition).toBeUndefined();
  });

  test('reads as half-open when its wait is over, before anybody has asked', () => {
    const breaker = openBreaker();
    expect(breaker.snapshot(1_000)).toEqual({
      state: 'open',
      mode: 'auto',
      sinceMs: 1_000,
      level: 0,
      openForMs: 4_000,
      reason: '5 failures in a row',
      stats: counted(5, 5),
      probesOut: 0,
    });
    // The status said "half-open for 5 s" the moment the wait was over: it counted from the opening.
    expect(breaker.snapshot(5_000)).toMatchObject({ state: 'half-open', openForMs: 0, probesOut: 0, sinceMs: 0 });
    expect(breaker.snapshot(5_700)).toMatchObject({ sinceMs: 700, stats: counted(0, 0) });
    expect(breaker.retryAfterMs(5_000)).toBe(0);
  });

  test('shows the calls that opened it, the slow ones too, for as long as it is open', () => {
    const breaker = breakerOf({ slowMs: 200, minRequests: 2, jitter: 0 });
    for (let i = 0; i < 2; i++) permitOf(breaker, 0).settle('success', 0, { durationMs: 300 });
    expect(breaker.snapshot(4_999)).toMatchObject({ state: 'open', stats: { total: 2, slow: { 200: 2 } } });
    expect(breaker.openFor(50, 1_000, 'by hand')?.stats).toMatchObject({ slow: { 200: 2 }, slowRates: { 200: 1 } });
  });

  test('is not moved by calls that were permitted before it opened', () => {
    const breaker = breakerOf();
    const late = [permitOf(breaker, 0), permitOf(breaker, 0)];
    for (let i = 0; i < 5; i++) call(breaker, 'failure', 0);
    const before = breaker.snapshot(1);
    for (const permit of late) expect(permit.settle('success', 1)).toBeUndefined();
    expect(breaker.snapshot(1)).toEqual(before);
  });

  test('is never shorter than the provider has asked for', () => {
    const opened = (retryAfterMs: number) => {
      const breaker = breakerOf({ failureStreak: 1, jitter: 0 });
      return permitOf(breaker, 0).settle('failure', 0, { retryAfterMs })?.openForMs;
    };
    expect([20, 4_999, 5_001, 120_000].map(opened)).toEqual([5_000, 5_000, 5_001, 120_000]);
  });

  // A date in the wrong unit asked for thirty years: the target would have been lost until a restart.
  test('is tried again after a day though the provider has asked for more', () => {
    const opened = (retryAfterMs: number) => {
      const breaker = breakerOf({ failureStreak: 1, jitter: 0 });
      return permitOf(breaker, 0).settle('failure', 0, { retryAfterMs })?.openForMs;
    };
    const day = 86_400_000;
    expect([day - 1, day, day + 1, 1e12].map(opened)).toEqual([day - 1, day, day, day]);
    expect(opened(-5)).toBe(5_000);
  });

  // A wait that is no number is never over: the target would have been lost until a restart.
  test('does not stay open for ever when what it was told to wait is not a number', () => {
    const breaker = breakerOf({ failureStreak: 1, jitter: 0 });
    permitOf(breaker, 0).settle('failure', 0, { retryAfterMs: Number.NaN });
    expect(breaker.peek(5_000)).toBe('probe');
  });

  test('draws its jitter once per opening, however often it is asked', () => {
    let draws = 0;
    const breaker = breakerOf({ jitter: 0.2 }, () => {
      draws += 1;
      return 0.5;
    });
    expect(draws).toBe(0);
    for (let i = 0; i < 5; i++) call(breaker, 'failure', 0);
    for (let now = 0; now < 5_500; now += 100) breaker.peek(now);
    expect(breaker.retryAfterMs(0)).toBe(5_500);
    expect(draws).toBe(1);
  });
});

describe('a half-open breaker', () => {
  test('gives one probe at a time and rejects the others', () => {
    const breaker = openBreaker();
    const probe = permitOf(breaker, 5_000);
    expect([breaker.peek(5_000), breaker.tryAcquire(5_000)]).toEqual(['rejected', undefined]);
    probe.settle('success', 5_100);
    expect(breaker.peek(5_100)).toBe('probe');
  });

  test('closes after two successful probes', () => {
    const breaker = openBreaker();
    expect(call(breaker, 'success', 5_000)).toBeUndefined();
    expect(call(breaker, 'success', 5_001)).toEqual({
      what: 'state',
      mode: 'auto',
      from: 'half-open',
      to: 'closed',
      reason: '2 probes succeeded',
      level: 0,
      stats: counted(2, 0),
    });
    expect(breaker.snapshot(5_001)).toMatchObject({ state: 'closed', stats: counted(0, 0) });
  });

  test('closes after one where one is enough, and says so', () => {
    const breaker = openBreaker({ jitter: 0, closeAfter: 1 });
    expect(call(breaker, 'success', 5_000)).toMatchObject({ to: 'closed', reason: '1 probe succeeded' });
  });

  test('opens again for twice as long when a probe fails', () => {
    const breaker = openBreaker();
    call(breaker, 'success', 5_000);
    expect(call(breaker, 'failure', 5_001)).toEqual({
      what: 'state',
      mode: 'auto',
      from: 'half-open',
      to: 'open',
      reason: 'a probe failed',
      openForMs: 10_000,
      level: 1,
      stats: counted(2, 1),
    });
    expect(breaker.retryAfterMs(5_001)).toBe(10_000);
  });

  test('opens for as long as the provider asked when it did so with the failed probe', () => {
    const breaker = openBreaker();
    const transition = permitOf(breaker, 5_000).settle('failure', 5_000, { retryAfterMs: 45_000 });
    expect(transition).toMatchObject({ level: 1, openForMs: 45_000 });
  });

  test('asks its tripper in place of the rule on one failure, where the tripper has a word on half-open', () => {
    const { failureStreak, failureRate, halfOpen, minRequests } = trippers;
    const tripper = failureStreak(5).or(halfOpen().and(minRequests(4)).and(failureRate(0.5)));
    const breaker = breakerOf({ tripper, jitter: 0, closeAfter: 4, permits: permits.limit(4) });
    for (let i = 0; i < 5; i++) call(breaker, 'failure', 0);
    const marks: Mark[] = ['failure', 'success', 'success'];
    for (const mark of marks) expect(call(breaker, mark, 5_000)).toBeUndefined();
    expect(call(breaker, 'failure', 5_000)).toMatchObject({ to: 'open', reason: '2 of 4 calls failed', level: 1 });
    for (const mark of [...marks, 'success'] as const) expect(call(breaker, mark, 15_000)).toBeUndefined();
    expect(call(breaker, 'success', 15_000)).toMatchObject({ to: 'closed', reason: '4 probes succeeded' });
  });

  test('counts a streak of failed probes for the rules that judge them', () => {
    const tripper = trippers.failureStreak(5).or(trippers.halfOpen().and(trippers.failureStreak(2)));
    const breaker = openBreaker({ tripper, jitter: 0, closeAfter: 9 });
    for (const mark of ['failure', 'success', 'failure'] as const) expect(call(breaker, mark, 5_000)).toBeUndefined();
    expect(call(breaker, 'failure', 5_000)).toMatchObject({ to: 'open', reason: '2 failures in a row', level: 1 });
  });

  // Two answers of ten seconds each closed a breaker that answers of ten seconds had opened, and it opened again, all day long.
  test('opens again when a probe is as slow as what opened it, though it was answered', () => {
    const breaker = breakerOf({ slowMs: 200, minRequests: 2, jitter: 0 });
    for (let i = 0; i < 2; i++) permitOf(breaker, 0).settle('success', 0, { durationMs: 200 });
    expect(breaker.snapshot(0).state).toBe('open');
    expect(permitOf(breaker, 5_000).settle('success', 5_000, { durationMs: 199 })).toBeUndefined();
    expect(permitOf(breaker, 5_000).settle('success', 5_200)).toMatchObject({
      from: 'half-open',
      to: 'open',
      reason: 'a probe took 200 ms or longer',
      level: 1,
      openForMs: 10_000,
      stats: { total: 2, failures: 0, slow: { 200: 1 } },
    });
    for (const to of [undefined, 'closed'])
      expect(permitOf(breaker, 20_000).settle('success', 20_000, { durationMs: 199 })?.to).toBe(to);
  });

  test('takes a probe for slow by the longest time of its rules, since healthy answers may take the shorter ones', () => {
    const slow = (rate: number, thresholdMs: number) => trippers.slowRate(rate, { thresholdMs });
    const tripper = trippers.failureStreak(5).or(slow(0.8, 200).or(slow(0.3, 600)));
    const breaker = openBreaker({ tripper, jitter: 0 });
    expect(permitOf(breaker, 5_000).settle('success', 5_000, { durationMs: 599 })).toBeUndefined();
    expect(permitOf(breaker, 5_000).settle('success', 5_000, { durationMs: 600 })).toMatchObject({ to: 'open' });
  });

  // Two successes closed it with seven failures of nine before them: "too few to know" was taken for "well".
  test('does not close while the rules that judge it do not know yet', () => {
    const { failureStreak, failureRate, halfOpen, minRequests } = trippers;
    const tripper = failureStreak(9).or(halfOpen().and(minRequests(10)).and(failureRate(0.2)));
    const breaker = breakerOf({ tripper, jitter: 0, permits: permits.limit(10) });
    for (let i = 0; i < 9; i++) call(breaker, 'failure', 0);
    for (let i = 0; i < 9; i++) expect(call(breaker, i < 7 ? 'failure' : 'success', 5_000)).toBeUndefined();
    expect(call(breaker, 'success', 5_000)).toMatchObject({ to: 'open', reason: '7 of 10 calls failed', level: 1 });
    expect(call(breaker, 'failure', 15_000)).toBeUndefined();
    for (let i = 0; i < 4; i++) expect(call(breaker, 'success', 15_000)).toBeUndefined();
    expect(call(breaker, 'success', 15_000)).toMatchObject({ to: 'closed', reason: '5 probes succeeded' });
  });

  test('a probe that gave its place back makes room at once and keeps its say, even beyond its lease', () => {
    const breaker = openBreaker({ jitter: 0, closeAfter: 1 });
    const stream = permitOf(breaker, 5_000);
    stream.release();
    stream.release();
    expect([breaker.peek(5_000), breaker.snapshot(5_000).probesOut]).toEqual(['probe', 0]);
    expect(stream.settle('success', 99_000)).toMatchObject({ to: 'closed' });
    stream.release();
    expect(breaker.peek(99_000)).toBe('ok');
  });

  // An answer that was read to its end before its stream was given back.
  test('a probe that is settled first has no place left to give back', () => {
    const breaker = openBreaker();
    const probe = permitOf(breaker, 5_000);
    probe.settle('ignored', 5_000);
    permitOf(breaker, 5_000);
    probe.release();
    expect([breaker.peek(5_000), breaker.snapshot(5_000).probesOut]).toEqual(['rejected', 1]);
  });

  test('takes an ignored probe as if it had never been', () => {
    const breaker = openBreaker();
    for (let i = 0; i < 20; i++) expect(call(breaker, 'ignored', 5_000)).toBeUndefined();
    expect(breaker.snapshot(5_000)).toMatchObject({
      state: 'half-open',
      probesOut: 0,
      stats: counted(0, 0),
    });
  });

  test('gives up a probe that does not come back, and its late result is worth nothing', () => {
    const breaker = openBreaker();
    const lost = permitOf(breaker, 5_000);
    expect([breaker.peek(64_999), breaker.retryAfterMs(64_999)]).toEqual(['rejected', 1]);
    expect([breaker.peek(65_000), breaker.retryAfterMs(65_000)]).toEqual(['probe', 0]);
    permitOf(breaker, 65_000);
    expect(lost.settle('failure', 65_001)).toBeUndefined();
    expect(breaker.snapshot(65_001)).toMatchObject({ state: 'half-open', probesOut: 1 });
  });

  // Probes that never come back are forgotten when their places are lent, or they would pile up for as long as the outage lasts.
  test('forgets for good a probe whose place it has lent to another, whatever the clock does', () => {
    const breaker = openBreaker({ jitter: 0, closeAfter: 1 });
    const lost = permitOf(breaker, 5_000);
    permitOf(breaker, 65_000);
    expect(breaker.snapshot(64_000)).toMatchObject({ state: 'half-open', probesOut: 1 });
    expect(lost.settle('success', 64_000)).toBeUndefined();
    expect(breaker.snapshot(64_000)).toMatchObject({ state: 'half-open', probesOut: 1, stats: { total: 0 } });
  });

  test('does not listen to an overdue probe even if nobody has taken its place', () => {
    const breaker = openBreaker({ jitter: 0, closeAfter: 1 });
    expect(permitOf(breaker, 5_000).settle('success', 65_000)).toBeUndefined();
    expect(breaker.snapshot(65_000)).toMatchObject({ state: 'half-open', probesOut: 0 });
  });

  test('with all its probes out tells when the oldest will be given up, if that is soon', () => {
    const breaker = openBreaker({ jitter: 0, probes: 2 });
    permitOf(breaker, 5_000);
    expect(breaker.retryAfterMs(6_000)).toBe(0);
    permitOf(breaker, 6_000);
    expect(breaker.retryAfterMs(61_000)).toBe(4_000);
  });

  // With a lease raised to ten minutes for slow answers, others read "Try again in 599977 ms" while a probe was out for a second.
  test('tells others to look again after openMs at the most: a probe may be back any moment', () => {
    const breaker = openBreaker({ jitter: 0, openMs: 2_000, leaseMs: 600_000 });
    permitOf(breaker, 2_000);
    expect([breaker.retryAfterMs(2_023), breaker.retryAfterMs(500_000)]).toEqual([2_000, 2_000]);
    expect([breaker.retryAfterMs(601_000), breaker.retryAfterMs(602_000)]).toEqual([1_000, 0]);
  });

  test('is not moved by the probes of an earlier half-open time', () => {
    const breaker = openBreaker({ jitter: 0, probes: 2 });
    const stale = permitOf(breaker, 5_000);
    call(breaker, 'failure', 5_000);
    permitOf(breaker, 15_000);
    expect(stale.settle('failure', 15_001)).toBeUndefined();
    expect(breaker.snapshot(15_001)).toMatchObject({ state: 'half-open', probesOut: 1 });
  });
});

describe('the level', () => {
  /** Fails every probe until the wait has grown as often as asked; returns the waits and the time after the last. */
  function reopen(breaker: Breaker, times: number) {
    const waits: number[] = [];
    let now = 0;
    for (let i = 0; i < times; i++) {
      now += breaker.retryAfterMs(now);
      call(breaker, 'failure', now);
      waits.push(breaker.retryAfterMs(now));
    }
    return { waits, now };
  }

  function recover(breaker: Breaker, from: number): number {
    const now = from + breaker.retryAfterMs(from);
    call(breaker, 'success', now);
    call(breaker, 'success', now);
    return now;
  }

  test('lets the wait grow up to its limit and no further', () => {
    expect(reopen(openBreaker(), 6).waits).toEqual([10_000, 20_000, 30_000, 30_000, 30_000, 30_000]);
  });

  test('outlives a recovery, so that a flapping target keeps its long waits', () => {
    const breaker = openBreaker();
    const closedAt = recover(breaker, reopen(breaker, 2).now);
    for (let i = 0; i < 5; i++) call(breaker, 'failure', closedAt + 59_999);
    expect(breaker.snapshot(closedAt + 59_999)).toMatchObject({ state: 'open', level: 2, openForMs: 20_000 });
  });

  test('goes down by one per minute of being closed', () => {
    const breaker = openBreaker();
    const closedAt = recover(breaker, reopen(breaker, 2).now);
    expect([0, 60_000, 120_000, 180_000].map((ms) => breaker.snapshot(closedAt + ms).level)).toEqual([2, 1, 0, 0]);
    for (let i = 0; i < 5; i++) call(breaker, 'failure', closedAt + 60_000);
    expect(breaker.retryAfterMs(closedAt + 60_000)).toBe(10_000);
  });

  test('is that of the wait before while half-open, and a wait by hand takes nothing from it', () => {
    const breaker = openBreaker();
    const { now } = reopen(breaker, 2);
    permitOf(breaker, now + 20_000);
    expect(breaker.snapshot(now + 20_000)).toMatchObject({ state: 'half-open', level: 2 });
    expect(breaker.openFor(100, now + 20_000, 'maintenance')).toMatchObject({ from: 'half-open', level: 2 });
    expect(breaker.snapshot(now + 20_000)).toMatchObject({ state: 'open', level: 2 });
  });

  test('stops rising where the wait stops growing, so that a long outage is forgotten in minutes', () => {
    const breaker = openBreaker();
    const closedAt = recover(breaker, reopen(breaker, 500).now);
    expect(breaker.snapshot(closedAt).level).toBe(3);
  });
});

describe('by hand', () => {
  test('openFor opens for exactly that time, without jitter', () => {
    const breaker = breakerOf({ jitter: 1 }, () => 0.9);
    expect(breaker.openFor(1_234, 10, 'maintenance')).toEqual({
      what: 'state',
      mode: 'auto',
      from: 'closed',
      to: 'open',
      reason: 'maintenance',
      openForMs: 1_234,
      level: 0,
      stats: counted(0, 0),
    });
    expect(breaker.retryAfterMs(10)).toBe(1_234);
  });

  test('openFor on an open breaker replaces the wait, and that is a change like any other', () => {
    const breaker = openBreaker();
    expect(breaker.openFor(100, 0, 'shorter')).toMatchObject({
      what: 'state',
      from: 'open',
      to: 'open',
      reason: 'shorter',
      openForMs: 100,
      stats: { total: 5, failures: 5 },
    });
    expect(breaker.retryAfterMs(0)).toBe(100);
  });

  test('openFor on a half-open breaker makes its probes worthless', () => {
    const breaker = openBreaker();
    const probe = permitOf(breaker, 5_000);
    expect(breaker.openFor(100, 5_000, 'still sick')).toMatchObject({ from: 'half-open', to: 'open', level: 0 });
    expect(probe.settle('failure', 5_001)).toBeUndefined();
    expect(breaker.retryAfterMs(5_001)).toBe(99);
  });

  test.each([0, -1, Number.NaN])('openFor(%s) changes nothing', (ms) => {
    const breaker = breakerOf();
    expect(breaker.openFor(ms, 0, 'odd')).toBeUndefined();
    expect(breaker.peek(0)).toBe('ok');
  });

  test('openFor(Infinity) lasts until reset and can be written as JSON', () => {
    const breaker = breakerOf();
    expect(breaker.openFor(Number.POSITIVE_INFINITY, 0, 'for good')).toMatchObject({
      openForMs: Number.MAX_SAFE_INTEGER,
    });
    expect(breaker.peek(1e12)).toBe('rejected');
    expect(JSON.parse(JSON.stringify(breaker.snapshot(1e12))).openForMs).toBe(Number.MAX_SAFE_INTEGER);
    expect(breaker.retryAfterMs(1e12)).toBe(Number.MAX_SAFE_INTEGER);
    expect(breaker.reset(1e12)).toMatchObject({ from: 'open', to: 'closed', reason: 'reset' });
    expect(breaker.peek(1e12)).toBe('ok');
  });

  // Listeners heard `breaker.half-opened` when somebody reset an open breaker, and the gauge stayed at half-open.
  test.each([
    ['open', 1_000],
    ['half-open', 5_000],
  ] as const)('reset of an %s breaker tells that it leads to closed', (from, now) => {
    const breaker = openBreaker();
    if (from === 'half-open') permitOf(breaker, now);
    expect(breaker.reset(now)).toMatchObject({ what: 'state', from, to: 'closed', level: 0 });
    expect(breaker.snapshot(now)).toMatchObject({ state: 'closed', level: 0 });
  });

  test('reset forgets the window, the streak and the level, and calls under way no longer count', () => {
    const breaker = openBreaker();
    call(breaker, 'failure', 5_000);
    breaker.reset(6_000);
    const old = Array.from({ length: 5 }, () => permitOf(breaker, 6_000));
    expect(breaker.reset(6_000)).toBeUndefined();
    for (const permit of old) permit.settle('failure', 6_000);
    expect(breaker.snapshot(6_000)).toEqual({
      state: 'closed',
      mode: 'auto',
      sinceMs: 0,
      level: 0,
      openForMs: 0,
      stats: counted(0, 0),
      probesOut: 0,
    });
  });
});

describe('the classic breaker', () => {
  test('opens after 5 failures in a row for 60 s, tries 3 at a time and closes after 3 successes, never growing', () => {
    const breaker = breakerOf('classic', () => 0.99);
    for (let i = 0; i < 30; i++) call(breaker, i % 5 === 4 ? 'success' : 'failure', 0);
    expect(breaker.snapshot(0).state).toBe('closed');
    for (let i = 0; i < 5; i++) call(breaker, 'failure', 0);
    expect(breaker.retryAfterMs(0)).toBe(60_000);
    expect(call(breaker, 'failure', 60_000)).toMatchObject({ to: 'open', openForMs: 60_000 });
    const probes = [permitOf(breaker, 120_000), permitOf(breaker, 120_000), permitOf(breaker, 120_000)];
    expect(breaker.tryAcquire(120_000)).toBeUndefined();
    expect(probes.map((probe) => probe.settle('success', 120_001)?.to)).toEqual([undefined, undefined, 'closed']);
  });
});

describe('no breaker', () => {
  test('lets everything through and makes no object per call', () => {
    const breaker = breakerOf(false);
    const first = breaker.tryAcquire(0);
    for (let i = 0; i < 100; i++) breaker.tryAcquire(i)?.settle('failure', i);
    expect(breaker.tryAcquire(100)).toBe(first);
    expect([breaker.peek(0), breaker.retryAfterMs(0), breaker.openFor(5, 0, 'x'), breaker.reset(0)]).toEqual([
      'ok',
      0,
      undefined,
      undefined,
    ]);
    expect(breaker.snapshot(0).state).toBe('closed');
    expect(breaker.snapshot(0).stats).toEqual(counted(0, 0));
  });
});
