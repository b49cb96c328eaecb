import { expect, test } from 'vitest';
import { World } from '../flow/world.js';

test.each(['200', '404', '400'])(
  'thousands of made-up model names that are answered with %s do not pile up',
  async (word) => {
    const world = new World({ script: `*:${word}` });
    for (let i = 0; i < 3_000; i += 1) {
      void world.start({ model: `m${i}`, maxRetries: 0 });
      // What is being asked is kept: the calls come a hundred at a time.
      if (i % 100 === 99) await world.clock.advance(0);
    }
    const { targets, requests } = world.engine.stats();
    expect(requests).toMatchObject({ started: 3_000, inFlight: 0 });
    // Two endpoints: a thousand models are two thousand targets.
    expect(Object.keys(targets).length).toBeLessThanOrEqual(2_000);
    expect(world.engine.status().targets).toHaveLength(2_000);
    expect(Object.keys(targets).length).toBeGreaterThan(1_000);
  },
);

// Breakers that were open were never forgotten: whoever made names up that fail filled the memory, and each new name looked at them all.
test('thousands of made-up model names that open their breakers do not pile up either', async () => {
  const world = new World({ endpoints: 'a', breaker: { failureStreak: 1, jitter: 0 }, script: '*:500' });
  for (let i = 0; i < 3_000; i += 1) {
    void world.start({ model: `m${i}`, maxRetries: 0 });
    if (i % 100 === 99) await world.clock.advance(0);
  }
  expect(world.engine.status().targets).toHaveLength(2_000);
  expect(world.engine.status().targets.every(({ state }) => state === 'open')).toBe(true);
  // Where their waits were over long ago and nobody came back, new names take their places.
  await world.clock.advance(3_600_000);
  for (let i = 0; i < 300; i += 1) void world.start({ model: `n${i}`, endpoint: 'nowhere' });
  await world.clock.advance(0);
  expect(world.engine.status().targets).toHaveLength(1_000);
});

test('the counts keep a target that is being asked, however many come after it', async () => {
  const world = new World({ endpoints: 'a', script: 'a/slow:200;takes=1000' });
  const slow = world.start({ model: 'slow' });
  for (let i = 0; i < 3_000; i += 1) void world.start({ model: `m${i}` });
  await world.clock.advance(1_000);
  await slow;
  expect(world.engine.stats().targets['a/slow']).toMatchObject({ attempts: 1, succeeded: 1, inFlight: 0 });
});
