import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Breaker,
  type BreakerMode,
  type BreakerSnapshot,
  createBreaker,
  type Mark,
  type Permit,
} from '../../../packages/core/src/breaker/breaker.js';
import { type BreakerOptions, resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { recovery } from '../../../packages/core/src/breaker/recovery.js';

const MODES: readonly BreakerMode[] = ['auto', 'observe-only', 'disabled', 'forced-open'];

const breakerOf = (options: BreakerOptions = {}) =>
  createBreaker(resolveBreakerOptions({ failureStreak: 3, jitter: 0, ...options }), () => 0);

function permitOf(breaker: Breaker, now: number): Permit {
  const permit = breaker.tryAcquire(now);
  if (!permit) throw new Error(`no permit at ${now}`);
  return permit;
}

const call = (breaker: Breaker, mark: Mark, now: number) => permitOf(breaker, now).settle(mark, now);
const fail = (breaker: Breaker, times: number, now = 0) =>
  Array.from({ length: times }, () => call(breaker, 'failure', now)).filter((one) => one !== undefined);

/** A breaker that three failures have opened at 0 for five seconds. */
function openBreaker(options?: BreakerOptions): Breaker {
  const breaker = breakerOf(options);
  fail(breaker, 3);
  return breaker;
}

/** What a breaker takes along when it is written down and read again elsewhere. */
const written = (snapshot: BreakerSnapshot): BreakerSnapshot => JSON.parse(JSON.stringify(snapshot));

describe('beginning a mode', () => {
  test('is announced with what was before, and ends what was counted', () => {
    const breaker = breakerOf();
    fail(breaker, 2);
    expect(breaker.setMode('observe-only', 100)).toMatchObject({
      what: 'mode',
      from: 'closed',
      to: 'closed',
      mode: 'observe-only',
      reason: 'auto before',
      level: 0,
      stats: { total: 2, failures: 2 },
    });
    expect(breaker.snapshot(150)).toMatchObject({ mode: 'observe-only', sinceMs: 50, stats: { total: 0 } });
  });

  test.each([
    ['observe-only', 'closed'],
    ['disabled', 'closed'],
    ['forced-open', 'open'],
  ] as const)('from open, %s leads to %s', (mode, to) => {
    const breaker = openBreaker();
    expect(breaker.setMode(mode, 1)).toMatchObject({ what: 'mode', from: 'open', to, mode });
    expect(breaker.snapshot(1)).toMatchObject({ state: to, mode, openForMs: 0, level: 0 });
  });

  test('changes nothing when the mode is the same', () => {
    for (const mode of MODES) {
      const breaker = breakerOf({ mode });
      expect(breaker.setMode(mode, 5)).toBeUndefined();
      expect(breaker.snapshot(0).mode).toBe(mode);
    }
    const probing = openBreaker();
    permitOf(probing, 5_000);
    expect(probing.setMode('auto', 5_000)).toBeUndefined();
    expect(probing.snapshot(5_000)).toMatchObject({ state: 'half-open', probesOut: 1 });
  });

  test('of any kind makes calls under way worth nothing, and the way back does not bring them back', () => {
    for (const mode of MODES.slice(1)) {
      const breaker = breakerOf();
      const late = Array.from({ length: 5 }, () => permitOf(breaker, 0));
      breaker.setMode(mode, 0);
      breaker.setMode('auto', 0);
      for (const permit of late) expect(permit.settle('failure', 1)).toBeUndefined();
      expect(breaker.snapshot(1)).toMatchObject({ state: 'closed', mode: 'auto', stats: { total: 0 } });
    }
  });
});

describe('an observing breaker', () => {
  test('lets every call through and tells once that it would have opened', () => {
    const breaker = breakerOf({ mode: 'observe-only' });
    const told = fail(breaker, 20);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      what: 'would-open',
      from: 'closed',
      to: 'closed',
      mode: 'observe-only',
      reason: '3 failures in a row',
      stats: { total: 3, failures: 3 },
    });
    expect(told[0]).not.toHaveProperty('openForMs');
    expect([breaker.peek(0), breaker.retryAfterMs(0), breaker.snapshot(0).state]).toEqual(['ok', 0, 'closed']);
    expect(breaker.snapshot(0).stats.total).toBe(20);
  });

  test('tells again when it has been well in between', () => {
    const breaker = breakerOf({ mode: 'observe-only', failureRate: false });
    expect(fail(breaker, 5)).toHaveLength(1);
    call(breaker, 'ignored', 0);
    expect(fail(breaker, 5)).toHaveLength(0);
    call(breaker, 'success', 0);
    expect(fail(breaker, 2)).toHaveLength(0);
    expect(fail(breaker, 2)).toHaveLength(1);
  });

  // A wait by hand made it refuse calls, and after the wait it decided by itself: the mode was lost without a word.
  test('is not opened by a wait: who only looks refuses nobody', () => {
    const breaker = breakerOf({ mode: 'observe-only' });
    expect(breaker.openFor(5_000, 0, 'maintenance')).toBeUndefined();
    expect([breaker.peek(0), breaker.snapshot(0).mode]).toEqual(['ok', 'observe-only']);
  });

  test('goes on observing after a reset, with nothing counted', () => {
    const breaker = breakerOf({ mode: 'observe-only' });
    fail(breaker, 4);
    expect(breaker.reset(5)).toBeUndefined();
    expect(breaker.snapshot(5)).toMatchObject({ mode: 'observe-only', stats: { total: 0 } });
    expect(fail(breaker, 3, 5)).toMatchObject([{ what: 'would-open' }]);
  });
});

