import { describe, expect, test } from 'vitest';
import type { Call } from '../../../packages/core/src/flow/call.js';
import type { Probe, ProbeResult } from '../../../packages/core/src/flow/look-at.js';
import type { HealthOptions } from '../../../packages/core/src/health/options.js';
import { trailOf, World, type WorldOptions } from './world.js';

const good = async (): Promise<ProbeResult> => ({ verdict: 'good', status: 200, roundTripMs: 40 });
const bad = async (): Promise<ProbeResult> => ({ verdict: 'bad', status: 503, message: 'HTTP 503' });
const never: Probe = () => new Promise(() => {});
/** Finds the endpoints of these names well, and all others not. */
const only =
  (...well: string[]): Probe =>
  ({ id }) =>
    well.includes(id) ? good() : bad();

function worldOf(finds: Probe, options: HealthOptions = {}, more: WorldOptions = {}): World {
  return new World({ health: { finds, ...options }, ...more });
}

/** One call, at this very moment: its trail. A clock that runs until nothing is left would run for ever with `active`. */
async function ask(world: World, given?: Partial<Call<string>>): Promise<string> {
  const call = world.start(given);
  await world.clock.advance(0);
  return trailOf(await call);
}

/** A call each so many milliseconds, for so long; the last one's trail. */
async function traffic(world: World, forMs: number, eachMs = 1_000): Promise<string> {
  let trail = '';
  for (const end = world.clock.now() + forMs; world.clock.now() < end; await world.clock.advance(eachMs))
    trail = await ask(world);
  return trail;
}

/** Probes an endpoint by hand until it is down. */
async function fell(world: World): Promise<void> {
  for (let probe = 0; probe < 3; probe += 1) await world.engine.checkup.check();
}

describe('on demand', () => {
  test('an endpoint that has not been used for a minute is probed beside the next call, and then each half minute', async () => {
    const world = worldOf(good);
    await traffic(world, 59_000);
    expect(world.probed).toEqual([]);
    await traffic(world, 70_000, 500);
    expect(world.probed).toEqual(['b@60000', 'b@90000', 'b@120000']);
  });

  test('no call means no probe, and no timer is owned; who is asked by the call itself need not be probed', async () => {
    const world = worldOf(good);
    await traffic(world, 2_000);
    await world.clock.advance(600_000);
    expect([world.probed, world.clock.pending]).toEqual([[], 0]);
    await ask(world);
    await world.clock.advance(0);
    expect([world.probed, world.clock.pending]).toEqual([['b@602000'], 0]);
  });

  test('the call does not wait for the probe, and goes out before it', async () => {
    const order: string[] = [];
    const world = worldOf(() => {
      order.push('probe');
      return new Promise(() => {});
    });
    await traffic(world, 2_000);
    await world.clock.advance(60_000);
    const call = world.callOf();
    const attempt: typeof call.attempt = (...given) => {
      order.push('call');
      return call.attempt(...given);
    };
    await world.engine.execute({ ...call, attempt });
    await world.clock.advance(0);
    expect(order).toEqual(['call', 'probe']);
    expect(world.clock.pending).toBe(1);
    await world.clock.advance(5_000);
    expect(world.clock.pending).toBe(0);
  });

  // A breaker's own probe is back after five seconds; a request more in the first moments of an outage would tell nobody anything.
  test('an endpoint whose breaker opens is left to that for the first interval', async () => {
    const world = worldOf(bad, { intervalMs: 10_000 }, { script: 'a:500', retries: { budget: false } });
    await traffic(world, 9_000);
    expect(world.of('breaker.opened')).not.toEqual([]);
    expect(world.probed).toEqual([]);
    await traffic(world, 8_000);
    expect(world.probed).toEqual(['a@15000']);
  });

  test('an endpoint that rests because it asked for that is not probed', async () => {
    const world = worldOf(good, { intervalMs: 1_000, idleMs: 1_000 }, { script: 'a:429;after=40000' });
    await traffic(world, 39_000);
    expect(world.probed.filter((probe) => probe.startsWith('a'))).toEqual([]);
  });

  test('a lone endpoint is not probed', async () => {
    const world = worldOf(good, { idleMs: 1_000 }, { endpoints: 'a' });
    await ask(world);
    await world.clock.advance(600_000);
    await ask(world);
    await world.clock.advance(0);
    expect(world.probed).toEqual([]);
  });

  test('at most two probes are under way at a time', async () => {
    const world = worldOf(never, {}, { endpoints: 'a b c d e' });
    await ask(world);
    await world.clock.advance(61_000);
    await traffic(world, 4_000, 500);
    expect(world.probed.map((probe) => probe.split('@')[0])).toEqual(['b', 'c']);
  });
});

