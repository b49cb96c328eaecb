import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cooldown } from '../../../packages/core/src/limits/cooldown.js';
import type { Outcome } from '../../../packages/core/src/outcome/outcome.js';
import { trailOf, World, type WorldOptions } from '../flow/world.js';

const noJitter = () => 0;
const mostJitter = () => 0.999999;
const told = (retryAfterMs?: number) => ({ retryAfterMs, floorMs: 2_000, isCertain: true });

describe('a cooldown', () => {
  test('lasts as long as the provider asked for', () => {
    const cooldown = new Cooldown();
    expect(cooldown.start(told(20_000), 0, noJitter)).toBe(20_000);
    expect([cooldown.leftMs(0), cooldown.leftMs(19_999), cooldown.leftMs(20_000)]).toEqual([20_000, 1, 0]);
  });

  test('is lengthened by up to a fifth, never shortened, so that clients do not come back together', () => {
    expect(new Cooldown().start(told(20_000), 0, mostJitter)).toBeCloseTo(24_000, 0);
  });

  test('begins at its floor without a word from the provider, and doubles up to a minute', () => {
    const cooldown = new Cooldown();
    const rests: number[] = [];
    let now = 0;
    for (let i = 0; i < 7; i += 1) {
      rests.push(cooldown.start(told(), now, noJitter));
      now += cooldown.leftMs(now);
    }
    expect(rests).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  test('may be longer than a minute when the provider says so', () => {
    expect(new Cooldown().start(told(300_000), 0, noJitter)).toBe(300_000);
  });

  test('lasts a day at the most', () => {
    expect(new Cooldown().start(told(3_600_000), 0, noJitter)).toBe(3_600_000);
    expect(new Cooldown().start(told(10 * 86_400_000), 0, noJitter)).toBe(86_400_000);
  });

  test('is as short as a first refusal says, but those who say so again are given more than they ask for', () => {
    const cooldown = new Cooldown();
    const rests = [0, 10_000, 20_000, 30_000].map((now) => cooldown.start(told(5), now, noJitter));
    expect(rests).toEqual([5, 2_000, 4_000, 8_000]);
  });

  test('is worth waiting for when its end is known', () => {
    const cooldown = new Cooldown();
    expect(cooldown.worthWaiting).toBe(false);
    cooldown.start({ ...told(), isCertain: false }, 0, noJitter);
    expect(cooldown.worthWaiting).toBe(false);
    cooldown.start({ ...told(900), isCertain: false }, 5_000, noJitter);
    expect(cooldown.worthWaiting).toBe(true);
  });

  test('starts from its floor again after an answer', () => {
    const cooldown = new Cooldown();
    cooldown.start(told(), 0, noJitter);
    cooldown.forgive(Number.POSITIVE_INFINITY);
    expect(cooldown.start(told(), 5_000, noJitter)).toBe(2_000);
  });

  test('is not shortened by a later, shorter one', () => {
    const cooldown = new Cooldown();
    cooldown.start(told(20_000), 0, noJitter);
    expect(cooldown.start(told(1_000), 1_000, noJitter)).toBe(19_000);
  });

  test('grows once for calls that were in flight together', () => {
    const cooldown = new Cooldown();
    for (let i = 0; i < 20; i += 1) cooldown.start(told(), 0, noJitter);
    expect(cooldown.leftMs(0)).toBe(2_000);
    expect(cooldown.start(told(), 2_000, noJitter)).toBe(4_000);
  });

  test('takes the longest word of calls that were in flight together', () => {
    const cooldown = new Cooldown();
    for (const asked of [1_000, 9_000, 3_000]) cooldown.start(told(asked), 0, noJitter);
    expect(cooldown.leftMs(0)).toBe(9_000);
  });

  // A fifth of an hour was twelve minutes in which a target that was well again was not asked.
  test('that is long gets no more than twelve seconds on top', () => {
    const cooldown = new Cooldown();
    cooldown.start(told(3_600_000), 0, () => 0.999);
    expect(cooldown.leftMs(0)).toBeGreaterThan(3_600_000);
    expect(cooldown.leftMs(0)).toBeLessThanOrEqual(3_612_000);
  });

  // What was left of three seconds passed for a brief rest near their end, and a call was let go before the time that was asked for.
  test('C7: that is long lets nobody go before its time, whatever is named near its end', () => {
    const cooldown = new Cooldown();
    let turns = 0;
    cooldown.line.join(() => {
      turns += 1;
    });
    cooldown.start(told(3_000), 0, noJitter);
    cooldown.start(told(500), 1_500, noJitter);
    cooldown.forgive(Number.POSITIVE_INFINITY);
    expect(turns).toBe(0);
    cooldown.start(told(500), 3_000, noJitter);
    cooldown.forgive(Number.POSITIVE_INFINITY);
    expect(turns).toBe(1);
  });

  // Answers to what had been sent before the refusal came in one by one, and each made the next rest as short as a first one.
  test('is no first one again by the answer to what was sent before it', () => {
    const cooldown = new Cooldown();
    const untold = { retryAfterMs: undefined, floorMs: 2_000, isCertain: true };
    cooldown.start(untold, 1_000, noJitter);
    cooldown.forgive(999);
    expect(cooldown.start(untold, 3_000, noJitter)).toBe(4_000);
    cooldown.forgive(3_000);
    expect(cooldown.start(untold, 7_000, noJitter)).toBe(2_000);
  });

  // A server that let fifteen a second in was asked by a busy process: there was a new refusal before what had been sent after the last one
  // was answered, so that its rests grew to minutes though it answered all the time.
  test('is a second one at most when what was sent between the two was answered', () => {
    const cooldown = new Cooldown();
    const untold = { retryAfterMs: undefined, floorMs: 100, isCertain: true };
    for (let second = 1; second <= 10; second += 1) {
      expect(cooldown.start(untold, second * 1_000, noJitter)).toBeLessThanOrEqual(200);
      cooldown.forgive(second * 1_000 - 500);
    }
  });

  test('can be ended by hand', () => {
    const cooldown = new Cooldown();
    cooldown.start(told(20_000), 0, noJitter);
    cooldown.end();
    expect(cooldown.leftMs(0)).toBe(0);
  });

  test('C7: is at least what was asked for, whatever came before, and never endless', () => {
    const asked = fc.option(fc.integer({ min: 0, max: 600_000 }), { nil: undefined });
    const step = fc.record({ asked, gap: fc.nat(100_000), dice: fc.double({ min: 0, max: 0.999, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(step, { size: 'max', maxLength: 60 }), (steps) => {
        const cooldown = new Cooldown();
        let now = 0;
        let promised = 0;
        for (const { asked, gap, dice } of steps) {
          now += gap;
          promised = Math.max(promised, now + (asked ?? 0));
          cooldown.start({ retryAfterMs: asked, floorMs: 1_000, isCertain: true }, now, () => dice);
          expect(now + cooldown.leftMs(now)).toBeGreaterThanOrEqual(promised);
          expect(cooldown.leftMs(now)).toBeLessThanOrEqual(600_000 + 12_000);
        }
      }),
    );
  });
});

describe('a cooling target', () => {
  test('is passed over until its time, and says why', async () => {
    const world = new World({ script: 'a:429;after=20000 a:200' });
    expect(await world.trail()).toBe('a:rate_limit b:ok');
    await world.clock.advance(21_999);
    expect(await world.trail()).toBe('b:ok');
    expect(world.of('target.skipped')).toMatchObject([{ target: 'a/m', reason: 'cooldown', leftMs: 1 }]);
    await world.clock.advance(1);
    expect(await world.trail()).toBe('a:ok');
  });

  test.each([
    ['a rate limit rests two seconds at least', '429', 2_200],
    ['an overload rests one second at least', '503', 1_100],
    ['an overload rests as long as it was asked to', '503;after=8000', 8_800],
  ])('%s', async (_, word, forMs) => {
    const world = new World({ script: `a:${word}` });
    await world.run();
    expect(world.of('cooldown.started')).toMatchObject([{ target: 'a/m', forMs }]);
    expect(world.target().cooldown.leftMs(0)).toBe(forMs);
  });

  test('C7: is not asked by a call that waited for it while another was told to stay away longer', async () => {
    const script = 'a:429;takes=1000;after=20000 a:429;after=2000 a:200';
    const world = new World({ endpoints: 'a', retries: { maxWaitMs: 3_000 }, script });
    const slow = world.start({ maxRetries: 0 });
    const quick = world.start();
    await world.clock.advance(60_000);
    expect((await slow).outcome.kind).toBe('rate_limit');
    expect((await quick).outcome.kind).toBe('rate_limit');
    expect(world.sent.map((one) => one.at)).toEqual([0, 0]);
  });

  // Found by the property C7: the quarantine, which a lone target is not held back by, hid the cooldown, which it is.
  test('C7: is not asked before its time when it is alone and its key was refused as well', async () => {
    const world = new World({ endpoints: 'a', script: 'a:402 a:429;after=10000 a:200' });
    await Promise.all([world.start({ maxRetries: 0 }), world.start({ maxRetries: 0 })]);
    await world.clock.advance(1);
    expect((await world.run({ timeoutMs: 2_000 })).outcome).toMatchObject({ kind: 'no_target', retryAfterMs: 10_999 });
    await world.clock.advance(10_999);
    expect(await world.trail()).toBe('a:ok');
  });

  test('with one model cooling, the endpoint’s other models go on', async () => {
    const world = new World({ endpoints: 'a', script: 'a/m:429;after=20000' });
    await world.run();
    expect(await world.trail({ model: 'big' })).toBe('a/big:ok');
  });

  test('when all rest nobody is asked, and the failure says for how long', async () => {
    const world = new World({ script: 'a:429;after=20000 b:503;after=10000' });
    await world.run();
    const { outcome, route, skipped } = await world.run();
    expect(outcome).toMatchObject({
      kind: 'no_target',
      retryAfterMs: 11_000,
      message: 'every target is resting: a/m (cooldown, 22 s left), b/m (cooldown, 11 s left)',
    });
    expect([route.attempts, skipped.map((one) => one.target)]).toEqual([[], ['a/m', 'b/m']]);
  });
});

describe('those who wait for the end of a rest', () => {
  test('have places that follow each other, ever closer, within two seconds', () => {
    const cooldown = new Cooldown();
    expect(cooldown.queueMs(0)).toBe(0);
    cooldown.start(told(1_000), 0, noJitter);
    const places = Array.from({ length: 1_000 }, () => cooldown.queueMs(10));
    expect(places.slice(0, 2).map(Math.round)).toEqual([0, 25]);
    expect(places.every((place, i) => i === 0 || place > (places[i - 1] ?? 0))).toBe(true);
    expect(places.at(-1)).toBeLessThanOrEqual(2_000);
    expect(cooldown.queueMs(1_000)).toBe(0);
    cooldown.start(told(1_000), 5_000, noJitter);
    expect(cooldown.queueMs(5_000)).toBe(0);
  });

  // A server that bears five calls at a time refused all sixty that had waited for it, again and again; the plain client lost a few.
  test('are not let go all at once, and stay when the first of them is refused again', async () => {
    const world = new World({
      endpoints: 'a',
      breaker: false,
      script: 'a:429;after=1000 a:200 a:200 a:429;after=1000 a:200',
    });
    await world.run({ maxRetries: 0 });
    const calls = Array.from({ length: 40 }, () => world.start());
    await world.clock.runUntilIdle(60_000);
    const kinds = (await Promise.all(calls)).map(({ outcome }) => outcome.kind);
    expect(kinds.filter((kind) => kind !== 'ok')).toEqual([]);
    expect(world.sent.length).toBe(42);
    expect(world.early).toEqual([]);
  });
});

// With a rest of a second after every refusal a server that bears five calls at a time was sent seven calls in a second, though it could
// answer thirty: calls took fifteen seconds, where the plain client took a fraction of one.
test('whoever waits at a server that bears so many calls at a time is let go whenever one of them is answered', async () => {
  const world = new World({ endpoints: 'a', breaker: {}, whenExhausted: 'panic' });
  let under = 0;
  let refused = 0;
  const attempt = (): Promise<Outcome<string>> => {
    if (under === 5) {
      refused += 1;
      return Promise.resolve({ kind: 'rate_limit', status: 429, retryAfterMs: 1_000, message: 'five at a time' });
    }
    under += 1;
    return new Promise((resolve) => {
      world.clock.setTimeout(() => {
        under -= 1;
        resolve({ kind: 'ok', reply: 'hello' });
      }, 150);
    });
  };
  const took: number[] = [];
  const calls: Promise<unknown>[] = [];
  for (let count = 0; count < 180; count += 1) {
    const startedAt = world.clock.now();
    calls.push(
      world.start({ attempt }).then(({ outcome }) => outcome.kind === 'ok' && took.push(world.clock.now() - startedAt)),
    );
    await world.clock.advance(count % 10 === 0 ? 0 : 34);
  }
  await world.clock.runUntilIdle(600_000);
  await Promise.all(calls);
  expect(took).toHaveLength(180);
  expect(took.sort((one, other) => one - other)[90]).toBeLessThan(2_000);
  expect(refused).toBeLessThan(90);
});

test.each<[string, WorldOptions]>([
  ['who named more than two seconds', { whenExhausted: 'panic', script: 'a:429;after=5000 a:200' }],
  ['where calls only wait', { whenExhausted: 'wait', script: 'a:429;after=1500 a:200' }],
])('nobody is let go before the time of a target %s', async (_, options) => {
  const world = new World({ endpoints: 'a', breaker: false, ...options });
  await world.run({ maxRetries: 0 });
  const calls = [world.start(), world.start()];
  world.target().cooldown.forgive(Number.POSITIVE_INFINITY);
  await world.clock.runUntilIdle(60_000);
  expect((await Promise.all(calls)).map(({ outcome }) => outcome.kind)).toEqual(['ok', 'ok']);
  expect(world.early).toEqual([]);
});

// Two answers to others ended a call that had been told to come back in two seconds, and would have been answered then.
test('who was told to wait waits, whoever is answered meanwhile', async () => {
  const world = new World({
    endpoints: 'a',
    whenExhausted: 'panic',
    breaker: false,
    script: 'a:200;takes=400 a:200;takes=700 a:429;after=2000 a:200',
  });
  const others = [world.start(), world.start()];
  const call = world.start();
  await world.clock.runUntilIdle(60_000);
  await Promise.all(others);
  expect(trailOf(await call)).toBe('a:rate_limit a:ok');
  expect(world.sent.at(-1)?.at).toBeGreaterThanOrEqual(2_000);
});

// Calls were sent with nothing left of their time, and the target was blamed for it.
test('a place in the line is never behind the time of the call', async () => {
  const world = new World({
    endpoints: 'a',
    whenExhausted: 'panic',
    breaker: {},
    script: 'a:429;after=3000 a:200;takes=50',
  });
  await world.run({ maxRetries: 0 });
  const calls = Array.from({ length: 100 }, () => world.start({ timeoutMs: 4_000 }));
  await world.clock.runUntilIdle(60_000);
  const kinds = (await Promise.all(calls)).map(({ outcome }) => outcome.kind);
  expect(kinds.filter((kind) => kind !== 'ok')).toEqual([]);
});

test('a pause of the call’s own is not stretched by a line', async () => {
  const world = new World({
    endpoints: 'a',
    whenExhausted: 'panic',
    breaker: false,
    script: `${'a:503 '.repeat(100)}a:200`,
  });
  const calls = Array.from({ length: 100 }, () => world.start());
  await world.clock.runUntilIdle(60_000);
  await Promise.all(calls);
  expect(world.sent.at(-1)?.at).toBeLessThan(500);
});

test('who looks around each second has one place in the line, not one for every look', async () => {
  const world = new World({
    endpoints: 'a',
    whenExhausted: 'wait',
    breaker: false,
    script: 'a:429;after=10000 a:200',
    random: () => 0,
  });
  await world.run({ maxRetries: 0 });
  const calls = Array.from({ length: 20 }, () => world.start());
  await world.clock.runUntilIdle(60_000);
  await Promise.all(calls);
  const [first = 0, last = 0] = [world.sent[1]?.at, world.sent.at(-1)?.at];
  expect(first).toBeLessThan(10_100);
  expect(last - first).toBeGreaterThan(300);
  expect(last).toBeLessThan(11_000);
});

test('whose turn it is does not go past a key that was refused meanwhile', async () => {
  const world = new World({
    endpoints: 'a@k b@k',
    whenExhausted: 'panic',
    breaker: false,
    script: 'a:429;after=1500 b:429;after=1500 *:200',
  });
  await world.run({ maxRetries: 0 });
  const call = world.start();
  await world.clock.advance(400);
  world.engine.registry.credential('k').start('auth', world.clock.now());
  world.target('a').cooldown.forgive(Number.POSITIVE_INFINITY);
  await world.clock.advance(1);
  expect(world.sent).toHaveLength(2);
  await world.clock.runUntilIdle(600_000);
  await call;
});

// The turn was lost with whoever could not use it, and all the others waited to the end of the rest.
describe('a turn that its caller cannot use goes to the next', () => {
  const options = { whenExhausted: 'panic', breaker: false } as const;

  test('when the caller leaves at that very instant', async () => {
    const world = new World({ ...options, endpoints: 'a', script: 'a:429;after=1500 a:200' });
    await world.run({ maxRetries: 0 });
    const leaving = new AbortController();
    void world.start({ signal: leaving.signal });
    void world.start();
    await world.clock.advance(100);
    world.target().cooldown.forgive(Number.POSITIVE_INFINITY);
    leaving.abort();
    await world.clock.advance(1);
    expect(world.sent).toHaveLength(2);
  });

  test('when its own key was refused meanwhile, and once at the most', async () => {
    const world = new World({ ...options, script: 'a:429;after=1500 b:429;after=1900 *:200' });
    await world.run({ maxRetries: 0 });
    for (const key of ['mine', 'mine', 'yours']) void world.start({ credentialOf: () => key });
    await world.clock.advance(100);
    world.engine.registry.credential('mine').start('auth', world.clock.now());
    const before = world.sent.length;
    world.target().cooldown.forgive(Number.POSITIVE_INFINITY);
    await world.clock.advance(1);
    expect(world.sent).toHaveLength(before + 1);
  });
});