describe('a disabled breaker', () => {
  test('lets every call through, counts nothing and makes no object per call', () => {
    const breaker = breakerOf({ mode: 'disabled' });
    const first = breaker.tryAcquire(0);
    expect(fail(breaker, 50)).toEqual([]);
    expect(breaker.tryAcquire(1)).toBe(first);
    expect(breaker.snapshot(1)).toMatchObject({ state: 'closed', mode: 'disabled', stats: { total: 0 } });
    expect([breaker.openFor(5, 1, 'x'), breaker.reset(1), breaker.retryAfterMs(1)]).toEqual([undefined, undefined, 0]);
    expect(breaker.peek(2)).toBe('ok');
  });

  test('may have no rule, and then never opens by itself when it is told to decide', () => {
    const breaker = breakerOf({ mode: 'disabled', failureStreak: false, failureRate: false });
    breaker.setMode('auto', 0);
    expect(fail(breaker, 50)).toEqual([]);
    expect(breaker.snapshot(0)).toMatchObject({ state: 'closed', mode: 'auto', stats: { failures: 50 } });
  });

  test('is what a breaker of false begins as, and can be told to decide', () => {
    const breaker = createBreaker(false, () => 0);
    expect(breaker.snapshot(0).mode).toBe('disabled');
    breaker.setMode('auto', 0);
    expect(fail(breaker, 5)).toMatchObject([{ to: 'open' }]);
  });
});

describe('a breaker that is forced open', () => {
  test('B5: refuses whatever is tried, and ends only when told so', () => {
    const breaker = breakerOf();
    breaker.setMode('forced-open', 0);
    const commands: (() => unknown)[] = [
      () => breaker.nudge(1e9),
      () => breaker.reset(1e9),
      () => breaker.openFor(1, 1e9, 'short'),
      () => breaker.snapshot(1e12),
    ];
    for (const command of commands) {
      command();
      expect([breaker.peek(1e12), breaker.tryAcquire(1e12)]).toEqual(['rejected', undefined]);
    }
    expect(breaker.snapshot(1e12)).toMatchObject({ state: 'open', mode: 'forced-open', openForMs: 0 });
    expect(breaker.retryAfterMs(0)).toBe(Number.MAX_SAFE_INTEGER);
    expect(breaker.setMode('auto', 1e12)).toMatchObject({ what: 'mode', from: 'open', to: 'closed' });
    expect(breaker.peek(1e12)).toBe('ok');
  });

  test('B5: begins so when its options say so', () => {
    const breaker = breakerOf({ mode: 'forced-open' });
    expect([breaker.peek(0), breaker.tryAcquire(1e9)]).toEqual(['rejected', undefined]);
  });
});