describe('active', () => {
  test('probes everybody from the first call on, at each interval, until it is closed', async () => {
    const world = worldOf(good, { mode: 'active' });
    await world.clock.advance(100_000);
    expect([world.probed, world.clock.pending]).toEqual([[], 0]);
    await ask(world);
    await world.clock.advance(60_000);
    expect(world.probed).toEqual(['a@100000', 'b@100000', 'a@130000', 'b@130000', 'a@160000', 'b@160000']);
    world.engine.checkup.close();
    expect(world.clock.pending).toBe(0);
    await ask(world);
    await world.clock.advance(600_000);
    expect(world.probed).toHaveLength(6);
  });

  test('a check by hand starts it as well, and looks at nobody twice', async () => {
    const world = worldOf(good, { mode: 'active' });
    await world.engine.checkup.check();
    expect(world.probed).toEqual(['a@0', 'b@0']);
    await world.clock.advance(30_000);
    expect(world.probed).toHaveLength(4);
  });

  test('more endpoints than may be probed at a time have their turn', async () => {
    const slow: Probe = (endpoint) => {
      return new Promise((resolve) => world.clock.setTimeout(() => resolve(only('a')(endpoint, idle)), 1_000));
    };
    const idle = new AbortController().signal;
    const world = worldOf(slow, { mode: 'active' }, { endpoints: 'a b c d e' });
    await ask(world);
    await world.clock.advance(2_500);
    expect(world.probed).toEqual(['a@0', 'b@0', 'c@1000', 'd@1000', 'e@2000']);
  });

  test('its timers keep no process alive', async () => {
    const freed: unknown[] = [];
    const platform: NonNullable<WorldOptions['platform']> = (clock) => ({
      ...clock,
      now: clock.now,
      unref: (timer) => void freed.push(timer),
    });
    const world = worldOf(never, { mode: 'active' }, { endpoints: 'a', platform });
    await ask(world);
    await world.clock.advance(0);
    expect(freed).toHaveLength(2);
  });
});

describe('three failed probes', () => {
  test('make an endpoint be passed over, before any call has failed there', async () => {
    const world = worldOf(only('b'));
    await fell(world);
    expect(world.of('health.down')).toMatchObject([{ endpoint: 'a', region: 'a-region', probes: 3 }]);
    expect(await ask(world)).toBe('b:ok');
    expect(world.of('target.skipped')).toMatchObject([{ target: 'a/m', reason: 'health' }]);
    expect(world.of('request.succeeded')).toMatchObject([{ target: 'b/m', rerouted: true }]);
    expect(world.engine.status().targets).toMatchObject([{ state: 'down' }, { state: 'ready' }]);
  });

  test('of everybody stop no call, and nobody is said to have been passed over', async () => {
    const world = worldOf(bad);
    await fell(world);
    expect(await ask(world)).toBe('a:ok');
    expect(world.of('target.skipped')).toEqual([]);
  });

  test('of the only endpoint stop no call', async () => {
    const world = worldOf(bad, {}, { endpoints: 'a' });
    await fell(world);
    expect(world.of('health.down')).toHaveLength(1);
    expect(await ask(world)).toBe('a:ok');
  });

  test('leave an endpoint to be asked when everybody else has failed', async () => {
    const world = worldOf(only('b'), {}, { script: 'b:500' });
    await fell(world);
    expect(await ask(world)).toBe('b:server_error a:ok');
  });

  test('leave it to be asked before an answer is given up, after other models', async () => {
    const world = worldOf(only('b'), {}, { endpoints: 'a=m b=big', script: 'b/big:500' });
    await fell(world);
    expect(await ask(world, { fallbacks: ['big'] })).toBe('b/big:server_error a:ok');
  });

  test('do not keep a call away that is for that endpoint alone', async () => {
    const world = worldOf(only('b'));
    await fell(world);
    expect(await ask(world, { endpoint: 'a' })).toBe('a:ok');
  });

  test('are forgotten when an answer comes from there, and everybody is told', async () => {
    const world = worldOf(only('b'));
    await fell(world);
    await ask(world, { endpoint: 'a' });
    expect(world.of('health.up')).toMatchObject([{ endpoint: 'a', because: 'call', requestId: expect.any(String) }]);
    expect(await ask(world)).toBe('a:ok');
  });

  test('are made up for by two good ones', async () => {
    let finds = only('b');
    const world = worldOf((...given) => finds(...given));
    await fell(world);
    finds = good;
    await world.engine.checkup.check();
    expect(world.of('health.up')).toEqual([]);
    await world.engine.checkup.check();
    expect(world.of('health.up')).toMatchObject([{ endpoint: 'a', because: 'probes' }]);
    expect(await ask(world)).toBe('a:ok');
  });

  // The list of models was down for hours at a provider whose chats went through all the time.
  test('count for nothing while calls are answered there', async () => {
    const world = worldOf(bad, { mode: 'active', intervalMs: 5_000 }, { endpoints: 'a' });
    await traffic(world, 60_000);
    expect(world.of('health.probed').length).toBeGreaterThan(10);
    expect(world.of('health.down')).toEqual([]);
  });

  test('change nothing with health: false, but are answered', async () => {
    const world = worldOf(bad, { mode: 'off' });
    await fell(world);
    expect(await ask(world)).toBe('a:ok');
    expect((await world.engine.checkup.check()).map(({ verdict, state }) => [verdict, state])).toEqual([
      ['bad', 'up'],
      ['bad', 'unknown'],
    ]);
  });
});

