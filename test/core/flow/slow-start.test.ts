import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { World, type WorldOptions } from './world.js';

/** `a` has failed once, has rested, and its probe has just closed its breaker. */
async function recovered(options: WorldOptions = {}): Promise<World> {
  const breaker = { failureStreak: 1, closeAfter: 1, openMs: 1_000, jitter: 0, slowStartMs: 10_000 };
  const world = new World({ breaker, script: 'a:500 a:200', random: seededRandom(7), ...options });
  await world.run();
  await world.clock.advance(1_000);
  await world.run();
  expect(world.of('breaker.closed')).toHaveLength(1);
  return world;
}

/** How many of a hundred calls `a` gets first. */
async function shareOfA(world: World): Promise<number> {
  world.sent.length = 0;
  for (let call = 0; call < 100; call += 1) await world.run();
  return world.sent.filter(({ target }) => target === 'a/m').length;
}

// A region that had just come up got all of its calls at once, and was down again.
describe('a target that came back', () => {
  test('gets a tenth of its calls at first, half of them after half of the time, and then all', async () => {
    const world = await recovered();
    expect(await shareOfA(world)).toBeGreaterThan(2);
    expect(await shareOfA(world)).toBeLessThan(22);
    await world.clock.advance(5_000);
    const half = await shareOfA(world);
    expect(half).toBeGreaterThan(35);
    expect(half).toBeLessThan(65);
    await world.clock.advance(5_000);
    expect(await shareOfA(world)).toBe(100);
  });

  test('gets all of them where there is nobody else, or nobody else is well', async () => {
    expect(await shareOfA(await recovered({ endpoints: 'a' }))).toBe(100);
    const world = await recovered();
    world.engine.target('b/m').breaker.open();
    expect(await shareOfA(world)).toBe(100);
  });

  test('gets what cannot move, and what names its endpoint', async () => {
    const world = await recovered();
    world.sent.length = 0;
    for (let call = 0; call < 20; call += 1) await world.run(call % 2 ? { movable: false } : { endpoint: 'a' });
    expect(world.sent.map(({ target }) => target)).toEqual(Array(20).fill('a/m'));
  });

  test('is asked by those who went past it first, when the others fail', async () => {
    const world = await recovered({ script: 'a:500 a:200 b:200 b:500' });
    await world.run();
    const trails = new Set<string>();
    for (let call = 0; call < 3; call += 1) trails.add(await world.trail());
    expect([...trails].every((trail) => trail.endsWith('a:ok'))).toBe(true);
  });

  test('gets them all at once with slowStartMs: 0, and when somebody closed it by hand', async () => {
    const none = { failureStreak: 1, closeAfter: 1, openMs: 1_000, jitter: 0, slowStartMs: 0 };
    expect(await shareOfA(await recovered({ breaker: none }))).toBe(100);
    const world = await recovered();
    world.engine.target('a/m').breaker.open();
    world.engine.target('a/m').breaker.close();
    expect(await shareOfA(world)).toBe(100);
  });
});
