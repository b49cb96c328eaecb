import { describe, expect, test } from 'vitest';
import { Quarantine } from '../../../packages/core/src/limits/quarantine.js';
import { World } from '../flow/world.js';

const MINUTE = 60_000;

function restsOf(reason: 'auth' | 'quota' | 'not_found', times: number): number[] {
  const quarantine = new Quarantine();
  let now = 0;
  return Array.from({ length: times }, () => {
    const forMs = quarantine.start(reason, now);
    now += forMs;
    return forMs / MINUTE;
  });
}

describe('a quarantine', () => {
  test('of a key lasts five minutes, then twice as long each time, an hour at most', () => {
    expect(restsOf('auth', 6)).toEqual([5, 10, 20, 40, 60, 60]);
    expect(restsOf('quota', 2)).toEqual([5, 10]);
  });

  test('of an unknown model lasts ten minutes, then twice as long each time, an hour at most', () => {
    expect(restsOf('not_found', 4)).toEqual([10, 20, 40, 60]);
  });

  test('is started once by calls that were in flight together', () => {
    const quarantine = new Quarantine();
    expect(quarantine.start('auth', 0)).toBe(5 * MINUTE);
    expect(quarantine.start('auth', 10)).toBe(0);
    expect(quarantine.leftMs(10)).toBe(5 * MINUTE - 10);
    expect(quarantine.start('auth', 5 * MINUTE)).toBe(10 * MINUTE);
  });

  test('lasts at least as long as the provider asked for, a day at most', () => {
    const DAY = 24 * 60 * MINUTE;
    for (const [asked, rest] of [
      [1_000, 5 * MINUTE],
      [90 * MINUTE, 90 * MINUTE],
      [400 * DAY, DAY],
    ] as const) {
      const quarantine = new Quarantine();
      expect(quarantine.start('quota', 0, asked)).toBe(rest);
      expect([quarantine.leftMs(0), quarantine.askedLeftMs(0)]).toEqual([rest, Math.min(asked, DAY)]);
    }
  });

  test('is made longer, though not started again, by another refusal that asks for more', () => {
    const quarantine = new Quarantine();
    quarantine.start('quota', 0);
    expect(quarantine.start('quota', 10, 90 * MINUTE)).toBe(0);
    expect(quarantine.leftMs(10)).toBe(90 * MINUTE);
    quarantine.start('quota', 20, 1_000);
    expect([quarantine.leftMs(20), quarantine.askedLeftMs(20)]).toEqual([90 * MINUTE - 10, 90 * MINUTE - 10]);
    expect(quarantine.start('quota', 10 + 90 * MINUTE)).toBe(10 * MINUTE);
  });

  test('is ended by an answer to an attempt that began after it did', () => {
    const quarantine = new Quarantine();
    quarantine.start('auth', 100);
    expect([quarantine.forgive(99, 200), quarantine.leftMs(200)]).toEqual([false, 5 * MINUTE - 100]);
    expect([quarantine.forgive(100, 200), quarantine.leftMs(200)]).toEqual([true, 0]);
    expect(quarantine.forgive(300, 300)).toBe(false);
  });

  test('is not ended by any answer before the time that the provider named', () => {
    const quarantine = new Quarantine();
    quarantine.start('auth', 0, 2_000);
    expect([quarantine.forgive(1_000, 1_999), quarantine.forgive(1_000, 2_000)]).toEqual([false, true]);
  });

  test('forgets how often it was when it ends', () => {
    const quarantine = new Quarantine();
    quarantine.start('auth', 0);
    expect(quarantine.reason).toBe('auth');
    quarantine.end();
    expect([quarantine.reason, quarantine.leftMs(0)]).toEqual(['', 0]);
    expect(quarantine.start('quota', 0)).toBe(5 * MINUTE);
  });
});

