import { describe, expect, test } from 'vitest';
import { Panics } from '../../../packages/core/src/flow/panics.js';
import { World } from './world.js';

const breaker = { failureStreak: 1, openMs: 30_000, jitter: 0, slowStartMs: 0 } as const;
const told = (world: World) => world.names.filter((name) => name.startsWith('panic.'));

describe('a panic', () => {
  test('is entered with the first call that asks a resting target, and left with the first that need not', async () => {
    const world = new World({ script: 'a:500 a:500 a:200 b:500', breaker, whenExhausted: 'panic' });
    await world.run({ maxRetries: 0 });
    expect(told(world)).toEqual([]);
    await world.clock.advance(2_000);
    await world.run({ maxRetries: 0 });
    await world.clock.advance(2_000);
    await world.run({ maxRetries: 0 });
    expect(told(world)).toEqual(['panic.entered']);
    const [entered] = world.of('panic.entered');
    expect(entered).toMatchObject({ model: 'm' });
    expect(entered?.requestId).toMatch(/-2$/);
    await world.clock.advance(60_000);
    world.script = new World({ script: '*:200' }).script;
    await world.run();
    expect(told(world)).toEqual(['panic.entered', 'panic.left']);
    const [left] = world.of('panic.left');
    expect(left).toMatchObject({ model: 'm', forMs: (left?.at ?? 0) - (entered?.at ?? 0) });
    await world.run();
    expect(told(world)).toHaveLength(2);
  });

  test('of one model is none of another', async () => {
    const world = new World({ script: 'a/m:500 b/m:500', breaker, whenExhausted: 'panic' });
    await world.run({ maxRetries: 0 });
    await world.clock.advance(2_000);
    await world.run({ maxRetries: 0 });
    await world.run({ model: 'big' });
    expect(told(world)).toEqual(['panic.entered']);
  });

  test.each(['fail', 'wait'] as const)('is never entered with whenExhausted %s', async (whenExhausted) => {
    const world = new World({ script: 'a:500 a:500 a:200 b:500 b:500 b:200', breaker, whenExhausted });
    for (let call = 0; call < 4; call += 1) await world.run({ maxRetries: 0 });
    expect(told(world)).toEqual([]);
  });
});

test('of a thousand models and one more the first is forgotten', () => {
  const panics = new Panics();
  for (let model = 0; model <= 1_000; model += 1) expect(panics.entered(`m${model}`, model)).toBe(true);
  expect(panics.entered('m1000', 5_000)).toBe(false);
  expect([panics.left('m0'), panics.left('m1'), panics.left('m1')]).toEqual([undefined, 1, undefined]);
});