describe('the share of a target that came back', () => {
  test('grows from a tenth to all, after probes have closed it and not otherwise', () => {
    const breaker = openBreaker({ closeAfter: 1, slowStartMs: 8_000 });
    expect(breaker.share(1_000)).toBe(1);
    call(breaker, 'success', 5_000);
    expect([5_000, 5_400, 6_000, 9_000, 13_000, 99_000].map((now) => breaker.share(now))).toEqual([
      0.1, 0.1, 0.125, 0.5, 1, 1,
    ]);
    breaker.openFor(1_000, 6_000, 'by hand');
    breaker.reset(6_000);
    expect(breaker.share(6_000)).toBe(1);
    expect(breakerOf().share(0)).toBe(1);
  });

  test('is all of it at once without slow start, also on a clock that stands', () => {
    const breaker = openBreaker({ closeAfter: 1, slowStartMs: 0 });
    call(breaker, 'success', 5_000);
    expect(breaker.share(5_000)).toBe(1);
  });
});

describe('a nudge', () => {
  test('ends the wait of an open breaker, and the next call is a probe', () => {
    const breaker = openBreaker();
    breaker.nudge(1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ state: 'half-open', openForMs: 0, sinceMs: 0 });
    expect(permitOf(breaker, 1_000).probe).toBe(true);
  });

  test('never makes a wait longer, also when it is over or the clock has stepped back', () => {
    const breaker = openBreaker();
    breaker.nudge(9_000);
    expect(breaker.peek(5_000)).toBe('probe');
    breaker.nudge(2_000);
    breaker.nudge(3_000);
    expect(breaker.peek(2_000)).toBe('probe');
  });

  test('does not close, and the level stays', () => {
    const breaker = openBreaker();
    call(breaker, 'failure', 5_000);
    breaker.nudge(6_000);
    expect(call(breaker, 'failure', 6_000)).toMatchObject({ from: 'half-open', to: 'open', level: 2 });
  });

  // It ended any wait: a check that went well had calls sent to whoever had just said when to come back, and over an operator's head.
  test('does not shorten what a person, the provider or the options asked for', () => {
    const asked = breakerOf({ failureStreak: 1 });
    permitOf(asked, 0).settle('failure', 0, { retryAfterMs: 20_000 });
    const byHand = breakerOf();
    byHand.openFor(20_000, 0, 'by hand');
    for (const breaker of [asked, byHand]) {
      breaker.nudge(1_000);
      expect(breaker.retryAfterMs(1_000)).toBe(19_000);
      expect(breaker.carefulInMs(1_000)).toBe(19_000);
    }
    const options = resolveBreakerOptions({ failureStreak: 1, recovery: recovery.never() });
    const endless = createBreaker(options, () => 0);
    call(endless, 'failure', 0);
    endless.nudge(1_000);
    expect([endless.peek(1e9), endless.carefulInMs(1_000)]).toEqual(['rejected', Number.MAX_SAFE_INTEGER]);
  });

  test('may be given by who has nowhere else to go, a second after the opening and once at a time', () => {
    const breaker = openBreaker();
    expect([0, 400, 999.5, 1_000, 3_000].map((now) => breaker.carefulInMs(now))).toEqual([1_000, 600, 1, 0, 0]);
    breaker.nudge(1_000);
    const probe = permitOf(breaker, 1_000);
    expect(breaker.carefulInMs(1_000)).toBe(100);
    probe.settle('failure', 1_500);
    expect(breaker.carefulInMs(1_500)).toBe(1_000);
    expect(breakerOf({ mode: 'forced-open' }).carefulInMs(0)).toBe(Number.MAX_SAFE_INTEGER);
    expect(breakerOf().carefulInMs(0)).toBe(0);
    // Never later than everybody else may.
    const short = breakerOf({ failureStreak: 1, openMs: 300, jitter: 0 });
    call(short, 'failure', 0);
    expect(short.carefulInMs(100)).toBe(200);
  });

  // A probe that hung at the only endpoint kept everybody away for as long as a call may take, ten minutes by default.
  test('lets another probe go beside one that has been under way for ten seconds and keeps its say', () => {
    const breaker = openBreaker({ closeAfter: 1 });
    const slow = permitOf(breaker, 5_000);
    breaker.nudge(14_999);
    expect(breaker.tryAcquire(14_999)).toBeUndefined();
    breaker.nudge(15_000);
    expect(permitOf(breaker, 15_000).probe).toBe(true);
    expect(breaker.tryAcquire(15_000)).toBeUndefined();
    expect(slow.settle('success', 40_000)).toMatchObject({ to: 'closed' });
  });

  test('changes nothing in any other state', () => {
    const probing = openBreaker();
    permitOf(probing, 5_000);
    for (const breaker of [breakerOf(), probing, ...MODES.slice(1).map((mode) => breakerOf({ mode }))]) {
      const before = breaker.snapshot(5_000);
      breaker.nudge(5_000);
      expect(breaker.snapshot(5_000)).toEqual(before);
    }
  });
});

