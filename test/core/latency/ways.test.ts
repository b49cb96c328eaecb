import { expect, test } from 'vitest';
import { RoundTrip } from '../../../packages/core/src/latency/round-trip.js';
import { Ways } from '../../../packages/core/src/latency/ways.js';

test('a way counts when all are known, and not before', () => {
  const [near, far] = [new RoundTrip(), new RoundTrip()];
  const ways = new Ways([near, far]);
  far.observe(120, 0);
  expect([ways.to(near).ms(0), ways.to(far).ms(0)]).toEqual([0, 0]);
  near.observe(5, 1_000);
  expect([ways.to(near).ms(1_000), ways.to(far).ms(1_000)]).toEqual([5, 120]);
  expect(ways.to(far).ms(3_600_000)).toBe(120);
});

test('a guess is as good', () => {
  const [near, far] = [new RoundTrip(20), new RoundTrip(90)];
  expect(new Ways([near, far]).to(far).ms(0)).toBe(90);
});
