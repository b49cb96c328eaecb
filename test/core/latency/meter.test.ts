import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LatencyGroup } from '../../../packages/core/src/latency/group.js';
import { Meter } from '../../../packages/core/src/latency/meter.js';
import { RoundTrip } from '../../../packages/core/src/latency/round-trip.js';

/** Two meters of one model, `b` a round trip of 100 ms away. */
function pair() {
  const group = new LatencyGroup();
  return { a: new Meter(group, new RoundTrip()), b: new Meter(group, new RoundTrip(100)) };
}

/** So many calls one after the other, each taking so long; answers with the time after them. */
function ask(meter: Meter, { times, ms, from = 0, streamed = false }: Asked): number {
  let now = from;
  for (let count = 0; count < times; count += 1) {
    const flight = meter.begin(streamed, now);
    now += ms;
    meter.end(flight, 'success', now);
  }
  return now;
}

interface Asked {
  readonly times: number;
  readonly ms: number;
  readonly from?: number;
  readonly streamed?: boolean;
}

const expectedMs = (meter: Meter, now: number, streamed = false) => meter.reading(streamed, now).expectedMs;

describe('how long a target is expected to take', () => {
  test('before anybody has answered all are alike but for the way there', () => {
    const { a, b } = pair();
    expect(expectedMs(b, 0) - expectedMs(a, 0)).toBeCloseTo(100, 9);
  });

  test('who is not known yet is expected to work as long as its peers do', () => {
    const { a, b } = pair();
    const now = ask(a, { times: 50, ms: 300 });
    expect(expectedMs(a, now)).toBeCloseTo(300, 0);
    expect(expectedMs(b, now)).toBeCloseTo(400, 0);
    expect([a.reading(false, now).samples > 40, b.reading(false, now).samples]).toEqual([true, 0]);
  });

  test('a few answers move it little, many move it to what they took', () => {
    const { a, b } = pair();
    let now = ask(a, { times: 100, ms: 300 });
    now = ask(b, { times: 2, ms: 1_000, from: now });
    expect(expectedMs(b, now)).toBeLessThan(700);
    now = ask(b, { times: 200, ms: 1_000, from: now });
    expect(expectedMs(b, now)).toBeGreaterThan(900);
    expect(expectedMs(b, now)).toBeLessThan(1_010);
  });

  test('a target that turns slow is known to be slow after a few answers, and for as long as that is news', () => {
    const { a } = pair();
    let now = ask(a, { times: 100, ms: 100 });
    now = ask(a, { times: 4, ms: 2_000, from: now });
    const late = expectedMs(a, now);
    expect(late).toBeGreaterThan(150);
    expect(expectedMs(a, now + 60_000)).toBeLessThan(0.8 * late);
  });

  // A target that says nothing any more was found out only when the first call to it timed out.
  test('calls that are awaited longer than usual count already', () => {
    const { a } = pair();
    const now = ask(a, { times: 100, ms: 300 });
    for (let count = 0; count < 4; count += 1) a.begin(false, now);
    expect(expectedMs(a, now + 300)).toBeLessThan(330);
    expect(expectedMs(a, now + 3_000)).toBeGreaterThan(400);
    expect(expectedMs(a, now + 10_000)).toBeGreaterThan(expectedMs(a, now + 3_000));
  });

  // With a call every two seconds one region fell silent, and three calls went there before the first was 15 s old.
  test('one call that is awaited for four times as long as usual is enough where hardly anybody calls', () => {
    const { a } = pair();
    const now = ask(a, { times: 100, ms: 800 }) + 60_000;
    const usual = expectedMs(a, now);
    const flight = a.begin(false, now);
    expect(expectedMs(a, now + 850)).toBeLessThan(1.02 * usual);
    expect(expectedMs(a, now + 3_200)).toBeGreaterThan(1.5 * usual);
    a.end(flight, 'failure', now + 15_000);
    expect(expectedMs(a, now + 75_000)).toBeGreaterThan(1.5 * usual);
    expect(expectedMs(a, now + 900_000)).toBeLessThan(1.1 * usual);
  });

  test('differences that noise explains are no differences', () => {
    const { a, b } = pair();
    let now = 0;
    for (let round = 0; round < 100; round += 1) {
      now = ask(a, { times: 1, ms: [200, 400, 800][round % 3] as number, from: now });
    }
    const usual = expectedMs(a, now);
    now = ask(a, { times: 1, ms: 800, from: now });
    expect(expectedMs(a, now) / usual).toBeLessThan(1.02);
    expect(expectedMs(b, now)).toBeGreaterThan(0);
  });

  test('streams are timed to their first content, and never mixed with the rest', () => {
    const { a } = pair();
    const now = ask(a, { times: 100, ms: 5_000 });
    const flight = a.begin(true, now);
    a.answered(flight, now + 200);
    expect(a.reading(true, now + 200).samples).toBe(1);
    a.end(flight, 'success', now + 60_000);
    expect(a.reading(true, now + 60_000).samples).toBeLessThan(1);
    expect(expectedMs(a, now + 60_000, true)).toBeLessThan(600);
    expect(expectedMs(a, now + 60_000)).toBeGreaterThan(4_000);
  });
});

