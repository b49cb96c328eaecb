import { describe, expect, test } from 'vitest';
import { trackers } from '../../../packages/core/src/breaker/trackers.js';
import { trippers } from '../../../packages/core/src/breaker/trippers.js';
import { World } from './world.js';

const infoOf = (world: World, id = 'a/m') => world.engine.target(id).transport.info();

/** Targets that never open by themselves, so that only the connections decide. */
const patient = { tripper: trippers.custom(() => false), jitter: 0, closeAfter: 1 } as const;

async function ask(world: World, ...models: string[]): Promise<string> {
  const trails: string[] = [];
  for (const model of models) trails.push(await world.trail({ model, maxRetries: 0 }));
  return trails.join(', ');
}

describe('refused connections', () => {
  test('of any models close the way to the whole endpoint', async () => {
    const world = new World({ breaker: patient, script: 'a:connect' });
    await ask(world, 'm', 'n', 'o', 'm', 'n');
    expect(world.of('breaker.opened')).toMatchObject([
      { scope: 'transport', target: 'a/*', reason: '5 failures in a row' },
    ]);
    expect(await ask(world, 'm', 'never-asked')).toBe('b:ok, b/never-asked:ok');
    expect(world.engine.target('a/m').status()).toMatchObject({
      state: 'open',
      readyInMs: 5_000,
      breaker: { state: 'closed' },
    });
    expect(world.of('target.skipped').map(({ target, reason }) => `${target} ${reason}`)).toEqual([
      'a/m breaker',
      'a/never-asked breaker',
    ]);
  });

  test('are forgotten with an answer, an error among them', async () => {
    for (const answer of ['200', '500']) {
      const world = new World({
        breaker: patient,
        script: `a:connect a:connect a:connect a:connect a:${answer} a:connect`,
      });
      await ask(world, 'm', 'm', 'm', 'm', 'm', 'm');
      expect(infoOf(world)).toMatchObject({ state: 'closed', stats: { total: 6, failures: 5 } });
    }
  });

  test.each(['reset', 'attempt_timeout', '429', '400', 'unsendable'])(
    'are all that counts against it: %s says nothing',
    async (word) => {
      const world = new World({ breaker: patient, script: `a:${word}` });
      for (let i = 0; i < 6; i += 1) {
        await ask(world, 'm');
        await world.clock.advance(600_000);
      }
      expect(infoOf(world)).toMatchObject({ state: 'closed', stats: { total: 0 } });
    },
  );

  test('count whatever the breakers of the targets make of them', async () => {
    const world = new World({ breaker: { ...patient, tracker: trackers.kind('server_error') }, script: 'a:connect' });
    await ask(world, 'm', 'm', 'm', 'm', 'm');
    expect(infoOf(world).state).toBe('open');
    expect(world.target().breaker.snapshot(0).stats.total).toBe(0);
  });

  test('do nothing where there is no such breaker', async () => {
    const world = new World({ breaker: { ...patient, transport: false }, script: 'a:connect' });
    expect(await ask(world, 'm', 'm', 'm', 'm', 'm', 'm')).toBe(Array(6).fill('a:connect b:ok').join(', '));
  });
});

describe('after the wait', () => {
  async function opened(script: string) {
    const world = new World({
      breaker: { ...patient, transport: { failureStreak: 1 } },
      script: `a:connect ${script}`,
    });
    await ask(world, 'm');
    await world.clock.advance(5_000);
    return world;
  }

  test('one call of all models tries the way, and an answer opens it for all', async () => {
    const world = await opened('a:200;takes=100 a:200');
    const probe = world.start();
    expect(await ask(world, 'n')).toBe('b/n:ok');
    await world.clock.advance(100);
    await probe;
    expect(await ask(world, 'n')).toBe('a/n:ok');
    expect(world.of('breaker.half-opened', 'breaker.closed').map(({ scope }) => scope)).toEqual([
      'transport',
      'transport',
    ]);
  });

  test('a stream gives the way free at its first content', async () => {
    const world = await opened('a:stream a:200');
    await world.run({ streamed: true });
    expect(infoOf(world)).toMatchObject({ state: 'half-open', probesOut: 0 });
    expect(await ask(world, 'n')).toBe('a/n:ok');
  });

  test('another refusal makes the wait longer', async () => {
    const world = await opened('a:connect');
    await ask(world, 'm');
    expect(infoOf(world)).toMatchObject({ state: 'open', level: 1, openForMs: 10_000 });
  });
});

