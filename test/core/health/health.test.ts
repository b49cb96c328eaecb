import { describe, expect, test } from 'vitest';
import { EndpointHealth, type ProbeVerdict } from '../../../packages/core/src/health/health.js';

const health = () => new EndpointHealth({ fall: 3, rise: 2, staleMs: 100_000 });

/** Probes of no length, one a second; gives what each has changed. */
function probe(one: EndpointHealth, verdicts: readonly ProbeVerdict[], from = 0) {
  return verdicts.map((verdict, index) => one.probed(verdict, from + index * 1_000, from + index * 1_000));
}

describe('an endpoint that probes look at', () => {
  test('is unknown at first, up with the first good one, and nobody has to be told of that', () => {
    const one = health();
    expect(one.state).toBe('unknown');
    expect(probe(one, ['good'])).toEqual([undefined]);
    expect(one.state).toBe('up');
  });

  test('is down after three that failed in a row, and keeps calls away', () => {
    const one = health();
    expect(probe(one, ['bad', 'bad'])).toEqual([undefined, undefined]);
    expect(one.downLeftMs(1_000)).toBe(0);
    expect(probe(one, ['bad', 'bad'], 2_000)).toEqual(['down', undefined]);
    expect([one.state, one.downLeftMs(3_000)]).toEqual(['down', 100_000]);
  });

  test('is not down after failures with a good one between them', () => {
    const one = health();
    expect(probe(one, ['bad', 'bad', 'good', 'bad', 'bad'])).toEqual(Array(5).fill(undefined));
    expect(one.state).toBe('up');
  });

  test('is up again after two good ones in a row, and no sooner', () => {
    const one = health();
    probe(one, ['bad', 'bad', 'bad']);
    expect(probe(one, ['good', 'bad', 'good', 'good'], 3_000)).toEqual([undefined, undefined, undefined, 'up']);
    expect([one.state, one.downLeftMs(6_000)]).toEqual(['up', 0]);
  });

  test.each(['refused', 'unsupported', 'unclear'] as const)('is what it was after one that was %s', (verdict) => {
    const one = health();
    probe(one, ['bad', 'bad', verdict, 'bad']);
    expect(one.state).toBe('down');
    expect(probe(one, [verdict, verdict], 4_000)).toEqual([undefined, undefined]);
    expect(one.state).toBe('down');
  });

  // Nobody calls for hours, so nobody probes: what was found then says nothing of now.
  test('keeps nobody away when no probe has confirmed it for long', () => {
    const one = health();
    probe(one, ['bad', 'bad', 'bad']);
    expect(one.downLeftMs(101_999)).toBe(1);
    expect(one.downLeftMs(102_000)).toBe(0);
    expect(probe(one, ['bad'], 500_000)).toEqual([undefined]);
    expect(one.downLeftMs(500_000)).toBe(100_000);
  });
});

describe('a call that is answered', () => {
  test('ends a down at once, and says so once', () => {
    const one = health();
    probe(one, ['bad', 'bad', 'bad']);
    expect(one.heard(false, 3_000)).toBe(false);
    expect(one.state).toBe('down');
    expect([one.heard(true, 4_000), one.heard(true, 5_000)]).toEqual([true, false]);
    expect([one.state, one.downLeftMs(5_000)]).toEqual(['up', 0]);
  });

  test('makes failed probes from before it count for nothing', () => {
    const one = health();
    probe(one, ['bad', 'bad']);
    one.heard(true, 1_500);
    expect(probe(one, ['bad', 'bad'], 2_000)).toEqual([undefined, undefined]);
    expect(probe(one, ['bad'], 4_000)).toEqual(['down']);
  });

  test('overrules a probe that was under way meanwhile', () => {
    const one = health();
    probe(one, ['bad', 'bad']);
    one.heard(true, 6_000);
    expect(one.probed('bad', 5_000, 7_000)).toBeUndefined();
    expect(probe(one, ['bad', 'bad'], 8_000)).toEqual([undefined, undefined]);
  });
});

test('how long an endpoint has been unused is told by the last call that went or ended there', () => {
  const one = health();
  expect(one.idleMs(1_000)).toBe(Number.POSITIVE_INFINITY);
  one.heard(false, 2_000);
  probe(one, ['good'], 5_000);
  expect(one.idleMs(9_000)).toBe(7_000);
  one.asked(8_000);
  expect(one.idleMs(9_000)).toBe(1_000);
  expect([one.hasAnsweredSince(0), one.heard(true, 9_000), one.hasAnsweredSince(9_000)]).toEqual([false, false, true]);
});
