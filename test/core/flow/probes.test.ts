import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { Script } from './script.js';
import { World, type WorldOptions } from './world.js';

const breaker = { failureStreak: 3, openMs: 5_000, jitter: 0, slowStartMs: 0 } as const;

const sentTo = (world: World, target: string, from = 0) =>
  world.sent.slice(from).filter((one) => one.target === target);

/** A world in which `b` has just failed until its breaker opened. */
async function afterOutageOfB(word: string, options: WorldOptions): Promise<World> {
  const world = new World({ breaker, script: `b:${word}`, ...options });
  for (let count = 0; count < 3; count += 1) await world.run({ only: ['b'], maxRetries: 0, timeoutMs: 1_000 });
  return world;
}

describe('a target whose breaker wants to be tried', () => {
  // Every few seconds a call waited for five minutes at a silent standby, while the first tier answered at once.
  test('is left alone in a later tier while the first is well', async () => {
    const world = await afterOutageOfB('hang', { routing: 'adaptive', places: { b: { tier: 1 } } });
    const from = world.sent.length;
    for (let count = 0; count < 60; count += 1) {
      const { route } = await world.run({ timeoutMs: 600_000 });
      expect(route).toMatchObject({ target: 'a/m', latencyMs: 0 });
      await world.clock.advance(5_000);
    }
    expect(sentTo(world, 'b/m', from)).toEqual([]);
  });

  test('is left alone outside of the preferred region while that is well', async () => {
    const world = await afterOutageOfB('500', { routing: { strategy: 'adaptive', preferRegion: 'a-region' } });
    const from = world.sent.length;
    for (let count = 0; count < 600; count += 1) {
      await world.run();
      await world.clock.advance(1_000);
    }
    expect(sentTo(world, 'b/m', from)).toEqual([]);
  });

  test('is told in an explanation as a call then asks it', async () => {
    const world = await afterOutageOfB('500', { routing: 'adaptive' });
    world.script = new Script('');
    await world.clock.advance(5_000);
    const { order, models } = world.engine.explain(world.callOf());
    expect(order).toEqual(['b/m', 'a/m']);
    expect(models[0]).toMatchObject({
      decisions: [{ by: 'probe', target: 'b/m' }],
      targets: [{ chance: 0 }, { chance: 1 }],
    });
    expect(`${world.engine.explain(world.callOf())}`).toContain(
      'm; b/m is tried, to find out whether it is well again',
    );
    expect((await world.run()).route.target).toBe('b/m');
  });

  test.each(['hang', '500'])(
    'is tried as soon as that can be, though a later tier is spilled over to: %s',
    async (word) => {
      const places = { b: { tier: 1 } };
      const script = '*:200;takes=300';
      const world = new World({ places, routing: 'adaptive', breaker, script, random: seededRandom(1) });
      for (let count = 0; count < 30; count += 1) await world.run();
      world.script = new Script(`a:${word} b:200;takes=300`);
      for (let count = 0; count < 60; count += 1) {
        void world.start({ timeoutMs: 10_000 });
        await world.clock.advance(500);
      }
      await world.clock.advance(30_000);
      world.script = new Script(script);
      const from = world.sent.length;
      for (let count = 0; count < 10; count += 1) await world.run();
      expect(sentTo(world, 'a/m', from).length).toBeGreaterThan(2);
    },
  );
});

/** A client that makes a call a second, each with a minute of time; answers with what each of them took, in milliseconds. */
async function ask(world: World, seconds: number): Promise<number[]> {
  const took: number[] = [];
  for (let count = 0; count < seconds; count += 1) {
    void world.start().then(({ outcome, route }) => {
      expect(outcome.kind).toBe('ok');
      took.push(route.latencyMs);
    });
    await world.clock.advance(1_000);
  }
  return took;
}

describe('the call that a target is tried with', () => {
  const usual = 'a:200;takes=300 b:200;takes=300';
  const worldOf = (script: string, more: WorldOptions = {}) =>
    new World({ routing: 'adaptive', breaker, random: seededRandom(9), script, ...more });
  const longest = (took: readonly number[]) => Math.max(...took);

  // One call in eighty waited for half a minute, for as long as the other place was silent.
  test('goes on within seconds where the target is silent and another one is well; one in eight waits for longer', async () => {
    const world = worldOf(usual);
    await ask(world, 60);
    world.script = new Script('a:hang b:200;takes=300');
    await ask(world, 120);
    const took = await ask(world, 1_800);
    const tries = took.filter((ms) => ms > 1_000);
    const long = tries.filter((ms) => ms > 3_000);
    expect([tries.length > 30, long.length < tries.length / 4, long.length > 0]).toEqual([true, true, true]);
  });

  test.each([
    ['of which it is not known how long its answers take', ['b'], 'a:500'],
    ['while nobody else is well', ['a', 'b'], '*:500'],
  ])('has half of its time at a target %s', async (_what, only, outage) => {
    const world = worldOf(usual, { routing: 'priority', random: () => 0.5 });
    for (const endpoint of only) await world.run({ endpoint });
    world.script = new Script(outage);
    for (let count = 0; count < 3; count += 1) await world.run({ maxRetries: 0 });
    world.script = new Script('a:hang');
    await world.clock.advance(5_000);
    expect((await world.run()).route.attempts[0]).toMatchObject({ target: 'a/m', latencyMs: 30_000 });
  });

  test('has as long as the answers of a slow target always took, and brings it back', async () => {
    const world = worldOf('a:200;takes=8000 b:200;takes=300', { routing: 'priority' });
    await ask(world, 60);
    world.script = new Script('a:500 b:200;takes=300');
    await ask(world, 60);
    world.script = new Script('a:200;takes=8000 b:200;takes=300');
    await ask(world, 90);
    expect(longest(await ask(world, 30))).toBe(8_000);
  });

  test('sees in the end that a target has become slow beyond all that is known of it, and is well', async () => {
    const world = worldOf(usual, { routing: 'priority' });
    await ask(world, 60);
    world.script = new Script('a:500 b:200;takes=300');
    await ask(world, 60);
    world.script = new Script('a:200;takes=9000 b:200;takes=300');
    await ask(world, 1_800);
    expect((await ask(world, 60)).filter((ms) => ms === 9_000).length).toBeGreaterThan(40);
  });
});
