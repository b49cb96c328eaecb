import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Call, Conclusion } from '../../../packages/core/src/flow/call.js';
import { World } from './world.js';

const aborted = { kind: 'caller_abort', message: 'the caller aborted' };

/** A call that is aborted after `ms`; answers with its conclusion, which must be there without another tick of the clock. */
async function abortedAfter(world: World, ms: number, given: Partial<Call<string>> = {}) {
  const controller = new AbortController();
  const { signal } = controller;
  const call = world.start({ signal, ...given });
  await world.clock.advance(ms);
  controller.abort(new Error('enough'));
  let conclusion: Conclusion<string> | undefined;
  void call.then((end) => {
    conclusion = end;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(conclusion, 'the abort must end the call within one turn').toBeDefined();
  expect(world.clock.pending).toBe(0);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  return conclusion as Conclusion<string>;
}

/** Nobody is held responsible: no breaker, no cooldown, no quarantine, nothing in flight. */
function expectNoHarm(world: World, target = 'a'): void {
  const { breaker, cooldown, quarantine } = world.target(target);
  const now = world.clock.now();
  expect(breaker.snapshot(now)).toMatchObject({ state: 'closed', stats: { failures: 0 }, probesOut: 0 });
  expect([cooldown.leftMs(now), quarantine.leftMs(now)]).toEqual([0, 0]);
  const stats = world.engine.stats();
  expect(stats.requests.inFlight).toBe(0);
  for (const { inFlight } of Object.values(stats.targets)) expect(inFlight).toBe(0);
}

describe('an abort ends the call at once', () => {
  test('before it begins: nobody is asked', async () => {
    const world = new World();
    const { outcome, route } = await world.run({ signal: AbortSignal.abort(new Error('enough')) });
    expect(outcome).toMatchObject({ ...aborted, cause: new Error('enough') });
    expect([route.attempts, world.names]).toEqual([[], ['request.started', 'request.failed']]);
  });

  test.each(['request.started', 'attempt.started', 'failover', 'target.skipped'] as const)(
    'from within a listener of %s',
    async (name) => {
      const world = new World({ endpoints: 'z a b', script: 'z:429;after=20000 a:503;after=20000 b:hang' });
      await world.run({ endpoint: 'z', maxRetries: 0 });
      const controller = new AbortController();
      world.engine.hub.on(name, () => controller.abort());
      expect((await world.run({ signal: controller.signal })).outcome).toMatchObject(aborted);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
      expect(world.engine.stats().targets['b/m']?.inFlight ?? 0).toBe(0);
    },
  );

  test('during an attempt', async () => {
    const world = new World({ script: 'a:hang' });
    const { outcome, route } = await abortedAfter(world, 40);
    expect(outcome).toMatchObject({ ...aborted, cause: new Error('enough') });
    expect(route.attempts).toMatchObject([{ target: 'a/m', kind: 'caller_abort', latencyMs: 40 }]);
    expect(world.of('attempt.abandoned')).toMatchObject([{ target: 'a/m', kind: 'caller_abort', durationMs: 40 }]);
    expectNoHarm(world);
  });

  test('during an attempt whose work pays no heed, its late answer being let go of', async () => {
    const world = new World({ script: 'a:200;takes=500;deaf' });
    const controller = new AbortController();
    const call = world.start({ signal: controller.signal });
    await world.clock.advance(40);
    controller.abort();
    expect((await call).outcome).toMatchObject(aborted);
    await world.clock.advance(500);
    expect(world.discarded).toEqual(['a/m']);
    expectNoHarm(world);
  });

  test('during the wait before a repeat', async () => {
    const world = new World({ endpoints: 'a', script: 'a:409' });
    expect((await abortedAfter(world, 60)).outcome).toMatchObject(aborted);
    expect(world.sent).toHaveLength(1);
    expectNoHarm(world);
  });

  test('during the wait for a cooldown', async () => {
    const world = new World({ endpoints: 'a', script: 'a:429;after=2500' });
    expect((await abortedAfter(world, 2_000)).outcome).toMatchObject(aborted);
    expect(world.sent).toHaveLength(1);
  });

  test('during the last resort, which is not waited for', async () => {
    const world = new World({ endpoints: 'a', script: 'a:401' });
    const { outcome, route } = await abortedAfter(world, 50, { lastResort: () => new Promise(() => {}) });
    expect(outcome).toMatchObject(aborted);
    expect([route.lastResort, world.of('lastresort.used')]).toEqual([false, []]);
  });

  test('without a last resort: the caller did not want an answer any more', async () => {
    const world = new World({ script: 'a:hang' });
    const asked: string[] = [];
    const lastResort = async () => void asked.push('asked') as undefined;
    await abortedAfter(world, 50, { lastResort });
    expect(asked).toEqual([]);
  });

  test('of a stream that is still being read: its reader sees it, and it counts against nobody', async () => {
    const world = new World({ script: 'a:stream' });
    const controller = new AbortController();
    const { outcome } = await world.run({ streamed: true, signal: controller.signal });
    expect(outcome.kind).toBe('ok');
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort();
    await world.clock.advance(0);
    expect(world.streams[0]?.signal.aborted).toBe(true);
    expect(world.of('attempt.abandoned')).toMatchObject([{ target: 'a/m' }]);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expectNoHarm(world);
  });
});

describe('a signal that is never aborted', () => {
  test('has no listener left after an answer, a failure, repeats and a stream that was read', async () => {
    const { signal } = new AbortController();
    const world = new World({ script: 'a:500 a:500 a:200 b:429' });
    await world.run({ signal, fallbacks: ['big'] });
    await world.run({ signal, endpoint: 'a', model: 'none' });
    world.script = new World({ script: '*:400' }).script;
    await world.run({ signal });
    world.script = new World({ script: 'a:stream' }).script;
    await world.run({ signal, streamed: true });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    world.streams[0]?.end();
    await world.clock.advance(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(world.clock.pending).toBe(0);
  });

  test('has no more than one listener at a time', async () => {
    const { signal } = new AbortController();
    const world = new World({ endpoints: 'a', script: 'a:500;takes=10' });
    const call = world.start({ signal });
    let most = 0;
    for (let i = 0; i < 400; i += 1) {
      await world.clock.advance(5);
      most = Math.max(most, getEventListeners(signal, 'abort').length);
    }
    expect([(await call).outcome.kind, most]).toEqual(['server_error', 1]);
  });
});
