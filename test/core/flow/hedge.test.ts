import { describe, expect, test } from 'vitest';
import { World, type WorldOptions } from './world.js';

const hedging = { delayMs: 500 };
const call = { hedgeable: true };
const worldOf = (script: string, more: WorldOptions = {}) => new World({ hedging, script, ...more });
const sent = (world: World) => world.sent.map(({ target, at }) => `${target}@${at}`);

describe('a call that is kept waiting', () => {
  test('asks a second target after a while, and takes the answer that comes first', async () => {
    const world = worldOf('a:200;takes=3000 b:200;takes=100');
    const { outcome, route } = await world.run(call);
    expect(outcome).toMatchObject({ kind: 'ok', reply: 'b/m' });
    expect(world.clock.now()).toBeLessThan(3_100);
    expect(sent(world)).toEqual(['a/m@0', 'b/m@500']);
    expect(route).toMatchObject({ target: 'b/m', failover: true });
    expect(route.attempts.map(({ target, kind }) => `${target}:${kind}`)).toEqual(['a/m:attempt_timeout', 'b/m:ok']);
    expect(world.of('hedge.sent')).toMatchObject([{ from: 'a/m', to: 'b/m', delayMs: 500 }]);
    expect(world.of('hedge.won')).toMatchObject([{ from: 'a/m', to: 'b/m' }]);
  });

  test('takes the first target’s answer when that is sooner after all', async () => {
    const world = worldOf('a:200;takes=600 b:200;takes=400');
    const { outcome, route } = await world.run(call);
    expect(outcome).toMatchObject({ kind: 'ok', reply: 'a/m' });
    expect(route.attempts.map(({ target, kind }) => `${target}:${kind}`)).toEqual(['b/m:caller_abort', 'a/m:ok']);
    expect(world.names).toContain('hedge.lost');
  });

  test('asks nobody else when the answer, or a failure, comes in time', async () => {
    const world = worldOf('a:200;takes=499');
    await world.run(call);
    expect(sent(world)).toEqual(['a/m@0']);
    expect(world.clock.pending).toBe(0);
    const failing = worldOf('a:500;takes=100 b:200');
    expect(await failing.trail(call)).toBe('a:server_error b:ok');
    expect(failing.names).not.toContain('hedge.sent');
  });

  test('is answered by the first content of a stream, and the loser’s stream is let go', async () => {
    const world = worldOf('a:stream;takes=2000 b:stream;takes=100');
    const conclusion = world.start({ ...call, streamed: true });
    await world.clock.advance(700);
    expect((await conclusion).outcome).toMatchObject({ kind: 'ok', reply: 'b/m' });
    expect(world.streams.map(({ target }) => target)).toEqual(['b/m']);
    expect(world.streams[0]?.signal.aborted).toBe(false);
    world.streams[0]?.end();
    await world.clock.advance(5_000);
    expect(world.engine.stats().targets['b/m']).toMatchObject({ succeeded: 1, inFlight: 0 });
    expect(world.engine.stats().targets['a/m']).toMatchObject({ failed: 1, inFlight: 0 });
  });
});

describe('who loses', () => {
  // Whoever was overtaken counted as refused: what a target bears shrank with every hedge, and calls of its model were held back.
  test('has not said that it was given too much', async () => {
    const limits = { concurrency: 'adaptive', throttle: true, learn: false } as const;
    const always = { delayMs: 500, budget: { capacity: 1_000, perRequest: 1 } };
    const world = worldOf('a:hang b:200;takes=10', { limits, hedging: always, breaker: false, random: () => 0 });
    for (let count = 0; count < 60; count += 1) expect((await world.run(call)).outcome.kind).toBe('ok');
    expect(world.of('hedge.won').length).toBeGreaterThan(10);
    expect(world.engine.target('a/m').status().limits['a/m (adaptive)']?.concurrency).toBeGreaterThanOrEqual(8);
    expect(world.engine.throttleOf('m')?.chance(world.clock.now())).toBe(0);
  });

  // Were the loser ignored, hedging would hide a sick target for ever.
  test('as the first target has failed by being too slow', async () => {
    const world = worldOf('a:hang b:200;takes=10', { breaker: { failureStreak: 3, jitter: 0 } });
    for (let count = 0; count < 3; count += 1) await world.run(call);
    expect(world.of('breaker.opened')).toMatchObject([{ target: 'a/m' }]);
    expect(world.target('a').meter.successRate(world.clock.now())).toBeLessThan(0.6);
    expect(world.target('a').meter.inFlight).toBe(0);
  });

  test('as the second target has done nothing wrong', async () => {
    const world = worldOf('a:200;takes=600 b:hang');
    await world.run(call);
    expect(world.target('b').meter.successRate(world.clock.now())).toBe(1);
    expect(world.target('b').breaker.snapshot(world.clock.now()).stats.total).toBe(0);
    expect(world.target('b').meter.inFlight).toBe(0);
  });

  test('is not waited for, and what it brings too late is let go', async () => {
    const world = worldOf('a:200;takes=3000;deaf b:200;takes=10');
    const conclusion = world.start(call);
    await world.clock.advance(520);
    expect((await conclusion).outcome).toMatchObject({ reply: 'b/m' });
    await world.clock.advance(5_000);
    expect(world.discarded).toEqual(['a/m']);
    expect(world.clock.pending).toBe(0);
  });
});

