import { describe, expect, test } from 'vitest';
import { type Breaker, createBreaker, type Mark } from '../../../packages/core/src/breaker/breaker.js';
import { type BreakerInput, resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { presets } from '../../../packages/core/src/breaker/presets.js';

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
