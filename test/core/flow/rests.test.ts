import { describe, expect, test } from 'vitest';
import { Rests } from '../../../packages/core/src/flow/rests.js';
import { Cooldown } from '../../../packages/core/src/limits/cooldown.js';
import { World } from './world.js';

const trail = (world: World) => world.names.filter((name) => name.startsWith('cooldown.')).map((name) => name.slice(9));

describe('the end of a rest', () => {
  test('is told by the next call that is sent, with how long it has been over', async () => {
    const world = new World({ script: 'a:429;after=10000 a:200', retries: { maxWaitMs: 0 } });
    await world.run();
    const [started] = world.of('cooldown.started');
    expect(started).toMatchObject({ target: 'a/m', kind: 'rate_limit', status: 429, key: 'a', forMs: 11_000 });
    await world.clock.advance(10_999);
    await world.run();
    expect(trail(world)).toEqual(['started']);
    await world.clock.advance(501);
    await world.run();
    const stamp = { target: 'a/m', endpoint: 'a', region: 'a-region', model: 'm' };
    // No single call did it, so there is no id of one.
    expect(world.of('cooldown.ended')).toEqual([
      { at: world.clock.wall(), ...stamp, kind: 'rate_limit', status: 429, key: 'a', overForMs: 500 },
    ]);
    await world.run();
    expect(trail(world)).toEqual(['started', 'ended']);
  });

  test('is told by a look at the status where nobody calls, and only once', async () => {
    const world = new World({ script: 'a:503;after=1000' });
    await world.run();
    await world.clock.advance(1_200);
    world.engine.stats();
    expect(trail(world)).toEqual(['started']);
    world.engine.status();
    world.engine.status();
    expect(trail(world)).toEqual(['started', 'ended']);
  });

  test('is told before the call that waited for it goes on', async () => {
    const world = new World({ endpoints: 'a', script: 'a:429;after=1000 a:200' });
    await world.run();
    const names = world.names.filter((name) => !name.startsWith('request.'));
    expect(names).toEqual([
      ...['attempt.started', 'attempt.failed', 'cooldown.started'],
      ...['cooldown.ended', 'retry', 'attempt.started', 'attempt.succeeded'],
    ]);
    expect(world.of('cooldown.ended')[0]).toMatchObject({ overForMs: 0 });
  });

  test('of one that became longer is told when the longer one is over', async () => {
    const world = new World({ endpoints: 'a', script: 'a:429;takes=10;after=1000 a:429;takes=500;after=5000' });
    void world.start({ maxRetries: 0 });
    void world.start({ maxRetries: 0 });
    await world.clock.advance(2_000);
    world.engine.status();
    expect(trail(world)).toEqual(['started', 'started']);
    await world.clock.advance(5_000);
    world.engine.status();
    expect(trail(world)).toEqual(['started', 'started', 'ended']);
  });

  // Twenty calls in flight were refused together, and twenty beginnings of one rest were told and counted, but one end.
  test('follows one beginning, however many calls in flight were refused with the same word', async () => {
    let thrown = 0;
    const random = () => {
      thrown += 1;
      return [0.3, 0.9, 0.2, 0.7][thrown % 4] ?? 0;
    };
    const script = Array.from({ length: 20 }, (_, index) => `a:429;takes=${10 + index};after=1000`).join(' ');
    const world = new World({ endpoints: 'a', script, random });
    for (let call = 0; call < 20; call += 1) void world.start({ maxRetries: 0 });
    await world.clock.advance(5_000);
    world.engine.status();
    expect(world.sent).toHaveLength(20);
    expect(trail(world)).toEqual(['started', 'ended']);
  });

  test('of one that is over when the next begins is told first', async () => {
    const world = new World({ endpoints: 'a', script: 'a:429;takes=10;after=1000 a:429;takes=5000;after=1000' });
    void world.start({ maxRetries: 0 });
    void world.start({ maxRetries: 0 });
    await world.clock.advance(5_000);
    expect(trail(world)).toEqual(['started', 'ended', 'started']);
  });

  test('may be asked for by its own listener', async () => {
    const world = new World({ script: 'a:503;after=1000' });
    world.engine.hub.on('cooldown.ended', () => world.engine.status());
    await world.run();
    await world.clock.advance(2_000);
    world.engine.status();
    expect(trail(world)).toEqual(['started', 'ended']);
  });
});

test('of two thousand rests and one more the oldest is forgotten', () => {
  const rests = new Rests();
  const target = { target: 'a/m', endpoint: 'a', model: 'm' };
  for (let until = 0; until <= 2_000; until += 1)
    rests.began(new Cooldown(), { target, kind: 'rate_limit', status: 429, key: undefined, until });
  expect(rests.mayBeOver(0)).toBe(true);
  expect(rests.takeOver(0)).toEqual([]);
  expect(rests.mayBeOver(0)).toBe(false);
  expect(rests.takeOver(2_000)).toHaveLength(2_000);
});
