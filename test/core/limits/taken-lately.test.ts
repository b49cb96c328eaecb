import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TakenLately } from '../../../packages/core/src/limits/taken-lately.js';

test('counts like a list of all that was taken, by quarters of a second, for a minute', () => {
  const slot = (time: number) => Math.floor(time / 250);
  const steps = fc.array(
    fc.record({
      passedMs: fc.oneof(fc.nat(400), fc.nat(90_000)),
      amount: fc.integer({ min: 1, max: 500 }),
      agoMs: fc.nat(70_000),
    }),
    { size: 'max', maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const lately = new TakenLately();
      const list: { at: number; amount: number }[] = [];
      let now = 5_000;
      for (const { passedMs, amount, agoMs } of all) {
        now += passedMs;
        lately.add(amount, now, now);
        list.push({ at: now, amount });
        const since = (from: number) =>
          list.filter(({ at }) => slot(at) > Math.max(from, slot(now) - 240)).reduce((sum, one) => sum + one.amount, 0);
        expect(lately.after(now - agoMs, now)).toBe(since(slot(now - agoMs)));
        expect(lately.total(now)).toBe(since(-1));
      }
    }),
  );
});

test('takes back what did not take place, unless it is forgotten already', () => {
  const lately = new TakenLately();
  lately.add(10, 1_000, 1_000);
  lately.add(-10, 1_000, 30_000);
  expect(lately.total(30_000)).toBe(0);
  lately.add(10, 31_000, 31_000);
  lately.add(-10, 31_000, 200_000);
  expect(lately.total(200_000)).toBe(0);
});

test('bears a clock that steps back', () => {
  const lately = new TakenLately();
  lately.add(10, 100_000, 100_000);
  lately.add(5, 10_000, 10_000);
  expect([lately.total(10_000), lately.after(99_000, 10_000)]).toEqual([10, 10]);
});
