import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gcra } from '../../../packages/core/src/limits/gcra.js';

const MINUTE = 60_000;
const LIMIT = 60;
const BURST = 10;
const RATE = LIMIT / MINUTE;
/** What sums of fractions may differ by. */
const DUST = 1e-6;

const step = fc.record({
  gapMs: fc.oneof(
    { weight: 5, arbitrary: fc.nat(2_500) },
    { weight: 1, arbitrary: fc.nat(100_000) },
    { weight: 1, arbitrary: fc.integer({ min: -70_000, max: -1 }) },
  ),
  cost: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: BURST }) }, { weight: 1, arbitrary: fc.nat(60) }),
  isPolite: fc.boolean(),
  of: fc.nat(30),
  part: fc.double({ min: -1, max: 0, noNaN: true }),
});
const script = fc.array(step, { size: 'max', maxLength: 120 });
const forward = script.map((steps) => steps.map((one) => ({ ...one, gapMs: Math.abs(one.gapMs) })));

/** A bucket of tokens, the plainest program that could do the work: how much is in it, and since when. */
class Plain {
  #level = BURST;
  #at = 0;

  level(now: number): number {
    this.#level = Math.min(BURST, this.#level + Math.max(0, now - this.#at) * RATE);
    this.#at = Math.max(this.#at, now);
    return this.#level;
  }

  take(cost: number, now: number) {
    this.#level = this.level(now) - cost;
  }
}

