import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guessMs } from '../../../packages/core/src/latency/distance.js';

const SEOUL = { lat: 37.57, lon: 126.98 };
const TOKYO = { lat: 35.68, lon: 139.69 };
const FRANKFURT = { lat: 50.11, lon: 8.68 };
const VIRGINIA = { lat: 38.95, lon: -77.45 };

test('at one place the ends alone take ten milliseconds', () => {
  expect(guessMs(SEOUL, SEOUL)).toBe(10);
});

test('Seoul to Tokyo, Frankfurt and Virginia: what fibres of 1 150, 8 550 and 11 150 kilometres take, and a detour', () => {
  expect([TOKYO, FRANKFURT, VIRGINIA].map((place) => Math.round(guessMs(SEOUL, place)))).toEqual([28, 147, 188]);
});

test('the way over the date line is short', () => {
  expect(guessMs({ lat: 0, lon: 179.5 }, { lat: 0, lon: -179.5 })).toBeCloseTo(10 + 111.2 * 0.016, 1);
});

test('without one of the places nothing is guessed', () => {
  expect([guessMs(undefined, SEOUL), guessMs(SEOUL, undefined)]).toEqual([0, 0]);
});

const place = fc.record({
  lat: fc.oneof(fc.constantFrom(-90, 0, 90), fc.double({ min: -90, max: 90, noNaN: true })),
  lon: fc.oneof(fc.constantFrom(-180, 0, 180), fc.double({ min: -180, max: 180, noNaN: true })),
});

test('there is as far as back, nowhere is farther than half around, and nothing is not a number', () => {
  fc.assert(
    fc.property(place, place, (from, to) => {
      const there = guessMs(from, to);
      expect(there).toBeCloseTo(guessMs(to, from), 6);
      expect(there).toBeGreaterThanOrEqual(10);
      expect(there).toBeLessThanOrEqual(10 + Math.PI * 6_371 * 0.016 + 1e-6);
    }),
  );
});