describe('when both fail', () => {
  test('it is the failure of the first that is shown, and the call goes on', async () => {
    const world = worldOf('a:500;takes=700 b:503;takes=400 c:200', { endpoints: 'a b c' });
    const { outcome, route } = await world.run(call);
    expect(outcome).toMatchObject({ kind: 'ok', reply: 'c/m' });
    expect(route.attempts.map(({ endpoint }) => endpoint)).toEqual(['a', 'b', 'c']);
    const lost = worldOf('a:500;takes=700 b:503;takes=400', { breaker: false });
    expect((await lost.run({ ...call, maxRetries: 0 })).outcome).toMatchObject({ kind: 'server_error', reply: 'a/m' });
    // The second failed sooner, and its error was shown for a target that nobody had asked for.
    const sooner = worldOf('a:500;takes=900 b:503;takes=100', { breaker: false });
    expect((await sooner.run({ ...call, maxRetries: 0 })).outcome).toMatchObject({
      kind: 'server_error',
      reply: 'a/m',
    });
  });

  test('a mistake of the caller’s ends the race: no other target could mend it', async () => {
    const world = worldOf('a:400;takes=600 b:200;takes=5000');
    const { outcome } = await world.run(call);
    expect(outcome.kind).toBe('caller_error');
    expect(world.clock.now()).toBe(600);
  });

  test('a mistake of the caller’s that the second target finds does not make the first one slow', async () => {
    const world = worldOf('a:hang b:400;takes=10');
    expect((await world.run(call)).outcome.kind).toBe('caller_error');
    expect(world.target('a').meter.successRate(world.clock.now())).toBe(1);
  });

  test('the abort of the caller ends both', async () => {
    const world = worldOf('a:hang b:hang');
    const controller = new AbortController();
    const conclusion = world.start({ ...call, signal: controller.signal });
    await world.clock.advance(1_000);
    controller.abort();
    expect((await conclusion).outcome.kind).toBe('caller_abort');
    expect([world.target('a').meter.inFlight, world.target('b').meter.inFlight, world.clock.pending]).toEqual([
      0, 0, 0,
    ]);
  });
});

describe('nobody is asked twice', () => {
  test.each<[string, WorldOptions, object]>([
    ['without the option', { hedging: undefined as never }, call],
    ['for what may not be sent twice', {}, {}],
    ['where there is only one target', { endpoints: 'a' }, call],
  ])('%s', async (_, options, given) => {
    const world = worldOf('a:200;takes=3000 b:200', options);
    await world.run(given);
    expect(sent(world)).toEqual(['a/m@0']);
  });

  test('where the other target is not well', async () => {
    const world = worldOf('a:200;takes=3000 b:200');
    world.engine.target('b/m').breaker.open();
    await world.run(call);
    expect(sent(world)).toEqual(['a/m@0']);
    expect(world.of('hedge.denied')).toMatchObject([{ from: 'a/m', reason: 'no target' }]);
  });

  test('beyond the budget', async () => {
    const world = worldOf('*:200;takes=3000', { hedging: { delayMs: 500, budget: { capacity: 2, perRequest: 0 } } });
    for (let count = 0; count < 4; count += 1) await world.run(call);
    expect(world.of('hedge.sent')).toHaveLength(2);
    expect(world.of('hedge.denied')).toMatchObject([{ reason: 'budget' }, { reason: 'budget' }]);
  });
});

test('with enough answers known the first is given as long as nearly all of them take', async () => {
  const world = worldOf('*:200;takes=300', { hedging: {} });
  for (let count = 0; count < 100; count += 1) await world.run();
  world.script = worldOf('a:200;takes=3000 b:200;takes=10').script;
  const before = world.clock.now();
  await world.run(call);
  expect(world.of('hedge.sent')).toMatchObject([{ from: 'a/m' }]);
  expect(world.clock.now() - before).toBeGreaterThan(300);
  expect(world.of('hedge.sent')[0]?.delayMs).toBeLessThan(330);
});

// What ended the race was told to the plan as an abort of the caller's: fallback models were lost, and the caller saw our words.
test('a prompt that is too long goes on to the fallback models in a race too', async () => {
  const world = worldOf('a/m:context_window;takes=700 b/m:hang a/big:200');
  expect(await world.trail({ ...call, fallbacks: ['big'] })).toBe('b:caller_abort a:context_window a/big:ok');
  const alone = worldOf('a:400;takes=700 b:hang');
  expect((await alone.run(call)).outcome).toMatchObject({ kind: 'caller_error', reply: 'a/m' });
});

test('a call keeps to its time, whoever is asked last', async () => {
  const world = worldOf('*:hang', { hedging: { delayMs: 800 } });
  await world.run({ ...call, timeoutMs: 1_000, clocks: { attemptMs: 900 } });
  expect(world.clock.now()).toBeLessThanOrEqual(1_000);
});

// The first was taken for somebody to go on to, though it was asked already: the second was cut off at half, and the call was lost.
test('a second target has all the time that is left when there is no third', async () => {
  const silent = worldOf('a:hang b:200;takes=40000');
  expect((await silent.run(call)).route).toMatchObject({ target: 'b/m', latencyMs: 40_500 });
  const three = worldOf('a:hang b:hang c:200', { endpoints: 'a b c' });
  await three.run(call);
  expect(sent(three)).toEqual(['a/m@0', 'b/m@500', 'c/m@30250']);
});

test('who has waited for a rest is not asked beside', async () => {
  const world = worldOf('a:429;after=1000 b:429;after=1000 *:200;takes=900', { breaker: false });
  await world.run({ maxRetries: 0 });
  await world.run(call);
  expect(world.names).not.toContain('hedge.sent');
});
