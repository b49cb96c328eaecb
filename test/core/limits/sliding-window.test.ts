import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SlidingWindow } from '../../../packages/core/src/limits/sliding-window.js';

const MINUTE = 60_000;

/** The plainest program that could do the work: every event is kept, and time passes bucket by bucket. */
class Plain {
  readonly #limit: number;
  readonly #widthMs: number;
  #events: { bucket: number; cost: number }[] = [];
  #owed = 0;
  #newest = 0;

  constructor(limit: number, periodMs: number) {
    this.#limit = limit;
    this.#widthMs = periodMs / 60;
  }

  get counted() {
    return this.#events.reduce((sum, { cost }) => sum + cost, 0);
  }

  moveTo(now: number) {
    while (this.#newest < Math.floor(now / this.#widthMs)) {
      this.#newest += 1;
      this.#events = this.#events.filter(({ bucket, cost }) => cost > 0 && bucket >= this.#newest - 60);
      this.#count(0, this.#newest);
    }
  }

  waitMs(cost: number, now: number): number {
    this.moveTo(now);
    const future = new Plain(this.#limit, this.#widthMs * 60);
    future.#events = this.#events.map((event) => ({ ...event }));
    future.#owed = this.#owed;
    future.#newest = this.#newest;
    let at = now;
    while (!future.fits(cost)) {
      at = (future.#newest + 1) * this.#widthMs;
      future.moveTo(at);
    }
    return at - now;
  }

  fits(cost: number): boolean {
    const used = this.counted + this.#owed;
    return used === 0 || used + cost <= this.#limit;
  }

  take(cost: number, now: number) {
    this.moveTo(now);
    this.#count(cost, Math.max(Math.floor(now / this.#widthMs), this.#newest - 60));
  }

  adjust(takenAt: number, delta: number, now: number) {
    this.moveTo(now);
    const bucket = Math.floor(takenAt / this.#widthMs);
    const hasLeft = bucket < this.#newest - 60;
    if (delta >= 0) return this.#count(delta, hasLeft ? this.#newest : bucket);
    let rest = -delta - Math.min(-delta, this.#owed);
    this.#owed -= -delta - rest;
    for (const event of this.#events.filter((one) => !hasLeft && one.bucket === bucket)) {
      const back = Math.min(rest, event.cost);
      event.cost -= back;
      rest -= back;
    }
  }

  #count(cost: number, bucket: number) {
    const wanted = cost + this.#owed;
    const fitting = Math.min(wanted, this.#limit - this.counted);
    this.#events.push({ bucket, cost: fitting });
    this.#owed = wanted - fitting;
  }
}

const step = fc.record({
  // Mostly short, sometimes minutes without a request, and now and then the clock goes back.
  gapMs: fc.oneof(
    { weight: 6, arbitrary: fc.nat(3_000) },
    { weight: 1, arbitrary: fc.nat(400_000) },
    { weight: 1, arbitrary: fc.integer({ min: -130_000, max: -1 }) },
  ),
  cost: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 40 }) }, { weight: 1, arbitrary: fc.nat(350) }),
  isPolite: fc.boolean(),
  // Which of those taken before is corrected, and by which part of it.
  of: fc.nat(30),
  part: fc.oneof(fc.constant(0), fc.constant(-1), fc.double({ min: -1, max: 1.5, noNaN: true })),
});
const script = fc.array(step, { size: 'max', maxLength: 120 });
const forward = script.map((steps) => steps.map((one) => ({ ...one, gapMs: Math.abs(one.gapMs) })));

/** The most that was taken in any period, both ends included. */
function mostInAPeriod(events: readonly { at: number; cost: number }[], periodMs: number): number {
  const sums = events.map(({ at }) =>
    events.filter((other) => other.at >= at && other.at <= at + periodMs).reduce((sum, { cost }) => sum + cost, 0),
  );
  return Math.max(0, ...sums);
}

