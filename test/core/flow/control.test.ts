import { describe, expect, test } from 'vitest';
import { World } from './world.js';

/** Asks for so many models that one that rests nowhere is forgotten. */
async function meetOthers(world: World, count = 1_100): Promise<void> {
  for (let i = 0; i < count; i += 1) void world.start({ model: `other${i}` });
  await world.clock.advance(0);
}

const quick = { failureStreak: 1, closeAfter: 1, jitter: 0 } as const;

/** What was announced of breakers, in order. */
const told = (world: World) => world.names.filter((name) => name.startsWith('breaker.'));

describe('a target in a person’s hands', () => {
  test('is found by its id, asked for before or not', async () => {
    const world = new World({ endpoints: 'a a/b' });
    expect(world.engine.target('a/m').id).toBe('a/m');
    expect(world.engine.target('a/b/m').status()).toMatchObject({ target: 'a/b/m', state: 'ready' });
    await world.run();
    world.engine.target('a/m').breaker.open();
    expect(world.target().breaker.peek(0)).toBe('rejected');
  });

  test.each(['', 'm', 'a', 'a/', 'c/m', '/m'])('is not found by %j, and the error says how ids are written', (id) => {
    expect(() => new World().engine.target(id)).toThrow(RangeError);
    expect(() => new World().engine.target(id)).toThrow('targets are written a/…, b/…');
  });

  test('is passed over while it is open, until it is closed again', async () => {
    const world = new World();
    const { breaker } = world.engine.target('a/m');
    breaker.open();
    await world.clock.advance(3_600_000);
    expect(await world.trail()).toBe('b:ok');
    breaker.close();
    expect(await world.trail()).toBe('a:ok');
    expect(told(world)).toEqual(['breaker.mode-changed', 'breaker.rejected', 'breaker.mode-changed']);
    expect(world.of('breaker.mode-changed')).toMatchObject([
      { target: 'a/m', scope: 'target', mode: 'forced-open', from: 'closed', to: 'open' },
      { target: 'a/m', scope: 'target', mode: 'auto', from: 'open', to: 'closed' },
    ]);
  });

  test('is open for as long as it is told to be, whatever its mode was, and is then tried', async () => {
    const world = new World({ breaker: quick });
    const { breaker } = world.engine.target('a/m');
    breaker.disable();
    breaker.openFor(700, 'maintenance');
    await world.clock.advance(699);
    expect(await world.trail()).toBe('b:ok');
    await world.clock.advance(1);
    expect(await world.trail()).toBe('a:ok');
    expect(world.of('breaker.opened')).toMatchObject([{ target: 'a/m', reason: 'maintenance', openForMs: 700 }]);
  });

  // A text from a configuration was compared as a number and added as a text: '5' at 1000 ms opened until 10005 s.
  test.each([0, -1, Number.NaN, '5', [5], true, { valueOf: () => 5 }, 5n, undefined, null])(
    'is not opened for %s milliseconds',
    (ms) => {
      const world = new World({ breaker: quick });
      const { breaker } = world.engine.target('a/m');
      expect(() => breaker.openFor(ms as number)).toThrow(RangeError);
      expect(() => breaker.openFor(ms as number)).toThrow('ms must be a positive number of milliseconds, but is ');
      expect(breaker.info().state).toBe('closed');
    },
  );

  test('that is disabled is asked however often it fails', async () => {
    const world = new World({ breaker: quick, script: 'a:500' });
    world.engine.target('a/m').breaker.disable();
    for (let i = 0; i < 3; i += 1) expect(await world.trail()).toBe('a:server_error b:ok');
    expect(world.engine.target('a/m').breaker.info()).toMatchObject({ mode: 'disabled', stats: { total: 0 } });
  });

  test('that is observed is asked too, and the breaker tells once that it would have opened', async () => {
    const world = new World({ breaker: quick, script: 'a:500' });
    const { breaker } = world.engine.target('a/m');
    breaker.observeOnly();
    for (let i = 0; i < 3; i += 1) expect(await world.trail()).toBe('a:server_error b:ok');
    expect(told(world)).toEqual(['breaker.mode-changed', 'breaker.would-open']);
    breaker.auto();
    expect(await world.trail()).toBe('a:server_error b:ok');
    expect(await world.trail()).toBe('b:ok');
  });

  test('that is reset has nothing against it any more, and calls under way count no longer', async () => {
    const world = new World({ breaker: quick, script: 'a:500 a:500;takes=50 a:200' });
    await world.run();
    const { breaker } = world.engine.target('a/m');
    breaker.reset();
    const late = world.start();
    breaker.reset();
    await world.clock.advance(50);
    await late;
    expect(breaker.info()).toMatchObject({ state: 'closed', level: 0, stats: { total: 0 } });
    expect(told(world)).toEqual(['breaker.opened', 'breaker.closed']);
  });
});

describe('a handle that was kept', () => {
  // It steered the breaker that was there when it was made: `info` said forced-open, and calls went through.
  test('handles the target as it is now, though its model was forgotten since', async () => {
    const world = new World({ endpoints: 'a', script: 'a/m:500' });
    const handle = world.engine.target('a/m');
    await meetOthers(world);
    await world.run({ maxRetries: 0 });
    expect(handle.breaker.info().stats).toMatchObject({ total: 1, failures: 1 });
    expect(handle.status().breaker.stats.total).toBe(1);
    handle.breaker.open();
    expect((await world.run()).outcome.kind).toBe('no_target');
    expect(handle.status()).toMatchObject({ state: 'open', breaker: { mode: 'forced-open' } });
  });

  test('finds again what it has set, however many models were met since', async () => {
    const world = new World({ endpoints: 'a' });
    const handle = world.engine.target('a/m');
    handle.breaker.disable();
    await meetOthers(world);
    expect(handle.breaker.info().mode).toBe('disabled');
  });
});

test('the connections of an endpoint are handled apart from its targets, for all of them', async () => {
  const world = new World();
  world.engine.target('a/m').transport.open();
  expect(await world.trail()).toBe('b:ok');
  expect(await world.trail({ model: 'n' })).toBe('b/n:ok');
  expect(world.engine.target('a/n').breaker.info().state).toBe('closed');
  const [event] = world.of('breaker.mode-changed');
  expect(event).toMatchObject({ scope: 'transport', target: 'a/*', endpoint: 'a', model: '*', mode: 'forced-open' });
  expect(event).not.toHaveProperty('requestId');
});