describe('a good probe', () => {
  const broken = {
    script: 'a:connect a:connect a:connect a:connect a:connect a:200',
    retries: { budget: false },
  } as const;

  test('ends the wait of an open breaker, and closes none', async () => {
    const world = worldOf(good, {}, broken);
    for (let call = 0; call < 5; call += 1) await ask(world);
    await world.clock.advance(1_000);
    expect(world.target('a').breaker.peek(world.clock.now())).toBe('rejected');
    await world.engine.checkup.check();
    expect(world.target('a').breaker.peek(world.clock.now())).toBe('probe');
    expect(world.target('a').transport.peek(world.clock.now())).toBe('probe');
    expect(world.of('breaker.closed')).toEqual([]);
    expect(await ask(world)).toBe('a:ok');
  });

  test('does not end one that began while it was under way', async () => {
    const world = worldOf(
      () => new Promise((resolve) => world.clock.setTimeout(() => resolve({ verdict: 'good' }), 900)),
      {},
      broken,
    );
    const checked = world.engine.checkup.check();
    await world.clock.advance(500);
    for (let call = 0; call < 5; call += 1) await ask(world);
    await world.clock.advance(400);
    await checked;
    expect(world.target('a').breaker.peek(world.clock.now())).toBe('rejected');
  });

  test('leaves alone what somebody opened by hand, and a rest that was asked for', async () => {
    const world = worldOf(good, {}, { script: 'b:429;after=9000' });
    world.engine.target('a/m').breaker.open();
    await ask(world);
    await world.engine.checkup.check();
    expect(world.engine.status().targets).toMatchObject([{ state: 'open' }, { state: 'cooling' }]);
  });

  test('leaves the breaker of a model alone: that is open because of every place', async () => {
    const world = worldOf(
      good,
      {},
      { breaker: { scope: 'model', jitter: 0 }, script: 'a:500 b:500', retries: { budget: false } },
    );
    while (world.of('breaker.opened').length === 0) await world.run({ maxRetries: 0 });
    await world.clock.advance(1_000);
    await world.engine.checkup.check();
    expect(world.target('a').breaker.peek(world.clock.now())).toBe('rejected');
  });

  test('measures how far the endpoint is', async () => {
    const world = worldOf(good);
    await world.engine.checkup.check();
    expect(world.engine.registry.roundTripOf('a').ms(world.clock.now())).toBe(40);
  });

  test('made while the process was busy does not say how far an endpoint is', async () => {
    const world = worldOf(async () => ({ verdict: 'good', roundTripMs: 40, isExact: false }));
    const [reading] = await world.engine.checkup.check();
    expect(reading).toMatchObject({ state: 'up', roundTripMs: 40 });
    expect(world.engine.registry.roundTripOf('a').ms(world.clock.now())).toBe(0);
  });
});