describe('a generic cell rate', () => {
  test('lets its burst leave at once, and then one after the other', () => {
    const gate = new Gcra(LIMIT, MINUTE, BURST);
    const waits: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      waits.push(gate.waitMs(1, 5_000));
      gate.take(1, 5_000);
    }
    expect(waits).toEqual([...new Array(10).fill(0), 1_000, 2_000]);
    expect([gate.left(5_000), gate.left(10_000), gate.left(900_000)]).toEqual([0, 3, 10]);
  });

  // The very first call of a large prompt was refused for ever, because it was above the burst.
  test('lets a cost above the burst through when nothing is missing, and owes the rest', () => {
    const gate = new Gcra(LIMIT, MINUTE, BURST);
    expect(gate.waitMs(180, 0)).toBe(0);
    gate.take(180, 0);
    expect([gate.waitMs(1, 0), gate.waitMs(1, 170_999), gate.waitMs(1, 171_000)]).toEqual([171_000, 1, 0]);
    expect([gate.waitMs(11, 0), gate.left(100_000)]).toEqual([180_000, 0]);
  });

  test('charges a surplus, and gives back what was not used', () => {
    const gate = new Gcra(LIMIT, MINUTE, BURST);
    gate.take(6, 0);
    gate.adjust(0, 9, 2_000);
    expect([gate.left(2_000), gate.waitMs(1, 2_000)]).toEqual([0, 4_000]);
    gate.adjust(0, -8, 2_000);
    expect([gate.left(2_000), gate.waitMs(5, 2_000)]).toEqual([5, 0]);
  });

  test('repays what is owed before a refund makes room', () => {
    const gate = new Gcra(LIMIT, MINUTE, BURST);
    gate.take(25, 0);
    gate.adjust(0, -15, 0);
    expect([gate.left(0), gate.waitMs(1, 0)]).toEqual([0, 1_000]);
  });

  // The answer to a request of an hour ago gave its tokens back a second time, at the expense of the burst of now.
  test('gives nothing back for what has come back by itself', () => {
    const gate = new Gcra(LIMIT, MINUTE, BURST);
    gate.take(10, 0);
    gate.take(10, 3_600_000);
    gate.adjust(0, -10, 3_600_000);
    expect(gate.left(3_600_000)).toBe(0);
  });

  test('L3: gives back no more than was taken, so that nothing can be saved up', () => {
    const gate = new Gcra(LIMIT, MINUTE, BURST);
    gate.take(5, 10_000);
    gate.adjust(10_000, -500, 10_000);
    gate.adjust(10_000, 9, 10_000);
    expect(gate.left(10_000)).toBe(1);
  });

  test('takes nothing for a cost that is none', () => {
    const gate = new Gcra(LIMIT, MINUTE, 1);
    gate.take(2, 0);
    for (const cost of [0, -5, Number.NaN]) {
      gate.take(cost, 0);
      expect(gate.waitMs(cost, 0)).toBe(0);
    }
    expect(gate.waitMs(1, 0)).toBe(2_000);
  });

  test('is a plain bucket of tokens, even under a clock that goes back', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const gate = new Gcra(LIMIT, MINUTE, BURST);
        const plain = new Plain();
        let now = 0;
        let latest = 0;
        for (const { gapMs, cost, isPolite } of steps) {
          now = Math.max(0, now + gapMs);
          const waitMs = gate.waitMs(cost, now);
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(gate.left(now)).toBeLessThanOrEqual(BURST);
          // Nothing comes back twice for a time that is passed twice.
          latest = Math.max(latest, now);
          expect(gate.left(latest)).toBeCloseTo(Math.max(0, plain.level(latest)), 6);
          if (isPolite && waitMs > 0) continue;
          if (now < latest) continue;
          gate.take(cost, now);
          plain.take(cost, now);
        }
      }),
    );
  });

  test('L1: in every time of d at most the burst and the rate times d leave', () => {
    fc.assert(
      fc.property(forward, (steps) => {
        const gate = new Gcra(LIMIT, MINUTE, BURST);
        const taken: { at: number; cost: number }[] = [];
        let now = 0;
        for (const { gapMs, cost, isPolite } of steps) {
          now += gapMs;
          const asked = Math.min(cost, BURST);
          if (!isPolite) now += gate.waitMs(asked, now);
          if (gate.waitMs(asked, now) > 0) continue;
          gate.take(asked, now);
          taken.push({ at: now, cost: asked });
        }
        for (const [index, first] of taken.entries()) {
          let sum = 0;
          let excess = 0;
          for (const { at, cost } of taken.slice(index)) {
            sum += cost;
            excess = Math.max(excess, sum - BURST - RATE * (at - first.at));
          }
          expect(excess).toBeLessThanOrEqual(DUST);
        }
      }),
    );
  });

  test('L1 and L3: from the first on, what was really used stays within burst and rate, whatever is refunded', () => {
    fc.assert(
      fc.property(forward, (steps) => {
        const gate = new Gcra(LIMIT, MINUTE, BURST);
        const taken: { at: number; cost: number }[] = [];
        let now = 0;
        for (const { gapMs, cost, of, part } of steps) {
          now += gapMs;
          const asked = Math.min(cost, BURST);
          if (gate.waitMs(asked, now) === 0) {
            gate.take(asked, now);
            taken.push({ at: now, cost: asked });
          }
          const earlier = taken[of % Math.max(1, taken.length)];
          if (!earlier) continue;
          const back = Math.floor(earlier.cost * -part);
          gate.adjust(earlier.at, -back, now);
          earlier.cost -= back;
          expect(gate.left(now)).toBeLessThanOrEqual(BURST);
          const used = taken.reduce((sum, one) => sum + one.cost, 0);
          expect(used).toBeLessThanOrEqual(BURST + RATE * now + DUST);
        }
      }),
    );
  });

  test('L1: the rate is kept up in full by one who waits as told', () => {
    const gate = new Gcra(500, MINUTE, 1);
    let left = 0;
    for (let now = 0; now <= 50 * MINUTE; now += gate.waitMs(1, now)) {
      gate.take(1, now);
      left += 1;
    }
    expect(left).toBeGreaterThanOrEqual(0.98 * 500 * 50);
  });

  test('L2: a wait is exact: a moment before it is over nothing fits, and at its end it does', () => {
    const tick = 1 / 128;
    fc.assert(
      fc.property(script, fc.constantFrom(60, 7, 90_000), (steps, limit) => {
        const gate = new Gcra(limit, MINUTE, BURST);
        let now = 0.1;
        for (const { gapMs, cost, isPolite } of steps) {
          now = Math.max(0, now + gapMs * 1.0001);
          const waitMs = gate.waitMs(cost, now);
          if (waitMs > tick) expect(gate.waitMs(cost, now + waitMs - tick)).toBeGreaterThan(0);
          expect(gate.waitMs(cost, now + waitMs)).toBe(0);
          if (!isPolite) gate.take(cost, now);
        }
      }),
    );
  });

  test('L2: what is cancelled before anything else is taken has never been', () => {
    fc.assert(
      fc.property(forward, fc.nat(3_000), (steps, laterMs) => {
        const gate = new Gcra(LIMIT, MINUTE, BURST);
        const without = new Gcra(LIMIT, MINUTE, BURST);
        let now = 0;
        for (const { gapMs, cost, isPolite } of steps) {
          now = Math.max(0, now + gapMs);
          gate.take(cost, now);
          if (isPolite) gate.adjust(now, -cost, now + laterMs);
          else without.take(cost, now);
          expect(gate.left(now + laterMs)).toBeCloseTo(without.left(now + laterMs), 6);
          expect(gate.waitMs(BURST, now + laterMs)).toBeCloseTo(without.waitMs(BURST, now + laterMs), 6);
        }
      }),
    );
  });
});