describe('a refusal', () => {
  test('may be passed where it is only the doing of the breaker itself', () => {
    const probing = openBreaker();
    permitOf(probing, 5_000);
    for (const breaker of [breakerOf(), breakerOf({ mode: 'disabled' }), openBreaker(), probing])
      expect(breaker.mayBePassed(5_000)).toBe(true);
    expect(openBreaker().mayBePassed(0)).toBe(true);
  });

  test('may not be passed for as long as a person, the options or the provider want it', () => {
    const asked = breakerOf({ failureStreak: 1 });
    permitOf(asked, 0).settle('failure', 0, { retryAfterMs: 3_000 });
    const byHand = breakerOf();
    byHand.openFor(3_000, 0, 'by hand');
    for (const breaker of [asked, byHand])
      expect([0, 2_999, 3_000].map((now) => breaker.mayBePassed(now))).toEqual([false, false, true]);
    const endless = createBreaker(resolveBreakerOptions({ failureStreak: 1, recovery: recovery.never() }), () => 0);
    call(endless, 'failure', 0);
    expect([endless, breakerOf({ mode: 'forced-open' })].map((one) => one.mayBePassed(1e12))).toEqual([false, false]);
  });
});

describe('restoring', () => {
  test('goes on with the rest of the wait, whatever the instants there were', () => {
    const memory = written(openBreaker().snapshot(2_000));
    const other = breakerOf();
    other.restore(memory, 9_000_000);
    expect(other.snapshot(9_000_000)).toMatchObject({ state: 'open', openForMs: 3_000, level: 0 });
    expect([other.peek(9_002_999), other.peek(9_003_000)]).toEqual(['rejected', 'probe']);
  });

  test('keeps the level, open or closed', () => {
    const breaker = openBreaker();
    call(breaker, 'failure', 5_000);
    const open = breakerOf();
    open.restore(written(breaker.snapshot(5_000)), 100);
    expect(call(open, 'failure', 100 + 10_000)).toMatchObject({ level: 2, openForMs: 20_000 });
    call(breaker, 'success', 15_000);
    call(breaker, 'success', 15_000);
    const closed = breakerOf();
    closed.restore(written(breaker.snapshot(15_000)), 100);
    expect(closed.snapshot(100)).toMatchObject({ state: 'closed', level: 1 });
    expect(closed.snapshot(60_100).level).toBe(0);
  });

  test('of a half-open breaker tries at once, since its probes are somebody else’s', () => {
    const breaker = openBreaker();
    permitOf(breaker, 5_000);
    const other = breakerOf();
    other.restore(written(breaker.snapshot(5_000)), 77);
    expect(other.snapshot(77)).toMatchObject({ state: 'half-open', probesOut: 0, openForMs: 0 });
    expect(permitOf(other, 77).probe).toBe(true);
  });

  test('keeps the mode', () => {
    for (const mode of MODES) {
      const other = breakerOf();
      other.restore(written(breakerOf({ mode }).snapshot(5)), 50);
      expect(other.snapshot(50)).toMatchObject({ mode, sinceMs: 0 });
      expect(other.peek(50)).toBe(mode === 'forced-open' ? 'rejected' : 'ok');
    }
  });

  test('makes calls under way worth nothing', () => {
    const breaker = breakerOf();
    const late = Array.from({ length: 5 }, () => permitOf(breaker, 0));
    breaker.restore(breaker.snapshot(0), 0);
    for (const permit of late) expect(permit.settle('failure', 0)).toBeUndefined();
    expect(breaker.snapshot(0).state).toBe('closed');
  });

  // What was read from a file of another version opened a breaker until NaN, which never comes.
  test('of what is no number waits no time and has no level', () => {
    const other = breakerOf();
    const odd = { state: 'open', mode: 'auto', level: Number.NaN, openForMs: Number.NaN } as const;
    other.restore(odd, 0);
    expect([other.peek(0), other.snapshot(0).level]).toEqual(['probe', 0]);
    other.restore({ state: 'open', mode: 'observe-only', level: -1, openForMs: 500 }, 0);
    expect(other.snapshot(0)).toMatchObject({ state: 'closed', mode: 'observe-only', level: 0 });
  });
});

