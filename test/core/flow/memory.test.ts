import { describe, expect, test } from 'vitest';
import type { RouterMemory } from '../../../packages/core/src/flow/memory.js';
import { World, type WorldOptions } from './world.js';

const breaker = { failureStreak: 1, closeAfter: 1, openMs: 1_000, jitter: 0 } as const;

/** A snapshot as it comes back from a file. */
const kept = (world: World): RouterMemory => JSON.parse(JSON.stringify(world.engine.snapshot()));

/** Another process, a day later: its clock has nothing to do with the first one's. */
async function later(memory: RouterMemory, options: WorldOptions = {}): Promise<World> {
  const world = new World({ breaker, ...options });
  await world.clock.advance(24 * 3_600_000);
  world.engine.restore(memory);
  return world;
}

describe('a snapshot', () => {
  test('of breakers that have nothing to remember is empty', async () => {
    const world = new World();
    await world.run();
    expect(kept(world)).toEqual({ version: 1, scope: 'target', targets: {}, transports: {} });
  });

  test('holds what is left of each wait, and no instant', async () => {
    const world = new World({ breaker, script: 'a:connect', byEndpoint: { b: false } });
    await world.clock.advance(777_777);
    for (let i = 0; i < 5; i += 1) {
      await world.run();
      await world.clock.advance(i < 4 ? 30_000 : 400);
    }
    expect(kept(world)).toEqual({
      version: 1,
      scope: 'target',
      targets: { 'a/m': { state: 'open', level: 4, openForMs: 15_600 } },
      transports: { a: { state: 'open', level: 0, openForMs: 600 } },
    });
  });

  // With `breaker: false` before a restart and a breaker after it, the breaker stayed off for good.
  test.each(['disabled', 'observe-only', 'forced-open'] as const)(
    'leaves a mode of the options to the options: %s',
    async (mode) => {
      const world = new World({ breaker: { ...breaker, mode } });
      await world.run();
      expect(kept(world)).toEqual({ version: 1, scope: 'target', targets: {}, transports: {} });
    },
  );

  test('holds a mode that was set by hand, over the options too', async () => {
    const world = new World({ breaker: { ...breaker, mode: 'observe-only' } });
    world.engine.target('a/m').breaker.auto();
    world.engine.target('b/m').breaker.open();
    expect(kept(world).targets).toMatchObject({ 'a/m': { mode: 'auto' }, 'b/m': { mode: 'forced-open' } });
  });

  // After a restart nobody had asked the endpoint yet, so the next snapshot had forgotten it, and the restart after that asked it.
  test('holds what an earlier one held, also of endpoints that nobody has asked since', async () => {
    const first = new World({ breaker });
    first.engine.target('a/m').transport.open();
    const second = await later(kept(first));
    expect(kept(second)).toEqual(kept(first));
  });
});

