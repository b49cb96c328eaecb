import { describe, expect, test } from 'vitest';
import { type Breaker, createBreaker, type Mark } from '../../../packages/core/src/breaker/breaker.js';
import { layered } from '../../../packages/core/src/breaker/layers.js';
import { type BreakerInput, resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { presets } from '../../../packages/core/src/breaker/presets.js';
import { trippers } from '../../../packages/core/src/breaker/trippers.js';
import { countWindow } from '../../../packages/core/src/breaker/windows.js';

const breakerOf = (input: BreakerInput, random = () => 0) => createBreaker(resolveBreakerOptions(input), random);
const call = (breaker: Breaker, mark: Mark, now: number) => breaker.tryAcquire(now)?.settle(mark, now);

/** Makes so many calls of a kind; the last thing that came of them. */
function calls(breaker: Breaker, times: number, mark: Mark, now = 0) {
  return Array.from({ length: times }, () => call(breaker, mark, now)).findLast((one) => one !== undefined);
}

describe('the presets', () => {
  test('adaptive is what a breaker does without options', () => {
    expect(resolveBreakerOptions('adaptive')).toEqual(resolveBreakerOptions(undefined));
  });

  test('fluxgate judges the last hundred calls and nothing before', () => {
    const breaker = breakerOf('fluxgate');
    expect(calls(breaker, 50, 'failure')).toBeUndefined();
    expect(calls(breaker, 49, 'success')).toBeUndefined();
    expect(calls(breaker, 1, 'success', 86_400_000)).toMatchObject({
      to: 'open',
      reason: '50 of 100 calls failed',
      openForMs: 60_000,
    });
  });

  test('fluxgate forgets what more than a hundred calls have pushed out', () => {
    const breaker = breakerOf('fluxgate');
    calls(breaker, 200, 'success');
    expect(calls(breaker, 49, 'failure')).toBeUndefined();
    expect(calls(breaker, 1, 'failure')).toMatchObject({ to: 'open', stats: { total: 100, failures: 50 } });
  });

  // A window that never holds as many calls as are asked for was never judged: a thousand failures, and closed.
  test.each<[string, BreakerInput, string]>([
    ['the defaults', { window: countWindow(5), failureStreak: false }, '5 of 5 calls failed'],
    [
      'slow calls',
      { window: countWindow(5), failureStreak: false, failureRate: false, slowMs: 0.5 },
      '5 of 5 calls took 0.5 ms or longer',
    ],
    ['fluxgate', layered('fluxgate', { window: countWindow(20) }), '20 of 20 calls failed'],
    [
      'a rule of their own',
      { window: countWindow(3), tripper: trippers.minRequests(9).and(trippers.failureRate(1)) },
      '3 of 3 calls failed',
    ],
  ])('%s judge a window that is smaller than minRequests when it is full', (_, input, reason) => {
    const breaker = breakerOf(input);
    const settle = () => breaker.tryAcquire(0)?.settle('failure', 1);
    const told = Array.from({ length: Number.parseInt(reason, 10) }, settle);
    expect(told.map((one) => one?.reason)).toEqual([...told.slice(1).map(() => undefined), reason]);
  });

  test('fluxgate lets a growing share through, ten at a time, and waits the same minute each time', () => {
    const dice = { value: 0.5 };
    const breaker = breakerOf('fluxgate', () => dice.value);
    calls(breaker, 100, 'failure');
    const tries = (now: number) => Array.from({ length: 30 }, () => breaker.tryAcquire(now)).filter((one) => one);
    const [first] = tries(60_000);
    expect(breaker.snapshot(60_000).probesOut).toBe(1);
    expect(tries(60_500)).toEqual([]);
    expect(tries(60_000 + 30_000)).toHaveLength(9);
    expect(first?.settle('failure', 95_000)).toMatchObject({ to: 'open', openForMs: 60_000 });
    dice.value = 0;
    expect(calls(breaker, 10, 'success', 155_000)).toMatchObject({ to: 'closed', reason: '10 probes succeeded' });
  });

  test('cannot be changed by whoever holds them', () => {
    expect(Object.isFrozen(presets)).toBe(true);
  });
});