describe('restoring what no breaker could have written', () => {
  // A level of 2^53 - 1 would have kept the longest wait for longer than the sun lasts.
  test.each([
    ['numbers', {}, 3],
    ['the same wait each time', { openMultiplier: 1 }, 0],
    ['a rule of its own', { recovery: recovery.custom(() => 50) }, 30],
    ['no wait', { recovery: recovery.always() }, 0],
    // The climb ends somewhere: by so little a wait may grow millions of times, and nobody is served meanwhile.
    ['waits that hardly grow', { openMultiplier: 1.001 }, 1_000],
  ] as const)('takes the highest level that failed probes lead to, by %s', (_, options, level) => {
    const other = createBreaker(resolveBreakerOptions(options), () => 0);
    other.restore({ state: 'open', mode: 'auto', level: Number.MAX_SAFE_INTEGER, openForMs: 0 }, 0);
    expect(other.snapshot(0).level).toBe(level);
  });

  test('waits no longer than for good, which can be written down again', () => {
    for (const openForMs of [1e308, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER]) {
      const other = breakerOf();
      other.restore({ state: 'open', mode: 'auto', level: 0, openForMs }, 5_000);
      expect(written(other.snapshot(60_000)).openForMs).toBe(Number.MAX_SAFE_INTEGER);
      expect(other.peek(1e15)).toBe('rejected');
    }
  });
});

type Command = 'openFor' | 'reset' | 'nudge' | 'restore' | 'call' | BreakerMode;

describe('whatever is commanded', () => {
  const commands = fc.constantFrom<Command[]>(...MODES, 'openFor', 'reset', 'nudge', 'restore', 'call', 'call', 'call');
  const steps = fc.array(
    fc.record({ command: commands, gap: fc.nat(8_000), mark: fc.constantFrom<Mark[]>('success', 'failure') }),
    {
      size: 'max',
      maxLength: 120,
    },
  );

  function obey(breaker: Breaker, { command, now, mark }: { command: Command; now: number; mark: Mark }) {
    if (command === 'openFor') return breaker.openFor(3_000, now, 'by hand');
    if (command === 'reset') return breaker.reset(now);
    if (command === 'nudge') return breaker.nudge(now);
    if (command === 'restore') return breaker.restore(written(breaker.snapshot(now)), now);
    if (command === 'call') return breaker.tryAcquire(now)?.settle(mark, now);
    return breaker.setMode(command, now);
  }

  test('the mode is the one commanded last, fixes what it fixes, and a snapshot survives JSON and restoring', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const breaker = breakerOf({ failureStreak: 1 });
        let [mode, now]: [BreakerMode, number] = ['auto', 0];
        for (const { command, gap, mark } of script) {
          now += gap;
          if ((MODES as readonly string[]).includes(command)) mode = command as BreakerMode;
          obey(breaker, { command, now, mark });
          const snapshot = breaker.snapshot(now);
          expect(snapshot.mode).toBe(mode);
          if (mode === 'forced-open')
            expect([breaker.peek(now), breaker.tryAcquire(now)]).toEqual(['rejected', undefined]);
          else if (mode !== 'auto') expect([breaker.peek(now), snapshot.state]).toEqual(['ok', 'closed']);
          const other = breakerOf({ failureStreak: 1 });
          other.restore(written(snapshot), now + 1e6);
          const { stats, probesOut, sinceMs, reason, ...kept } = snapshot;
          expect(other.snapshot(now + 1e6)).toMatchObject(kept);
        }
      }),
      { numRuns: 150 },
    );
  });
});
