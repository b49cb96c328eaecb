import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../packages/core/src/base/random.ts';
import { drawGapMs, drawLogNormal, drawNormal, logNormalBetween, meanOf } from './world/dice.ts';
import { Bucket, faultAt, flapping } from './world/faults.ts';
import { nearestFirst, TWO_SIDES } from './world/network.ts';
import { Region, type RegionPlan } from './world/region.ts';
import { Timeline } from './world/timeline.ts';

/** Many draws of one kind, in order of size. */
const drawn = (draw: () => number, count = 40_000) => Array.from({ length: count }, draw).sort((a, b) => a - b);
const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * sorted.length)] as number;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('chance', () => {
  test('gaps between Poisson arrivals are exponential: sixty a second are 16.7 ms apart, half of them less than 11.6', () => {
    const random = seededRandom(1);
    const gaps = drawn(() => drawGapMs(60, random));
    expect(mean(gaps)).toBeCloseTo(1_000 / 60, 0);
    expect(at(gaps, 0.5) / 11.55).toBeCloseTo(1, 1);
    expect(at(gaps, 0.99) / 76.8).toBeCloseTo(1, 1);
  });

  test('normal draws have mean 0 and variance 1', () => {
    const random = seededRandom(2);
    const draws = drawn(() => drawNormal(random));
    expect(mean(draws)).toBeCloseTo(0, 1);
    expect(mean(draws.map((value) => value ** 2))).toBeCloseTo(1, 1);
  });

  test('work of median 0.8 s and sigma 0.6 has a mean of 0.96 s and a 99th percentile of 3.2 s', () => {
    const random = seededRandom(3);
    const work = { median: 800, sigma: 0.6 };
    const draws = drawn(() => drawLogNormal(work, random));
    expect(meanOf(work)).toBeCloseTo(957.8, 1);
    expect(mean(draws) / 957.8).toBeCloseTo(1, 1);
    expect(at(draws, 0.5) / 800).toBeCloseTo(1, 1);
    expect(at(draws, 0.99) / 3_230).toBeCloseTo(1, 1);
  });

  test('a way is drawn between the two figures that the tutorial gives', () => {
    const random = seededRandom(4);
    const draws = drawn(() => drawLogNormal(logNormalBetween(23, 45), random));
    expect(at(draws, 0.5) / 23).toBeCloseTo(1, 1);
    expect(at(draws, 0.99) / 45).toBeCloseTo(1, 1);
  });
});

