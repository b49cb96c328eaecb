import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { AdaptiveConcurrency, type Borne } from '../../../packages/core/src/limits/adaptive-concurrency.js';

const DEMAND = { tokens: 0 };

/** A gate, and calls through it one after the other at such a load. */
function gateAt(underWay: number) {
  const gate = new AdaptiveConcurrency('seoul/m', 100);
  for (let call = 0; call < underWay; call += 1) gate.take();
  const end = (ended: Partial<Borne>, now = 0) =>
    gate.ended({ end: 'answered', startedAt: now, durationMs: 100, usualMs: 100, ...ended }, now);
  const limit = () => (gate.left().concurrency ?? 0) + underWay;
  return { gate, end, limit };
}

describe('how many calls at a time a target is given', () => {
  test('is eight at first, and no more get through', () => {
    const { gate } = gateAt(7);
    expect(gate.wait()).toBeUndefined();
    gate.take();
    expect(gate.wait()).toEqual({ waitMs: Number.MAX_SAFE_INTEGER, dimension: 'concurrency' });
    gate.cancel();
    expect(gate.left()).toEqual({ concurrency: 1 });
  });

  test('grows by half a call for as many answers as it lets through, and only while half of it is used', () => {
    const busy = gateAt(8);
    for (let answer = 0; answer < 17; answer += 1) busy.end({});
    expect(busy.limit()).toBe(9);
    const idle = gateAt(3);
    for (let answer = 0; answer < 1_000; answer += 1) idle.end({});
    expect(idle.limit()).toBe(8);
  });

  test('never grows above 512, and never falls below one', () => {
    const { end, limit } = gateAt(400);
    for (let answer = 0; answer < 1_000_000; answer += 1) end({});
    expect(limit()).toBe(512);
    const small = gateAt(0);
    for (let now = 1; now < 200; now += 1) small.end({ end: 'refused' }, now);
    expect(small.limit()).toBe(1);
  });

  test('falls by a tenth when a call is refused, once for all that were under way together', () => {
    const { end, limit } = gateAt(0);
    end({ end: 'refused', startedAt: 50 }, 100);
    expect(limit()).toBe(7);
    for (let call = 0; call < 10; call += 1) end({ end: 'refused', startedAt: 60 }, 110);
    expect(limit()).toBe(7);
    end({ end: 'refused', startedAt: 120 }, 200);
    expect(limit()).toBe(6);
  });

  test('falls when three answers in a row take more than four times as long as usual, where that is known', () => {
    const { end, limit } = gateAt(0);
    for (let answer = 0; answer < 5; answer += 1) {
      end({ durationMs: 400 });
      end({ durationMs: 40_000, usualMs: 0 });
      end({ end: 'neither', durationMs: 40_000 });
    }
    expect(limit()).toBe(8);
    end({ durationMs: 401 });
    end({ durationMs: 401 });
    expect(limit()).toBe(8);
    end({ durationMs: 401 });
    expect(limit()).toBe(7);
  });

  // One healthy answer in a hundred takes four times as long as expected. Each was taken for a queue, and a target that could have borne
  // anything was given thirty calls at a time, while thousands waited.
  test('does not fall for what chance does to answers', () => {
    const random = seededRandom(7);
    const { end, limit } = gateAt(30);
    for (let now = 0; now < 20_000; now += 1) end({ durationMs: random() < 0.02 ? 401 : 100, startedAt: now }, now);
    expect(limit()).toBeGreaterThan(50);
  });

  test('is given back by every end', () => {
    const { gate } = gateAt(2);
    gate.settle(0, DEMAND, undefined);
    gate.cancel();
    gate.cancel();
    expect(gate.left()).toEqual({ concurrency: 8 });
  });
});