describe('after a refusal', () => {
  test('a key is not used for any model, at any endpoint, for five minutes', async () => {
    const world = new World({ endpoints: 'a@key b@key c', script: 'a/m:401' });
    expect(await world.trail()).toBe('a:auth c:ok');
    expect(await world.trail({ model: 'big' })).toBe('c/big:ok');
    expect(world.of('quarantine.started')).toMatchObject([
      { target: 'a/m', scope: 'credential', reason: 'auth', forMs: 5 * MINUTE },
    ]);
    expect(world.of('target.skipped').map((one) => one.target)).toEqual(['a/big', 'b/big']);
    await world.clock.advance(5 * MINUTE);
    expect(await world.trail({ model: 'big' })).toBe('a/big:ok');
  });

  test('an unknown model is not asked for at that endpoint, but others are', async () => {
    const world = new World({ script: 'a/m:404' });
    expect(await world.trail()).toBe('a:not_found b:ok');
    expect(await world.trail()).toBe('b:ok');
    expect(await world.trail({ model: 'big' })).toBe('a/big:ok');
    expect(world.of('quarantine.started')).toMatchObject([
      { scope: 'target', reason: 'not_found', forMs: 10 * MINUTE },
    ]);
  });

  test('a used-up quota is told apart from a refused key', async () => {
    const world = new World({ script: 'a:402' });
    await world.run();
    expect(world.of('quarantine.started')).toMatchObject([{ scope: 'credential', reason: 'quota' }]);
  });

  test('an answer ends it, and the next refusal counts as the first', async () => {
    const world = new World({ script: 'a:401 a:200 a:401' });
    await world.run();
    await world.clock.advance(5 * MINUTE);
    expect(await world.trail()).toBe('a:ok');
    expect(world.of('quarantine.ended')).toMatchObject([{ target: 'a/m', scope: 'credential' }]);
    await world.run();
    expect(world.of('quarantine.started').map((one) => one.forMs)).toEqual([5 * MINUTE, 5 * MINUTE]);
  });

  test('another key at the same endpoint is not held responsible', async () => {
    const world = new World({ endpoints: 'a', script: 'a:401 a:200' });
    expect(await world.trail({ credentialOf: () => 'old' })).toBe('a:auth');
    expect(await world.trail({ credentialOf: () => 'new' })).toBe('a:ok');
    expect(world.of('quarantine.ended')).toEqual([]);
  });

  test('a lone target is asked all the same: nobody else could answer, and the provider’s own error says most', async () => {
    const world = new World({ endpoints: 'a', script: 'a:401 a:401 a:200' });
    for (const trail of ['a:auth', 'a:auth', 'a:ok']) expect(await world.trail()).toBe(trail);
    expect(world.of('quarantine.started')).toHaveLength(1);
    expect(world.of('quarantine.ended')).toHaveLength(1);
  });

  // A 429 that asks for more than ten minutes is a used-up quota; `Retry-After: 300` was heeded, `Retry-After: 3600` was not.
  test('C7: a lone target is not asked before the time that came with the refusal', async () => {
    for (const kind of ['quota', 'auth', 'not_found']) {
      const world = new World({ endpoints: 'a', script: `a:${kind};after=3600000 a:200` });
      expect(await world.trail()).toBe(`a:${kind}`);
      const { outcome } = await world.run();
      expect(outcome).toMatchObject({
        kind: 'no_target',
        retryAfterMs: 60 * MINUTE,
        message: `every target is resting: a/m (quarantine after ${kind}, 60 min left)`,
      });
      await world.clock.advance(60 * MINUTE - 1);
      expect((await world.run({ maxRetries: 0, timeoutMs: 1 })).outcome.kind).toBe('no_target');
      await world.clock.advance(1);
      expect(await world.trail()).toBe('a:ok');
      expect(world.early).toEqual([]);
    }
  });

  test('C7: the time that came with the refusal of a key holds for every lone target that uses it', async () => {
    const world = new World({ endpoints: 'a', script: 'a:402;after=3600000 a:200' });
    await world.run();
    expect((await world.run({ model: 'big' })).outcome.kind).toBe('no_target');
    expect(await world.trail({ credentialOf: () => 'another' })).toBe('a:ok');
  });

  test('C7: no target is asked before the time that came with the refusal, however long it is', async () => {
    const world = new World({ script: 'a:402;after=3600000 a:200' });
    await world.run();
    await world.clock.advance(60 * MINUTE - 1);
    expect(await world.trail()).toBe('b:ok');
    await world.clock.advance(1);
    expect(await world.trail()).toBe('a:ok');
    expect(world.of('quarantine.started')).toMatchObject([{ forMs: 60 * MINUTE }]);
  });

  test('a lone target whose refusal asked for a short wait is waited for', async () => {
    const world = new World({ endpoints: 'a', script: 'a:401;after=2000 a:200' });
    expect(await world.trail()).toBe('a:auth');
    expect(await world.trail()).toBe('a:ok');
    expect(world.clock.now()).toBe(2_000);
  });

  // A stream that had begun before the key was revoked was read to its end, and the dead key was asked again.
  test('a stream that began before it and ends whole does not end it', async () => {
    const world = new World({ script: 'a:stream a:401 a:200' });
    await world.run({ streamed: true });
    await world.clock.advance(10);
    expect(await world.trail()).toBe('a:auth b:ok');
    world.streams[0]?.end();
    await world.clock.advance(10);
    expect(world.of('quarantine.ended')).toEqual([]);
    expect(await world.trail()).toBe('b:ok');
    await world.clock.advance(5 * MINUTE);
    expect(await world.trail()).toBe('a:ok');
    expect(world.of('quarantine.ended')).toHaveLength(1);
  });

  test('it counts against nobody’s health', async () => {
    const world = new World({ endpoints: 'a', script: 'a:401' });
    for (let i = 0; i < 20; i += 1) await world.run();
    expect(world.target().breaker.snapshot(0)).toMatchObject({ state: 'closed', stats: { total: 0, failures: 0 } });
  });
});
