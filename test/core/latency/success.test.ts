import { describe, expect, test } from 'vitest';
import { Flight } from '../../../packages/core/src/latency/flight.js';
import { Success } from '../../../packages/core/src/latency/success.js';

/** A target, asked at the instants that the test names. */
function target() {
  const success = new Success();
  const ask = (at: number, isSuccess: boolean | undefined, until = at) => {
    const flight = new Flight(at, false);
    success.begin(flight, at);
    success.end(flight, isSuccess, until);
  };
  return { success, ask };
}

describe('how often calls succeed', () => {
  // A region that had been down for a minute was asked again half a minute after it was well, and beside its equal never: few calls go
  // where they fail, so its breaker did not open, and the least doubt was enough to keep all of them away.
  test('is forgotten for a call when a target that failed has not been asked for five seconds', () => {
    const { success, ask } = target();
    ask(1_000, false);
    expect([success.chosenBy(5_999) < 0.8, success.chosenBy(6_000)]).toEqual([true, 1]);
    expect(success.rate(6_000)).toBeLessThan(0.8);
  });

  test('is held against it again while that call is under way, and when it fails', () => {
    const { success, ask } = target();
    ask(0, false);
    const trial = new Flight(5_000, false);
    success.begin(trial, 5_000);
    expect(success.chosenBy(5_001)).toBeLessThan(0.8);
    success.end(trial, false, 5_200);
    expect([success.chosenBy(9_999) < 0.7, success.chosenBy(10_000)]).toEqual([true, 1]);
  });

  test('is forgotten for good when that call succeeds', () => {
    const { success, ask } = target();
    for (let at = 0; at < 5; at += 1) ask(at, false);
    ask(5_004, true, 6_000);
    expect([success.rate(6_000), success.chosenBy(6_000)]).toEqual([1, 1]);
  });

  test('is not forgotten for a success among others, nor for a call that said nothing', () => {
    const { success, ask } = target();
    for (let at = 0; at < 5; at += 1) ask(at, false);
    ask(10, true);
    expect(success.rate(10)).toBeLessThan(0.5);
    ask(20, false);
    ask(5_020, undefined);
    expect(success.rate(5_020)).toBeLessThan(0.5);
    expect([success.chosenBy(10_019) < 0.7, success.chosenBy(10_020)]).toEqual([true, 1]);
  });

  // Four failures and a late success: what was last seen to succeed was not tried any more, and beside an equal not asked for a minute
  // and a half. Who was last seen to fail was back after five seconds.
  test('is forgotten for a call all the same when a success came among failures', () => {
    const { success, ask } = target();
    for (let at = 0; at < 5; at += 1) ask(at, at === 4);
    expect([success.chosenBy(5_003) < 0.7, success.chosenBy(5_004)]).toEqual([true, 1]);
    ask(5_004, true);
    expect([success.rate(5_004), success.chosenBy(99_000)]).toEqual([1, 1]);
  });

  test('is forgotten for good where so many succeed that it makes no difference', () => {
    const { success, ask } = target();
    for (let at = 0; at < 200; at += 1) ask(at, at > 0);
    expect(success.chosenBy(9_999)).toBe(success.rate(9_999));
  });

  test('never keeps a target away for longer because the clock stepped back', () => {
    const { success, ask } = target();
    ask(3_600_000, false);
    expect(success.chosenBy(0)).toBe(1);
  });
});
