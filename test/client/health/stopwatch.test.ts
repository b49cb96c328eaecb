import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { Stopwatch } from '../../../packages/client/src/health/stopwatch.js';

const clock = { now: () => performance.now() };

/** Keeps this thread at work. */
function work(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

describe('what a way is timed with', () => {
  test('a time in which nothing else was done is exact', async () => {
    const stopwatch = new Stopwatch(clock);
    await sleep(60);
    const { ms, isExact } = stopwatch.read();
    expect(ms).toBeGreaterThanOrEqual(59);
    expect(isExact).toBe(true);
  });

  // Two of seven new clients kept to a region at 80 ms beside one at 20 ms: its first connection had been made while everything ran for
  // the first time, its answer lay there unseen for 50 ms, and nobody asks a region twice that is believed to be so far away.
  test('a time in which the process was at work is not', async () => {
    const stopwatch = new Stopwatch(clock);
    await sleep(20);
    work(30);
    expect(stopwatch.read().isExact).toBe(false);
  });

  test('a moment of work spoils no long way', async () => {
    const stopwatch = new Stopwatch(clock);
    await sleep(200);
    work(5);
    expect(stopwatch.read()).toMatchObject({ isExact: true });
  });

  test('where the platform does not tell of work, every time is exact', async () => {
    vi.stubGlobal('performance', { now: () => performance.now() });
    const stopwatch = new Stopwatch({ now: () => 7 });
    vi.unstubAllGlobals();
    work(30);
    expect(stopwatch.read()).toEqual({ ms: 0, isExact: true });
  });
});