describe('time', () => {
  test('things happen in the order of their times, at the same instant in the order in which they were set', () => {
    const timeline = new Timeline();
    const seen: string[] = [];
    const note = (name: string) => () => void seen.push(`${name}@${timeline.now()}`);
    timeline.later(note('c'), 30);
    timeline.later(note('a'), 10);
    timeline.later(note('b'), 10);
    const taken = timeline.later(note('never'), 20);
    timeline.clearTimeout(taken);
    while (timeline.step());
    expect(seen).toEqual(['a@10', 'b@10', 'c@30']);
  });

  test('a thousand things in any order come out sorted', () => {
    const timeline = new Timeline();
    const random = seededRandom(5);
    const seen: number[] = [];
    for (let count = 0; count < 1_000; count += 1) timeline.later(() => void seen.push(timeline.now()), random() * 100);
    while (timeline.step());
    expect(seen).toHaveLength(1_000);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('only what reaches a client is felt', () => {
    const timeline = new Timeline();
    timeline.later(() => {}, 1);
    timeline.setTimeout(() => {}, 2);
    timeline.step();
    expect(timeline.wasFelt()).toBe(false);
    timeline.step();
    expect([timeline.wasFelt(), timeline.wasFelt()]).toEqual([true, false]);
  });
});

test('each side has another region next door', () => {
  expect(TWO_SIDES.map(nearestFirst)).toEqual([
    [0, 1, 2, 3, 4],
    [4, 3, 2, 1, 0],
  ]);
});

/** A region with a log of what its visitors were told: `1:ok@1000`. */
function regionWith(plan: Partial<RegionPlan>) {
  const timeline = new Timeline();
  const region = new Region({ slots: 1, speed: 1, faults: [], ...plan }, timeline, seededRandom(6));
  const log: string[] = [];
  const come = (name: string, workMs: number, firstTokenShare = 1) =>
    region.accept({
      workMs,
      firstTokenShare,
      onReply: ({ kind }) => void log.push(`${name}:${kind}@${timeline.now()}`),
      onEnd: () => void (firstTokenShare < 1 && log.push(`${name}:end@${timeline.now()}`)),
    });
  const run = () => {
    while (timeline.step());
    return log;
  };
  return { timeline, region, come, run };
}

describe('a region', () => {
  test('works on as many requests as it has slots; the others wait in the order in which they came', () => {
    const { come, run } = regionWith({ slots: 2 });
    come('a', 1_000);
    come('b', 400);
    come('c', 100);
    come('d', 100);
    expect(run()).toEqual(['b:ok@400', 'c:ok@500', 'd:ok@600', 'a:ok@1000']);
  });

  test('is free again at once when a request is taken back, in work or in the line', () => {
    const { region, timeline, come, run } = regionWith({});
    const a = come('a', 1_000);
    const b = come('b', 1_000);
    come('c', 100);
    timeline.later(() => {
      b.leave();
      a.leave();
    }, 50);
    expect(run()).toEqual(['c:ok@150']);
    expect([region.working, region.waiting]).toEqual([0, 0]);
  });

  test('works faster by its speed, and slower by what it suffers from when the work begins', () => {
    const slow = { kind: 'slow', factor: 8, from: 100, until: 200 } as const;
    const { timeline, come, run } = regionWith({ slots: 9, speed: 2, faults: [slow] });
    for (const when of [0, 100, 200]) timeline.later(() => void come(`at ${when}`, 100), when);
    expect(run()).toEqual(['at 0:ok@50', 'at 200:ok@250', 'at 100:ok@500']);
  });

  test('answers with errors at once, without a slot, or is silent for good', () => {
    const down = { kind: 'errors', share: 1, from: 0, until: 10 } as const;
    const hole = { kind: 'hole', from: 10, until: 20 } as const;
    const { region, timeline, come, run } = regionWith({ faults: [down, hole] });
    come('a', 100);
    timeline.later(() => void come('b', 100), 10);
    timeline.later(() => void come('c', 100), 20);
    expect(run()).toEqual(['a:error@5', 'c:ok@120']);
    expect(region.working).toBe(0);
  });

  test('fails three in ten where that is its fault', () => {
    const { come, run } = regionWith({ slots: 4_000, faults: [{ kind: 'errors', share: 0.3, from: 0, until: 1 }] });
    for (let count = 0; count < 4_000; count += 1) come('x', 100);
    expect(run().filter((line) => line.includes('error')).length / 4_000).toBeCloseTo(0.3, 1);
  });

  test('sends the first token after its share of the work, and the last at the end', () => {
    const { come, run } = regionWith({});
    come('a', 1_000, 0.3);
    come('b', 100, 0.3);
    expect(run()).toEqual(['a:ok@300', 'a:end@1000', 'b:ok@1030', 'b:end@1100']);
  });

  test('lets no more in than it says, and tells the others when to come back in whole seconds', () => {
    const bucket = new Bucket(2);
    expect([bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(499)]).toEqual([0, 0, 1_000, 1_000]);
    expect([bucket.take(500), bucket.hasRoom(501), bucket.hasRoom(1_000)]).toEqual([0, false, true]);
  });

  test('tells an oracle when a request would be done: at once with a slot free, else after those before it', () => {
    const { region, come } = regionWith({ slots: 2 });
    come('a', 1_000);
    expect(region.finishMs(500)).toBe(500);
    come('b', 1_000);
    come('c', 1_000);
    // Half a second until one of two slots is free, half a second for the one in the line, and its own.
    expect(region.finishMs(500)).toBe(1_500);
  });
});

test('what flaps is on and off in turn, and ends when it is said to', () => {
  const faults = flapping({ kind: 'hole' }, { from: 100, until: 300 }, { onMs: 50, offMs: 100 });
  expect(faults.map(({ from, until }) => [from, until])).toEqual([
    [100, 150],
    [250, 300],
  ]);
  expect([99, 100, 149, 150, 299, 300].map((now) => faultAt(faults, now) !== undefined)).toEqual([
    false,
    true,
    true,
    false,
    true,
    false,
  ]);
});