describe('how much a target bears', () => {
  // One process with sixty calls a second sent them all to the best region until that was full, then to the next: half its calls took twice as long.
  test('as much as it has answered as usual; less when its answers turn late', () => {
    const { a } = pair();
    let now = 0;
    const round = (ms: number) => {
      const flights = Array.from({ length: 20 }, () => a.begin(false, now));
      now += ms;
      for (const flight of flights) a.end(flight, 'success', now);
    };
    expect(a.reading(false, now).capacity).toBe(8);
    for (let count = 0; count < 200; count += 1) round(300);
    const { capacity } = a.reading(false, now);
    expect(capacity).toBeGreaterThan(25);
    for (let count = 0; count < 10; count += 1) round(900);
    expect(a.reading(false, now).capacity).toBeLessThan(0.7 * capacity);
  });
});

describe('how a call ended', () => {
  test('a fast failure makes nobody look fast, a slow one makes its target look slow', () => {
    const { a } = pair();
    let now = ask(a, { times: 100, ms: 300 });
    const before = expectedMs(a, now);
    const quick = a.begin(false, now);
    a.end(quick, 'failure', now + 1);
    expect(expectedMs(a, now + 1)).toBe(before);
    const slow = Array.from({ length: 5 }, () => a.begin(false, now));
    now += 15_000;
    for (const flight of slow) a.end(flight, 'failure', now);
    expect(expectedMs(a, now)).toBeGreaterThan(2 * before);
  });

  test('who gives up after longer than usual has measured that it takes longer; who leaves early has measured nothing', () => {
    const { a } = pair();
    const now = ask(a, { times: 100, ms: 300 });
    const { samples } = a.reading(false, now);
    a.end(a.begin(false, now), 'ignored', now + 100);
    expect(a.reading(false, now + 100).samples).toBeCloseTo(samples, 1);
    a.end(a.begin(false, now), 'ignored', now + 2_000);
    expect(a.reading(false, now + 2_000).samples).toBeGreaterThan(samples);
  });

  test('the success rate starts at 1, is not ruined by one failure, is ruined by many, and heals with time', () => {
    const { a } = pair();
    const rate = (now: number) => a.reading(false, now).successRate;
    const fail = (now: number) => a.end(a.begin(false, now), 'failure', now);
    expect(rate(0)).toBe(1);
    fail(0);
    expect(rate(0)).toBeCloseTo(2 / 3, 9);
    for (let count = 0; count < 100; count += 1) fail(0);
    expect(rate(0)).toBeLessThan(0.1);
    expect(rate(0)).toBeGreaterThanOrEqual(0.05);
    expect(rate(120_000)).toBeGreaterThan(0.9);
  });

  test('what is ignored is in nobody’s books', () => {
    const { a } = pair();
    for (let count = 0; count < 50; count += 1) a.end(a.begin(false, 0), 'ignored', 0);
    expect(a.reading(false, 0).successRate).toBe(1);
  });
});

// Two answers had closed its breaker, and beside an equal it was not asked for minutes more: all that had been given up still counted.
test('a target whose breaker has closed is like its peers again, however long it was silent', () => {
  const { a, b } = pair();
  let now = ask(a, { times: 30, ms: 300 });
  ask(b, { times: 30, ms: 400 });
  for (let count = 0; count < 5; count += 1) b.end(b.begin(false, now), 'failure', now + 15_000);
  now += 20_000;
  const silentMs = expectedMs(b, now);
  b.recovered();
  expect([silentMs > 3_000, Math.round(expectedMs(b, now))]).toEqual([true, 400]);
});

// With both of them silent for a while the mean of both held the first one's silence against the other.
test('what was given up at one target is not expected of another that nobody knows', () => {
  const { a, b } = pair();
  const now = ask(a, { times: 30, ms: 300 });
  for (let count = 0; count < 5; count += 1) a.end(a.begin(false, now), 'failure', now + 15_000);
  expect(expectedMs(b, now + 20_000)).toBeCloseTo(400, 0);
});

// The way was taken for a hundredth of a millisecond for the next five minutes.
test('a clock that steps back during a call has measured neither the way nor the work', () => {
  const way = new RoundTrip();
  way.observe(100, 1_000);
  const meter = new Meter(new LatencyGroup(), way);
  const flight = meter.begin(false, 4_000_000);
  meter.end(flight, 'success', 400_000);
  expect([way.ms(4_000_000), meter.inFlight, meter.reading(false, 4_000_000).samples]).toEqual([100, 0, 0]);
});

test('whatever happens, nothing is ever NaN, and who has ended is not under way', () => {
  const call = fc.record({
    streamed: fc.boolean(),
    at: fc.constantFrom(0, 1e-9, 5, 1_000, 1e9, -50),
    takes: fc.constantFrom(0, 1e-12, 1, 300, 1e7, -5),
    end: fc.constantFrom('success' as const, 'failure' as const, 'ignored' as const),
    commits: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(call, { size: 'max', maxLength: 100 }), fc.constantFrom(0, 1e-9, 50, 1e6), (calls, rttMs) => {
      const meter = new Meter(new LatencyGroup(), new RoundTrip(rttMs));
      for (const { streamed, at, takes, end, commits } of calls) {
        const flight = meter.begin(streamed, at);
        expect(Object.values(meter.reading(streamed, at)).filter(Number.isNaN)).toEqual([]);
        if (streamed && commits) meter.answered(flight, at + takes / 2);
        meter.end(flight, end, at + takes);
        const reading = meter.reading(streamed, at + takes);
        expect(Object.values(reading).filter(Number.isNaN)).toEqual([]);
        expect(reading.expectedMs).toBeGreaterThan(0);
        expect(reading.successRate).toBeGreaterThanOrEqual(0.05);
      }
      expect(meter.inFlight).toBe(0);
    }),
  );
});
