import { describe, expect, test } from 'vitest';
import { permits } from '../../../packages/core/src/breaker/permits.js';
import { World } from './world.js';

/** The world's dice always show 0.5: of the probes beside the sure ones none is let through. */
const breaker = {
  failureStreak: 1,
  openMs: 5_000,
  closeAfter: 2,
  permits: permits.random(0.1),
} as const;

/** `a` has failed, has rested, and has just let its sure probe through, which is under way. */
async function probed(endpoints: string, probe: string): Promise<World> {
  const world = new World({ endpoints, breaker: { ...breaker, jitter: 0 }, script: `a:500 a:${probe}` });
  await world.run({ maxRetries: 0, endpoint: 'a' });
  await world.clock.advance(5_000);
  return world;
}

describe('a target whose dice refuse a probe', () => {
  // Nobody had been told of the target, so the caller read that no endpoint served the model and was asked to list it.
  test('is named to the caller and announced like any other that rests, with the time after which a probe is sure', async () => {
    const world = await probed('a', 'hang');
    void world.start();
    const { outcome, skipped } = await world.start();
    expect(outcome).toMatchObject({
      kind: 'no_target',
      message: 'every target is resting: a/m (breaker, 1 s left)',
      retryAfterMs: 1_000,
    });
    expect(skipped).toEqual([{ target: 'a/m', reason: 'breaker', leftMs: 1_000 }]);
    expect(world.of('target.skipped')).toMatchObject([{ target: 'a/m', reason: 'breaker', leftMs: 1_000 }]);
    expect(world.of('breaker.rejected')).toMatchObject([{ target: 'a/m', leftMs: 1_000 }]);
  });

  test('lets a caller through who comes back when it was told to', async () => {
    const world = await probed('a', 'hang');
    void world.start();
    const { outcome } = await world.start();
    await world.clock.advance('retryAfterMs' in outcome ? (outcome.retryAfterMs ?? 0) : 0);
    void world.start();
    expect(world.sent).toHaveLength(3);
  });

  test('is passed over for another, and stands among the skipped', async () => {
    const world = await probed('a b', 'hang');
    void world.start();
    const { route, skipped } = await world.start();
    expect([route.target, skipped]).toEqual(['b/m', [{ target: 'a/m', reason: 'breaker', leftMs: 1_000 }]]);
    expect(world.of('breaker.rejected')).toHaveLength(1);
  });

  test('is not asked after a wait for it, and the call shows what it had failed with', async () => {
    const world = await probed('a', '429;after=300');
    const { outcome, route, skipped } = await world.run();
    expect([outcome.kind, route.attempts.length, world.clock.now()]).toEqual(['rate_limit', 1, 5_330]);
    expect(skipped).toEqual([{ target: 'a/m', reason: 'breaker', leftMs: 670 }]);
    expect(world.of('breaker.rejected')).toMatchObject([{ target: 'a/m', leftMs: 670 }]);
  });

  test('is not asked after a wait for its cooldown either: what it rests for by then is told', async () => {
    const world = await probed('a', '429;after=1200 a:hang');
    await world.run({ maxRetries: 0 });
    // Both wait for the cooldown; the first takes the sure probe.
    const [, second] = [world.start(), world.start()];
    await world.clock.advance(2_000);
    // It comes a moment after the first.
    expect((await second).outcome).toMatchObject({ kind: 'no_target', retryAfterMs: 976 });
    expect((await second).skipped).toEqual([{ target: 'a/m', reason: 'breaker', leftMs: 976 }]);
    expect(world.of('breaker.rejected')).toHaveLength(1);
  });

  test('is left after a wait for another model', async () => {
    const world = await probed('a', '429;after=300 a/big:200');
    expect(await world.trail({ fallbacks: ['big'] })).toBe('a:rate_limit a/big:ok');
  });
});
