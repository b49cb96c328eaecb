import { describe, expect, test } from 'vitest';
import { World } from './world.js';

const never = () => new Promise<string>(() => {});
const refuse = { endpoints: 'a', script: 'a:500;takes=1000' };

describe('a last resort that never answers', () => {
  test.each([
    ['at the end of the call', 60_000, 60_000],
    ['after five seconds where less is left', 1_500, 6_000],
    ['after five seconds where nothing is left', 1_000, 6_000],
  ])('is given up %s, and the failure before it is shown', async (_when, timeoutMs, endedAt) => {
    const world = new World(refuse);
    const { outcome, route } = await world.run({ maxRetries: 0, timeoutMs, lastResort: never });
    expect(['server_error', 'attempt_timeout']).toContain(outcome.kind);
    expect([route.lastResort, world.clock.now(), world.clock.pending]).toEqual([false, endedAt, 0]);
  });

  test('does not keep a caller who leaves', async () => {
    const world = new World(refuse);
    const controller = new AbortController();
    const call = world.start({ maxRetries: 0, signal: controller.signal, lastResort: never });
    await world.clock.advance(2_000);
    controller.abort(new Error('enough'));
    expect((await call).outcome).toMatchObject({ kind: 'caller_abort', cause: new Error('enough') });
    expect([world.clock.now(), world.clock.pending]).toEqual([2_000, 0]);
  });
});

describe('a last resort', () => {
  test.each([
    ['answers', () => Promise.resolve('canned'), 'ok'],
    ['has nothing to say', () => Promise.resolve(undefined), 'server_error'],
    ['fails', () => Promise.reject(new Error('a bug')), 'server_error'],
  ])('that %s leaves no timer behind', async (_what, lastResort, kind) => {
    const world = new World(refuse);
    const call = world.start({ maxRetries: 0, lastResort });
    await world.clock.advance(1_000);
    expect((await call).outcome.kind).toBe(kind);
    expect(world.clock.pending).toBe(0);
  });

  test('that fails after it was given up disturbs nobody', async () => {
    const world = new World(refuse);
    const lastResort = () =>
      new Promise<string>((_, reject) => world.clock.setTimeout(() => reject(new Error('late')), 90_000));
    const { outcome } = await world.run({ maxRetries: 0, lastResort });
    expect(outcome.kind).toBe('server_error');
    expect(world.complaints).toEqual(['lastResort failed']);
  });
});