describe('a sliding window', () => {
  test('lets a whole minute leave at once after a pause, and nothing more for a minute', () => {
    const window = new SlidingWindow(60, MINUTE);
    for (let i = 0; i < 60; i += 1) {
      expect(window.waitMs(1, 5_500)).toBe(0);
      window.take(1, 5_500);
    }
    expect([window.left(5_500), window.waitMs(1, 5_500), window.waitMs(1, 65_999)]).toEqual([0, 60_500, 1]);
    expect([window.waitMs(1, 66_000), window.left(66_000)]).toEqual([0, 60]);
  });

  // A fixed window lets 119 of 60 leave within a second, around the full minute.
  test('has no edge at which twice as much leaves', () => {
    const window = new SlidingWindow(60, MINUTE);
    const left: { at: number; cost: number }[] = [];
    for (let now = 59_000; now < 200_000; now += 10) {
      if (window.waitMs(1, now) > 0) continue;
      window.take(1, now);
      left.push({ at: now, cost: 1 });
    }
    expect(mostInAPeriod(left, MINUTE)).toBe(60);
  });

  test('lets through a cost of three times the limit, and then nothing for three periods', () => {
    const window = new SlidingWindow(100, MINUTE);
    expect(window.waitMs(300, 0)).toBe(0);
    window.take(300, 0);
    expect([window.waitMs(1, 0), window.waitMs(300, 0), window.left(100_000)]).toEqual([183_000, 183_000, 0]);
    expect([window.waitMs(1, 182_999), window.waitMs(1, 183_000), window.left(183_000)]).toEqual([1, 0, 100]);
  });

  test('makes a cost above the limit wait until nothing is counted', () => {
    const window = new SlidingWindow(100, MINUTE);
    window.take(1, 30_000);
    expect([window.waitMs(99, 30_000), window.waitMs(500, 30_000)]).toEqual([0, 61_000]);
  });

  test('counts a surplus where it was taken, and owes what is above the limit', () => {
    const window = new SlidingWindow(100, MINUTE);
    window.take(80, 0);
    window.adjust(0, 70, 10_000);
    expect([window.left(10_000), window.waitMs(1, 10_000), window.waitMs(51, 10_000)]).toEqual([0, 51_000, 112_000]);
    expect([window.left(61_000), window.waitMs(50, 61_000), window.left(122_000)]).toEqual([50, 0, 100]);
  });

  // The surplus of every stream that took more than a minute was forgotten: the longer the answers, the more left.
  test('counts a surplus from now on when its time has left the window', () => {
    const window = new SlidingWindow(100, MINUTE);
    window.take(10, 0);
    window.adjust(0, 60, 90_000);
    expect([window.left(90_000), window.left(150_999), window.left(151_000)]).toEqual([40, 40, 100]);
  });

  test('repays what is owed before a refund makes room', () => {
    const window = new SlidingWindow(100, MINUTE);
    window.take(250, 0);
    window.adjust(0, -150, 1_000);
    expect([window.left(1_000), window.waitMs(1, 1_000)]).toEqual([0, 60_000]);
    window.adjust(0, -40, 1_000);
    expect([window.left(1_000), window.waitMs(41, 1_000)]).toEqual([40, 60_000]);
  });

  test('gives nothing back for what has left', () => {
    const window = new SlidingWindow(100, MINUTE);
    window.take(60, 0);
    window.take(30, 70_000);
    window.adjust(0, -60, 71_000);
    expect(window.left(71_000)).toBe(70);
  });

  test('takes nothing for a cost that is none', () => {
    const window = new SlidingWindow(1, MINUTE);
    window.take(3, 0);
    for (const cost of [0, -5, Number.NaN]) {
      window.take(cost, 0);
      expect(window.waitMs(cost, 0)).toBe(0);
    }
    expect(window.waitMs(1, 0)).toBe(183_000);
  });

  test('bears a limit below one', () => {
    const window = new SlidingWindow(0.5, MINUTE);
    expect(window.waitMs(1, 0)).toBe(0);
    window.take(1, 0);
    expect(window.waitMs(1, 0)).toBe(122_000);
  });

  test('finds its way at once after a pause of ten years', () => {
    const window = new SlidingWindow(100, MINUTE);
    window.take(1e9, 0);
    expect(window.waitMs(1, 315_360_000_000)).toBe(61_000 * 1e7 - 315_360_000_000);
    expect(window.left(61_000 * 1e7)).toBe(100);
  });

  test('is the plain model that keeps every event, whatever comes, even from a clock that goes back', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const window = new SlidingWindow(100, MINUTE);
        const plain = new Plain(100, MINUTE);
        const taken: { at: number; cost: number }[] = [];
        let now = 0;
        for (const { gapMs, cost, isPolite, of, part } of steps) {
          now = Math.max(0, now + gapMs);
          const waitMs = window.waitMs(cost, now);
          if (cost > 0) expect(waitMs).toBe(plain.waitMs(cost, now));
          if (!isPolite || waitMs === 0) {
            window.take(cost, now);
            plain.take(cost, now);
            taken.push({ at: now, cost });
          }
          const earlier = taken[of % Math.max(1, taken.length)];
          if (earlier && part !== 0) {
            const delta = Math.round(earlier.cost * part);
            window.adjust(earlier.at, delta, now);
            plain.adjust(earlier.at, delta, now);
            earlier.cost = Math.max(0, earlier.cost + delta);
          }
          expect(window.left(now)).toBe(100 - plain.counted);
        }
      }),
    );
  });

  test('L1: in every period at most the limit leaves, refunds included', () => {
    fc.assert(
      fc.property(forward, fc.constantFrom(MINUTE, 7_001.3, 86_400_000), (steps, periodMs) => {
        const window = new SlidingWindow(100, periodMs);
        const taken: { at: number; cost: number }[] = [];
        let now = 0.25;
        for (const { gapMs, cost, isPolite, of, part } of steps) {
          now += (gapMs / MINUTE) * periodMs;
          const asked = Math.min(cost, 100);
          if (!isPolite) now += window.waitMs(asked, now);
          if (window.waitMs(asked, now) === 0) {
            window.take(asked, now);
            taken.push({ at: now, cost: asked });
          }
          const earlier = taken[of % Math.max(1, taken.length)];
          if (!earlier || part >= 0) continue;
          const back = Math.floor(earlier.cost * -part);
          window.adjust(earlier.at, -back, now);
          earlier.cost -= back;
        }
        expect(mostInAPeriod(taken, periodMs)).toBeLessThanOrEqual(100);
      }),
      { numRuns: 300 },
    );
  });

  test.each([1, 7, 60, 500])('L1: %i in a period is kept up to 98 % by one who waits as told', (limit) => {
    const window = new SlidingWindow(limit, MINUTE);
    const periods = 50;
    let now = 1_234.5;
    let left = 0;
    while (now <= 1_234.5 + periods * MINUTE) {
      const waitMs = window.waitMs(1, now);
      now += waitMs;
      if (waitMs > 0) continue;
      window.take(1, now);
      left += 1;
    }
    expect(left).toBeGreaterThanOrEqual(0.98 * limit * periods);
  });

  test('L2: a wait is exact: a moment before it is over nothing fits, and at its end it does', () => {
    const tick = 1 / 128;
    fc.assert(
      fc.property(script, fc.constantFrom(MINUTE, 7_001.3, 86_400_000), (steps, periodMs) => {
        const window = new SlidingWindow(100, periodMs);
        let now = 0.1;
        for (const { gapMs, cost, isPolite } of steps) {
          now = Math.max(0, now + gapMs * 1.0001);
          const waitMs = window.waitMs(cost, now);
          if (waitMs < 0) expect.unreachable('a wait is never negative');
          if (waitMs > tick) expect(window.waitMs(cost, now + waitMs - tick)).toBeGreaterThan(0);
          expect(window.waitMs(cost, now + waitMs)).toBe(0);
          if (!isPolite) window.take(cost, now);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('L2: what is cancelled has never been, at any later time', () => {
    fc.assert(
      fc.property(forward, fc.integer({ min: 1, max: 100 }), fc.nat(100), (steps, cost, length) => {
        const window = new SlidingWindow(100, MINUTE);
        const without = new SlidingWindow(100, MINUTE);
        window.take(cost, 500);
        let now = 500;
        for (const [index, step] of steps.entries()) {
          if (index === length % steps.length) window.adjust(500, -cost, now);
          if (index >= length % steps.length) expect(window.left(now)).toBe(without.left(now));
          now += step.gapMs;
          if (window.waitMs(step.cost, now) > 0 || step.cost > 100) continue;
          window.take(step.cost, now);
          without.take(step.cost, now);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('L3: refunds give back no more than was taken, however much is claimed', () => {
    fc.assert(
      fc.property(forward, fc.integer({ min: 1, max: 1_000 }), (steps, claimed) => {
        const window = new SlidingWindow(100, MINUTE);
        const taken: { at: number; cost: number }[] = [];
        let now = 0;
        for (const { gapMs, cost, isPolite, of } of steps) {
          now += gapMs;
          if (cost <= 100 && window.waitMs(cost, now) === 0) {
            window.take(cost, now);
            taken.push({ at: now, cost });
          }
          const earlier = taken[of % Math.max(1, taken.length)];
          if (isPolite || !earlier) continue;
          window.adjust(earlier.at, -claimed, now);
          // What was taken in other parts of the window is as it was.
          const part = (at: number) => Math.floor(at / 1_000);
          const others = taken.filter(({ at }) => part(at) !== part(earlier.at) && part(at) >= part(now) - 60);
          for (const one of taken) if (part(one.at) === part(earlier.at)) one.cost = Math.max(0, one.cost - claimed);
          expect(window.left(now)).toBeLessThanOrEqual(100 - others.reduce((sum, { cost }) => sum + cost, 0));
        }
      }),
    );
  });
});
