import { describe, expect, test } from 'vitest';
import { RoundTrip } from '../../../packages/core/src/latency/round-trip.js';

const MINUTE = 60_000;

describe('the round trip to an endpoint', () => {
  test('is nothing, or a guess, until it has been measured', () => {
    expect(new RoundTrip().ms(0)).toBe(0);
    const guessed = new RoundTrip(80);
    expect([guessed.ms(0), guessed.isMeasured(0)]).toEqual([80, false]);
    guessed.observe(120, 0);
    expect([guessed.ms(0), guessed.isMeasured(0)]).toEqual([120, true]);
  });

  test('is the shortest of the last five minutes', () => {
    const trip = new RoundTrip();
    trip.observe(20, 0);
    trip.observe(50, MINUTE);
    trip.observe(40, 3 * MINUTE);
    expect(trip.ms(3 * MINUTE)).toBe(20);
    expect(trip.ms(5 * MINUTE - 1)).toBe(20);
    expect(trip.ms(5 * MINUTE)).toBe(40);
  });

  test('stays what it was when nothing newer is known, because places do not move', () => {
    const trip = new RoundTrip(500);
    trip.observe(30, 0);
    expect([trip.ms(60 * MINUTE), trip.isMeasured(60 * MINUTE)]).toEqual([30, false]);
    trip.observe(90, 61 * MINUTE);
    expect(trip.ms(61 * MINUTE)).toBe(90);
  });

  test('is not led astray by a clock that steps back, by nothing, or by nonsense', () => {
    const trip = new RoundTrip();
    for (const nonsense of [Number.NaN, -1, Number.POSITIVE_INFINITY]) trip.observe(nonsense, MINUTE);
    expect([trip.ms(MINUTE), trip.isMeasured(MINUTE)]).toEqual([0, false]);
    trip.observe(0, MINUTE);
    expect(trip.ms(MINUTE)).toBeGreaterThan(0);
    trip.observe(10, 10 * MINUTE);
    trip.observe(8, 2 * MINUTE);
    expect(trip.ms(2 * MINUTE)).toBe(8);
  });
});

test('an answer that came sooner than the way is said to take shows that it is shorter', () => {
  const trip = new RoundTrip();
  trip.atMost(50, 0);
  expect(trip.ms(0)).toBe(0);
  trip.observe(400, 0);
  trip.atMost(45, 1_000);
  trip.atMost(300, 1_000);
  expect(trip.ms(1_000)).toBe(45);
});
