import { expect, test } from 'vitest';
import { createBreaker } from '../../../packages/core/src/breaker/breaker.js';
import { resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';

const options = { failureStreak: 1, openMs: 1_000, jitter: 0, closeAfter: 1, slowStartMs: 0 } as const;
const make = (now: number) => createBreaker(resolveBreakerOptions(options), () => 0.5, now);

test('a breaker knows for how long it was in each state, from when it was made', () => {
  const breaker = make(500);
  expect(breaker.timeIn(700)).toEqual({ closed: 200, open: 0, halfOpen: 0 });
  breaker.tryAcquire(700)?.settle('failure', 800);
  expect(breaker.timeIn(1_000)).toEqual({ closed: 300, open: 200, halfOpen: 0 });
  const probe = breaker.tryAcquire(2_000);
  expect(breaker.timeIn(2_050)).toEqual({ closed: 300, open: 1_000, halfOpen: 250 });
  probe?.settle('success', 2_100);
  expect(breaker.timeIn(2_200)).toEqual({ closed: 400, open: 1_000, halfOpen: 300 });
});

// Whoever is not asked for an hour is not known to be down for an hour: its snapshot says half-open as well.
test('an open one is half-open from the end of its wait on, though nobody asks', () => {
  const breaker = make(0);
  breaker.tryAcquire(0)?.settle('failure', 0);
  expect(breaker.timeIn(3_600_000)).toEqual({ closed: 0, open: 1_000, halfOpen: 3_599_000 });
  expect(breaker.snapshot(3_600_000)).toMatchObject({ state: 'half-open', sinceMs: 3_599_000 });
});

test('a mode set by hand counts as the state that it reads as, and a shortened wait as it was', () => {
  const breaker = make(0);
  breaker.setMode('forced-open', 100);
  breaker.setMode('disabled', 300);
  expect(breaker.timeIn(600)).toEqual({ closed: 400, open: 200, halfOpen: 0 });
  breaker.setMode('auto', 600);
  breaker.tryAcquire(600)?.settle('failure', 600);
  breaker.nudge(700);
  expect(breaker.timeIn(800)).toEqual({ closed: 400, open: 300, halfOpen: 100 });
});

test('a clock that steps back takes nothing away', () => {
  const breaker = make(1_000);
  expect(breaker.timeIn(500)).toEqual({ closed: 0, open: 0, halfOpen: 0 });
});