// The plan has looked, and then another call takes the last place on the way: the target's own place must come back.
test('a target whose way is taken gives its permit back, and the call goes on elsewhere', async () => {
  const world = new World({ breaker: { failureStreak: 1, closeAfter: 1, jitter: 0 }, script: 'a:500 a:200' });
  await world.run({ maxRetries: 0 });
  await world.clock.advance(5_000);
  const target = world.target();
  const { tryAcquire } = target.transport;
  target.transport.tryAcquire = () => undefined;
  expect(await world.trail()).toBe('b:ok');
  expect(target.breaker.snapshot(world.clock.now())).toMatchObject({
    state: 'half-open',
    probesOut: 0,
    stats: { total: 0 },
  });
  target.transport.tryAcquire = tryAcquire;
  expect(await world.trail()).toBe('a:ok');
});

describe('what counts against a target', () => {
  test('is what its tracker says; what it lets pass is ignored and no success', async () => {
    const tracker = trackers.kind('server_error', 'caller_error');
    const world = new World({
      endpoints: 'a',
      breaker: { failureStreak: 2, jitter: 0, tracker },
      script: 'a:500 a:reset a:400',
    });
    for (let i = 0; i < 3; i += 1) await world.run({ maxRetries: 0 });
    expect(world.of('breaker.opened')).toMatchObject([
      { scope: 'target', reason: '2 failures in a row', stats: { total: 2, failures: 2 } },
    ]);
  });

  // A key function with a bug in it opened the breaker for everybody, though nothing had ever been sent.
  test('is never work that threw before it was sent, unlike a refusal of the caller’s own mistake', async () => {
    const world = new World({ endpoints: 'a', breaker: { failureStreak: 2, tracker: trackers.all() } });
    for (const [word, failures] of [
      ['throw', 0],
      ['400', 1],
      ['throw', 1],
    ] as const) {
      world.script = new World({ script: `a:${word}` }).script;
      expect((await world.run()).outcome.kind).toBe('caller_error');
      expect(world.target().breaker.snapshot(0)).toMatchObject({ state: 'closed', stats: { failures } });
    }
  });

  test('is never an abort of the caller', async () => {
    const world = new World({
      endpoints: 'a',
      breaker: { failureStreak: 1, tracker: trackers.all() },
      script: 'a:hang',
    });
    const controller = new AbortController();
    const call = world.start({ signal: controller.signal });
    controller.abort();
    expect((await call).outcome.kind).toBe('caller_abort');
    expect(world.target().breaker.snapshot(0)).toMatchObject({ state: 'closed', stats: { total: 0 } });
  });

  test('is slowness: of a stream the time to its first content, however long it is read', async () => {
    const slow = { failureStreak: false, failureRate: false, minRequests: 2, slowMs: 100, jitter: 0 } as const;
    const quick = new World({ endpoints: 'a', breaker: slow, script: 'a:stream;takes=99' });
    const late = new World({ endpoints: 'a', breaker: slow, script: 'a:stream;takes=100' });
    for (const world of [quick, late]) {
      for (let i = 0; i < 2; i += 1) await world.run({ streamed: true });
      await world.clock.advance(10_000);
      for (const stream of world.streams) stream.end();
      await world.clock.advance(0);
    }
    expect(quick.names).not.toContain('breaker.opened');
    expect(late.of('breaker.opened')).toMatchObject([{ reason: '2 of 2 calls took 100 ms or longer' }]);
  });
});

test('an opening lasts at least as long as the provider asked for', async () => {
  const world = new World({ breaker: { failureStreak: 1, jitter: 0, maxOpenMs: 30_000 }, script: 'a:503;after=45000' });
  await world.run();
  expect(world.of('breaker.opened')).toMatchObject([{ openForMs: 45_000 }]);
});

test('clients that share breakers learn from each other, and others do not', async () => {
  const breaker = { failureStreak: 1, jitter: 0 };
  const shared = { breaker, shareAs: 'transport.test' };
  const one = new World({ ...shared, script: 'a:500' });
  await one.run();
  expect(await new World({ ...shared, clock: one.clock }).trail()).toBe('b:ok');
  expect(await new World({ breaker, clock: one.clock }).trail()).toBe('a:ok');
});
