import { describe, expect, test } from 'vitest';
import { EVENT_NAMES } from '../../../packages/core/src/events/events.js';
import type { Ending } from '../../../packages/core/src/outcome/outcome.js';
import { World } from './world.js';

const at = Date.UTC(2025, 0, 1);

describe('the events of a call', () => {
  test('a first answer: four of them, in order', async () => {
    const world = new World({ script: 'a:200;takes=30' });
    await world.run();
    const target = { target: 'a/m', endpoint: 'a', region: 'a-region', model: 'm', attempt: 1 };
    const [{ requestId } = {}] = world.of('request.started');
    expect(requestId).toMatch(/^[0-9a-z]{6}-1$/);
    expect(world.heard).toEqual([
      { name: 'request.started', event: { requestId, at, model: 'm', streamed: false } },
      { name: 'attempt.started', event: { requestId, at, ...target } },
      { name: 'attempt.succeeded', event: { requestId, at: at + 30, ...target, durationMs: 30, status: 200 } },
      {
        name: 'request.succeeded',
        event: { requestId, at: at + 30, target: 'a/m', attempts: 1, durationMs: 30, rerouted: false },
      },
    ]);
  });

  test('a failover: what changed is told before where the call went on', async () => {
    const world = new World({ script: 'a:503;takes=30;after=20000' });
    await world.run();
    expect(world.names).toEqual([
      'request.started',
      'attempt.started',
      'attempt.failed',
      'cooldown.started',
      'failover',
      'attempt.started',
      'attempt.succeeded',
      'request.succeeded',
    ]);
    expect(world.of('failover')).toEqual([
      { ...stamp(world, 30), kind: 'overloaded', status: 503, from: 'a/m', to: 'b/m', attempt: 2, elapsedMs: 30 },
    ]);
    expect(world.of('attempt.failed')).toMatchObject([
      { kind: 'overloaded', status: 503, message: 'overloaded at a/m' },
    ]);
    expect(world.of('cooldown.started')).toMatchObject([{ kind: 'overloaded', status: 503, forMs: 22_000 }]);
  });

  test('a repeat: how long it waited, and for what', async () => {
    const world = new World({ endpoints: 'a', script: 'a:500 a:200' });
    await world.run();
    const target = { target: 'a/m', endpoint: 'a', region: 'a-region', model: 'm' };
    expect(world.of('retry')).toEqual([
      { ...stamp(world, 437.5), ...target, kind: 'server_error', status: 500, attempt: 2, delayMs: 438 },
    ]);
    expect(world.of('failover')).toEqual([]);
  });

  test('a failure: its kind, its status and the number of attempts', async () => {
    const world = new World({ script: 'a:503;after=9000 b:401' });
    await world.run();
    expect(world.of('request.failed')).toEqual([
      { ...stamp(world, 0), kind: 'overloaded', status: 503, attempts: 2, durationMs: 0 },
    ]);
  });

  test('a target that is passed over is told once a call', async () => {
    const world = new World({ endpoints: 'a b c', script: 'a:429;after=60000 b:500 b:200' });
    await world.run({ endpoint: 'a', maxRetries: 0 });
    await world.run();
    expect(world.of('target.skipped')).toHaveLength(1);
    expect(world.of('request.succeeded')).toMatchObject([{ target: 'c/m', rerouted: true }]);
  });

  test('one that is passed over later does not make those from before news again', async () => {
    const world = new World({ script: 'a:429;after=60000 b/m:500 b/big:429;after=60000' });
    for (const [endpoint, model] of [
      ['a', 'm'],
      ['b', 'big'],
    ])
      await world.run({ endpoint, model, maxRetries: 0 });
    const { skipped } = await world.run({ fallbacks: ['big', 'bigger'], maxRetries: 0 });
    expect(world.of('target.skipped').map(({ target }) => target)).toEqual(skipped.map(({ target }) => target));
    expect(skipped.map(({ target }) => target)).toEqual(['a/m', 'b/big']);
  });

  test('every call has an id of its own', async () => {
    const world = new World();
    for (let i = 0; i < 3; i += 1) await world.run();
    expect(new Set(world.of('request.started').map((one) => one.requestId)).size).toBe(3);
  });

  test('payloads are frozen to the bottom and turn into JSON without loss of a field that is set', async () => {
    const world = new World({ endpoints: 'a b', script: 'a:500 b:401', breaker: { failureStreak: 1, jitter: 0 } });
    await world.run({ lastResort: async () => 'canned' });
    await world.run();
    expect(new Set(world.names).size).toBeGreaterThan(8);
    for (const { event } of world.heard) {
      expect(isDeeplyFrozen(event)).toBe(true);
      expect(JSON.parse(JSON.stringify(event))).toEqual(event);
    }
  });

  test('a stream: its end is told behind that of its attempt', async () => {
    const world = new World({ script: 'a:stream;takes=30' });
    await world.run({ streamed: true, resource: 'chat.completions' });
    expect(world.of('request.started')).toMatchObject([{ streamed: true, resource: 'chat.completions' }]);
    await world.clock.advance(70);
    world.streams[0]?.end({ kind: 'ok', chunks: 3 });
    await world.clock.advance(0);
    expect(world.names.slice(-2)).toEqual(['attempt.succeeded', 'stream.ended']);
    expect(world.of('stream.ended')).toEqual([{ ...stamp(world, 100), kind: 'ok', durationMs: 100, chunks: 3 }]);
  });

  test('a stream that somebody else goes on with: it is not over with its first attempt', async () => {
    const world = new World({ script: 'a:stream' });
    await world.run({ streamed: true });
    let end = (_: Ending) => {};
    const goesOn = new Promise<Ending>((resolve) => {
      end = resolve;
    });
    world.streams[0]?.end({ kind: 'stream_error_late', goesOn });
    await world.clock.advance(50);
    expect(world.names.slice(-2)).toEqual(['stream.broken', 'attempt.failed']);
    end({ kind: 'ok' });
    await world.clock.advance(0);
    expect(world.of('stream.ended')).toEqual([{ ...stamp(world, 50), kind: 'ok', durationMs: 50, chunks: undefined }]);
  });

  test('nothing of a reply, a cause or a credential is in any event', async () => {
    const world = new World({ endpoints: 'a@key#1', script: 'a:401' });
    await world.run({
      attempt: async () => ({ kind: 'auth', message: 'refused', reply: 'secret-reply', cause: 'secret' }),
    });
    expect(JSON.stringify(world.heard)).not.toContain('secret');
  });
});