describe('a refused key', () => {
  const refused = async (): Promise<ProbeResult> => ({ verdict: 'refused', status: 401, message: 'HTTP 401' });

  test('rests before a call has to find out, and is not asked with meanwhile', async () => {
    const world = worldOf(({ id }) => (id === 'a' ? refused() : good()), { mode: 'active' });
    await world.engine.checkup.check();
    expect(world.of('quarantine.started')).toMatchObject([
      { target: 'a/*', endpoint: 'a', scope: 'credential', reason: 'auth', forMs: 300_000 },
    ]);
    expect(await ask(world)).toBe('b:ok');
    await world.clock.advance(299_000);
    expect(world.probed.filter((probe) => probe.startsWith('a'))).toEqual(['a@0']);
  });

  // A probe of an idle endpoint took away the key that answered calls at another one all the time.
  test('is not taken away from an endpoint where it has just been good for a call', async () => {
    const world = worldOf(({ id }) => (id === 'b' ? refused() : good()), { mode: 'active' }, { endpoints: 'a@k b@k' });
    for (let count = 0; count < 60; count += 1) {
      await ask(world);
      await world.clock.advance(1_000);
    }
    expect(world.of('quarantine.started')).toEqual([]);
    expect(world.sent.every(({ target }) => target === 'a/m')).toBe(true);
    world.engine.checkup.close();
  });

  // A key that may chat, and nothing else, is refused the list of models.
  test('does not rest where a call was answered with it a moment ago', async () => {
    const world = worldOf(refused);
    await ask(world);
    await world.clock.advance(20_000);
    await world.engine.checkup.check();
    expect(world.of('quarantine.started').map(({ endpoint }) => endpoint)).toEqual(['b']);
  });
});

test('an endpoint that cannot be probed is left to its calls for an hour', async () => {
  const world = worldOf(async () => ({ verdict: 'unsupported', status: 404 }), { mode: 'active' }, { endpoints: 'a' });
  await ask(world);
  await world.clock.advance(3_599_000);
  expect(world.probed).toEqual(['a@0']);
  await world.clock.advance(2_000);
  expect(world.probed).toHaveLength(2);
});

describe('a probe', () => {
  test('that takes too long is aborted, and has failed', async () => {
    let signal: AbortSignal | undefined;
    const world = worldOf((_endpoint, given) => {
      signal = given;
      return new Promise(() => {});
    });
    const checked = world.engine.checkup.check();
    await world.clock.advance(5_000);
    expect(await checked).toMatchObject([{ verdict: 'bad', message: 'no answer within 5 s' }, {}]);
    expect([signal?.aborted, world.clock.pending]).toEqual([true, 0]);
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('sk-canary'))],
    [
      'throws',
      () => {
        throw new Error('sk-canary');
      },
    ],
  ])('that %s has failed, and what it says is not repeated', async (_what, finds) => {
    const world = worldOf(finds);
    const [reading] = await world.engine.checkup.check();
    expect(reading).toMatchObject({ verdict: 'bad', message: 'the probe failed' });
    expect(JSON.stringify(world.heard)).not.toContain('canary');
    expect(await ask(world)).toBe('a:ok');
  });

  test('is told of with what it found', async () => {
    const world = worldOf(only('a'));
    await world.engine.checkup.check();
    expect(world.of('health.probed')).toMatchObject([
      { endpoint: 'a', region: 'a-region', verdict: 'good', status: 200, roundTripMs: 40, durationMs: 0 },
      { endpoint: 'b', verdict: 'bad', status: 503, message: 'HTTP 503' },
    ]);
  });

  test('under way when everything is closed counts for nothing, and who asked for it is answered', async () => {
    const world = worldOf(never);
    const checked = world.engine.checkup.check();
    world.engine.checkup.close();
    expect((await checked).map(({ verdict }) => verdict)).toEqual(['unclear', 'unclear']);
    expect(world.clock.pending).toBe(0);
  });

  test('by hand joins the one that is under way, two at a time', async () => {
    const world = worldOf(
      () => new Promise((resolve) => world.clock.setTimeout(() => resolve({ verdict: 'good' }), 100)),
      {},
      {
        endpoints: 'a b c',
      },
    );
    const both = Promise.all([world.engine.checkup.check(), world.engine.checkup.check()]);
    await world.clock.advance(1_000);
    const [first, second] = await both;
    expect(world.probed).toEqual(['a@0', 'b@0', 'c@100']);
    expect(first.map(({ endpoint }) => endpoint)).toEqual(['a', 'b', 'c']);
    expect(second).toEqual(first);
  });
});