describe('after a restart', () => {
  test('the wait goes on where it was, by the new clock', async () => {
    const first = new World({ breaker, script: 'a:500' });
    await first.clock.advance(5_000_000);
    await first.run();
    await first.clock.advance(300);
    const second = await later(kept(first));
    await second.clock.advance(699);
    expect(await second.trail()).toBe('b:ok');
    await second.clock.advance(1);
    expect(await second.trail()).toBe('a:ok');
    // Nothing happened when it was restored, so nothing was announced.
    expect(second.names.filter((name) => name === 'breaker.opened')).toEqual([]);
  });

  test('waits have grown as before', async () => {
    const first = new World({ breaker, script: 'a:500' });
    await first.run();
    await first.clock.advance(1_000);
    await first.run();
    const second = await later(kept(first), { script: 'a:500' });
    await second.clock.advance(2_000);
    await second.run();
    expect(second.of('breaker.opened')).toMatchObject([{ level: 2, openForMs: 4_000 }]);
  });

  test('a target that was being tried is tried', async () => {
    const first = new World({ breaker, script: 'a:500' });
    await first.run();
    await first.clock.advance(1_000);
    expect(kept(first).targets['a/m']?.state).toBe('half-open');
    expect((await later(kept(first))).target().breaker.peek(24 * 3_600_000)).toBe('probe');
  });

  test('what was set by hand stays, and so do the connections', async () => {
    const first = new World({ breaker });
    first.engine.target('a/m').breaker.disable();
    first.engine.target('b/m').transport.open();
    const second = await later(kept(first));
    expect(second.engine.target('a/m').breaker.info().mode).toBe('disabled');
    expect(second.engine.target('b/n').transport.info().mode).toBe('forced-open');
  });

  // Breakers were switched off in the middle of an outage, by the options and with a restart; the snapshot switched them on again, open.
  test.each([
    ['switch breakers off', false, 'disabled'],
    ['let them observe', { ...breaker, mode: 'observe-only' }, 'observe-only'],
  ] as const)('the options say who decides: they %s, and nobody is refused', async (_, changed, mode) => {
    const first = new World({ breaker: { ...breaker, transport: { failureStreak: 1 } }, script: 'a:connect' });
    await first.run();
    expect(Object.keys(kept(first).targets)).toEqual(['a/m']);
    expect(Object.keys(kept(first).transports)).toEqual(['a']);
    const second = await later(kept(first), { breaker: changed });
    expect(second.engine.target('a/m').breaker.info()).toMatchObject({ mode, state: 'closed' });
    expect(second.engine.target('a/m').transport.info()).toMatchObject({ mode, state: 'closed' });
    expect(await second.trail()).toBe('a:ok');
  });

  // One model at an endpoint was disabled by hand; with breakers by endpoint its memory disabled all models there.
  test.each(['endpoint', 'model'] as const)(
    'a breaker that now stands for more is left as it is: by %s',
    async (scope) => {
      const first = new World({ breaker });
      first.engine.target('a/n').breaker.disable();
      first.engine.target('a/n').transport.open();
      const second = new World({ breaker: { ...breaker, scope } });
      expect(second.engine.restore(kept(first))).toEqual(['a/n']);
      expect(second.engine.target('a/n').breaker.info().mode).toBe('auto');
      expect(second.engine.target('a/n').transport.info().mode).toBe('forced-open');
      const third = new World({ breaker: { ...breaker, scope } });
      second.engine.target('a/n').breaker.disable();
      expect(third.engine.restore(kept(second))).toEqual([]);
      expect(third.engine.target('a/n').breaker.info().mode).toBe('disabled');
    },
  );

  test('what there is no more is named and left out', async () => {
    const first = new World({ breaker, endpoints: 'a b', script: '*:connect' });
    await first.run({ maxRetries: 0 });
    for (const endpoint of ['a', 'b']) first.engine.target(`${endpoint}/m`).transport.open();
    const second = new World({ breaker, endpoints: 'b' });
    expect(second.engine.restore(kept(first))).toEqual(['a/m', 'a']);
    expect(second.engine.target('b/m').breaker.info().state).toBe('open');
  });

  test.each([
    [null, ['snapshot must be an object, but is null']],
    [{ version: 2, scope: 'target', targets: {}, transports: {} }, ['snapshot.version must be 1, but is 2']],
    [
      {
        version: 1,
        scope: 'target',
        targets: { 'a/m': { state: 'ajar', mode: 'auto', level: -1, openForMs: null } },
        transports: {},
      },
      [
        'snapshot.targets["a/m"].state must be "closed", "open" or "half-open", but is "ajar"',
        'snapshot.targets["a/m"].level must be an integer of 0 or more, but is -1',
        'snapshot.targets["a/m"].openForMs must be a number of 0 or more, but is null',
      ],
    ],
  ])('what is no snapshot is refused as a whole: %j', (given, faults) => {
    const { engine } = new World();
    expect(() => engine.restore(given as unknown as RouterMemory)).toThrow(new TypeError(faults.join('\n')));
    expect(engine.status().targets).toEqual([]);
  });
});