describe('listeners', () => {
  const trailOfWorld = async (prepare: (world: World) => void) => {
    const world = new World({
      script: 'a:503;after=9000 a:stream b:500 b:401',
      breaker: { failureStreak: 1, jitter: 0 },
    });
    prepare(world);
    const trails = [await world.trail(), await world.trail({ lastResort: async () => 'canned' })];
    await world.clock.advance(10_000);
    trails.push(await world.trail({ streamed: true }));
    world.streams[0]?.end();
    await world.clock.advance(0);
    return { trails, names: world.names.filter((name) => name !== 'listener.failed'), stats: world.engine.stats() };
  };

  test.each([
    [
      'throw',
      () => {
        throw new Error('a bug');
      },
    ],
    ['reject', () => Promise.reject(new Error('a bug'))],
  ])('C9: that %s change neither the way of a call nor any other event', async (_, listener) => {
    const undisturbed = await trailOfWorld(() => {});
    const disturbed = await trailOfWorld(({ engine }) => {
      for (const name of EVENT_NAMES) engine.hub.on(name, listener);
    });
    expect(disturbed).toEqual(undisturbed);
  });

  test('C9: nor does a logger that throws when it hears of them', async () => {
    const complain = () => {
      throw new Error('the logger is broken too');
    };
    const world = new World({ script: 'a:503;after=9000 b:200 b:503', complain });
    world.engine.hub.on('listener.failed', complain);
    world.engine.hub.on('attempt.started', complain);
    expect(await world.trail()).toBe('a:overloaded b:ok');
    const lastResort = () => Promise.reject(new Error('no'));
    expect((await world.run({ maxRetries: 0, lastResort })).outcome.kind).toBe('overloaded');
  });

  test('may ask the engine anything: its state has changed already', async () => {
    const world = new World({ script: 'a:500', breaker: { failureStreak: 1, jitter: 0 } });
    const seen: string[] = [];
    world.engine.hub.on('breaker.opened', () => {
      const [status] = world.engine.status().targets;
      seen.push(`${status?.target} is ${status?.state}`);
    });
    world.engine.hub.on('request.succeeded', () => seen.push(`${world.engine.stats().requests.succeeded} succeeded`));
    await world.run();
    expect(seen).toEqual(['a/m is open', '1 succeeded']);
  });

  test('may make calls themselves', async () => {
    const world = new World({ script: 'a:503;after=9000' });
    const inner: Promise<unknown>[] = [];
    world.engine.hub.once('failover', () => inner.push(world.start({ model: 'big' })));
    expect(await world.trail()).toBe('a:overloaded b:ok');
    await Promise.all(inner);
    expect(world.engine.stats().requests).toMatchObject({ started: 2, succeeded: 2, failed: 0, inFlight: 0 });
  });
});

function stamp(world: World, ms: number) {
  return { requestId: world.of('request.started')[0]?.requestId, at: at + ms };
}

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

// A listener that wrote into event.usage changed what the route and the listeners after it were told, and tags were the caller's own list.
test("nothing in an event can be changed, nor is any of it the caller's own", async () => {
  const world = new World({ script: 'a:500 b:200;in=1000;out=10', endpoints: 'a b' });
  const tags = ['team-a'];
  const { route } = await world.run({ tags });
  expect(world.of('attempt.succeeded')).toMatchObject([{ tags, usage: { inputTokens: 1_000 } }]);
  for (const { event } of world.heard)
    for (const inner of Object.values(event))
      if (typeof inner === 'object') expect([inner, Object.isFrozen(inner)]).toEqual([inner, true]);
  expect(Object.isFrozen(tags)).toBe(false);
  expect(() => Object.assign(world.of('request.succeeded')[0]?.usage ?? {}, { inputTokens: 7 })).toThrow(TypeError);
  expect(route.usage?.inputTokens).toBe(1_000);
});
