import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { sharedBreakers } from '../../../packages/core/src/breaker/process-wide.js';
import type { Call } from '../../../packages/core/src/flow/call.js';
import type { ExplainedTarget, Explanation } from '../../../packages/core/src/flow/explanation.js';
import { tableOf } from '../../../packages/core/src/flow/explanation-table.js';
import { type StrategyName, strategies } from '../../../packages/core/src/routing/options.js';
import { Script } from './script.js';
import { World, type WorldOptions } from './world.js';

const NAMES = Object.keys(strategies) as StrategyName[];

const explain = (world: World, call: Partial<Call<string>> = {}): Explanation =>
  world.engine.explain(world.callOf(call));

/** A target in an explanation. */
function at(explanation: Explanation, id: string): ExplainedTarget {
  const found = explanation.models.flatMap(({ targets }) => targets).find(({ target }) => target === id);
  if (!found) throw new Error(`${id} is not in the explanation`);
  return found;
}

/** Endpoints that are at work, fail, cool down, rest for their key, and come back; with a fallback that only some of them serve. */
async function townAtWork(): Promise<World> {
  const world = new World({
    endpoints: 'seoul tokyo singapore frankfurt virginia=m oregon@dead backup ireland',
    places: { seoul: { region: 'asia' }, tokyo: { region: 'asia', weight: 2 }, backup: { tier: 1 } },
    routing: { strategy: 'adaptive', preferRegion: 'asia' },
    breaker: { failureStreak: 1, openMs: 30_000, closeAfter: 1, jitter: 0, slowStartMs: 10_000 },
    script: 'singapore:500 frankfurt:429;after=40000 oregon:401 virginia:500 virginia:200 seoul:200;takes=180',
    health: {
      ...{ mode: 'passive', fall: 1 },
      finds: async ({ id }) => ({ verdict: id === 'tokyo' ? 'bad' : 'good', roundTripMs: 45 }),
    },
  });
  for (const endpoint of ['virginia', 'singapore', 'frankfurt', 'oregon']) await world.run({ endpoint, maxRetries: 0 });
  for (let call = 0; call < 30; call += 1) {
    const answer = world.start({ endpoint: 'seoul' });
    await world.clock.advance(200);
    await answer;
  }
  await world.engine.checkup.check();
  await world.clock.advance(24_000);
  await world.run({ endpoint: 'virginia', maxRetries: 0 });
  await world.clock.advance(3_000);
  world.engine.target('singapore/m').breaker.openFor(8_000, 'by hand');
  world.script = new Script('seoul:hang');
  void world.start({ endpoint: 'seoul' });
  return world;
}

/** What is told of it, with figures that no tuning changes. */
const TABLE = `a whole answer of m, by adaptive, at most 8 attempts

m; tier 0 goes first; the preferred region asia is too dear, and is not preferred; calls with this sticky key
are at home at virginia/m
#  endpoint   first   cost  expected    rtt  success  in flight  answers  tier  weight
1  seoul       70 %    637    637 ms  45 ms    100 %    1 of 16       27     0       1
2  backup         -  12346     1.2 s  45 ms    100 %          0        0     1       1
3  virginia    30 %  12346     1.2 s  45 ms    100 %          0        0     0       1
   slow start: 30 % of its calls
8  tokyo          -  12346     1.2 s  45 ms    100 %          0        0     0       2
   its probes fail, 78 s left; asked all the same
-  singapore      -  12346     1.2 s  45 ms     93 %          0        0     0       1  breaker open, 8 s left
-  frankfurt      -  12346     1.2 s  45 ms    100 %          0        0     0       1
   cooling down, 11 s left
-  oregon         -  12346     1.2 s  45 ms    100 %          0        0     0       1
   quarantined (auth), 4 min left
   left out, excluded by the request: ireland

small; tier 0 goes first; the preferred region asia goes first
#  endpoint   first   cost  expected    rtt  success  in flight  answers  tier  weight
4  seoul      100 %  12346     1.2 s  45 ms    100 %          0        0     0       1
5  frankfurt      -  12346     1.2 s  45 ms    100 %          0        0     0       1
6  singapore      -  12346     1.2 s  45 ms    100 %          0        0     0       1
7  backup         -  12346     1.2 s  45 ms    100 %          0        0     1       1
-  tokyo          -  12346     1.2 s  45 ms    100 %          0        0     0       2
   its probes fail, 78 s left
-  oregon         -  12346     1.2 s  45 ms    100 %          0        0     0       1
   quarantined (auth), 4 min left
   left out, do not serve it: virginia
   left out, excluded by the request: ireland
`;

/** The same with figures that stand for what was measured; those of seoul are of many answers. */
function pinned(explanation: Explanation): Explanation {
  const figures = (isKnown: boolean, success: number) => {
    const measured = isKnown ? { cost: 637.2, expectedMs: 637.2, samples: 27.4, capacity: 16 } : { samples: 0 };
    return {
      cost: 12_345.6,
      expectedMs: 1_234,
      averageMs: 0,
      rttMs: 45,
      capacity: undefined,
      successRate: success,
      ...measured,
    };
  };
  const models = explanation.models.map((model) => {
    const targets = model.targets.map((one) => {
      return { ...one, ...figures(one.target === 'seoul/m', one.successRate < 1 ? 0.931 : 1) };
    });
    return { ...model, targets };
  });
  return { ...explanation, models };
}

describe('the plan of a call', () => {
  test('is told as a table', async () => {
    const world = await townAtWork();
    const explanation = explain(world, { fallbacks: ['small'], stickyKey: 'a conversation', exclude: ['ireland'] });
    expect(`${tableOf(pinned(explanation))}\n`).toBe(TABLE);
    expect(String(explanation)).toBe(tableOf(explanation));
  });

  test('is plain frozen data, in which nothing is lost as JSON', async () => {
    const explanation = explain(await townAtWork(), { fallbacks: ['small'], stickyKey: 'a conversation' });
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
    expect(structuredClone(explanation)).toEqual(explanation);
    expect(Object.keys(explanation)).not.toContain('toString');
    expect(
      [explanation, at(explanation, 'seoul/m'), at(explanation, 'singapore/m').reasons[0]].every(Object.isFrozen),
    ).toBe(true);
  });

  test('is the way that calls go when every target fails', async () => {
    for (const routing of ['priority', 'latency', 'round-robin', 'weighted-round-robin'] as const) {
      const world = new World({ endpoints: 'a b c d', routing, script: '*:503', retries: { budget: false } });
      await world.run({ endpoint: 'b', model: 'other' });
      const call = { fallbacks: ['small'], maxRetries: 0 };
      const { order } = explain(world, call);
      const { route } = await world.run(call);
      expect(route.attempts.map(({ target }) => target)).toEqual(order);
      expect(order).toHaveLength(8);
    }
  });

  test('is true of a given order with a preferred region or a sticky key as well', async () => {
    const places = { c: { region: 'here' } };
    const routing = { strategy: 'priority', preferRegion: 'here' } as const;
    for (const stickyKey of [undefined, 'one', 'two', 'three']) {
      const world = new World({ endpoints: 'a b c d', script: '*:503', retries: { budget: false }, places, routing });
      const { order } = explain(world, { stickyKey });
      const { route } = await world.run({ stickyKey, maxRetries: 0 });
      expect(route.attempts.map(({ target }) => target)).toEqual(order);
      expect(order[0]).toBe('c/m');
    }
  });

  test('puts what is likeliest first, and tells how likely it is', () => {
    const places = { a: { weight: 1 }, b: { weight: 6 }, c: { weight: 3 } };
    const explanation = explain(new World({ endpoints: 'a b c', places, routing: 'random' }));
    expect(explanation.order).toEqual(['b/m', 'c/m', 'a/m']);
    expect(['a', 'b', 'c'].map((id) => at(explanation, `${id}/m`).chance)).toEqual([0.1, 0.6, 0.3]);
  });

  test('can be told as often as one likes: calls go as they would have gone', async () => {
    const told = new World({ endpoints: 'a b c', routing: 'adaptive', random: seededRandom(3) });
    const silent = new World({ endpoints: 'a b c', routing: 'adaptive', random: seededRandom(3) });
    for (let call = 0; call < 50; call += 1) {
      for (let look = 0; look < 3; look += 1) explain(told, { fallbacks: ['small'] });
      expect(await told.trail()).toBe(await silent.trail());
    }
  });
});

/** `a` has failed once, has rested, and its probe has just closed its breaker: it gets half of its calls. */
async function easedIn(options: WorldOptions): Promise<World> {
  const breaker = { failureStreak: 1, closeAfter: 1, openMs: 1_000, jitter: 0, slowStartMs: 10_000 };
  const world = new World({ endpoints: 'a b c', breaker, script: 'a:500 a:200', ...options });
  await world.run({ endpoint: 'a', maxRetries: 0 });
  await world.clock.advance(1_000);
  await world.run({ endpoint: 'a' });
  await world.clock.advance(5_000);
  return world;
}

describe.each(NAMES)('with the strategy %s', (routing) => {
  test('an explanation throws no dice and takes no turn', async () => {
    let rolls = 0;
    const dice = seededRandom(1);
    const random = () => {
      rolls += 1;
      return dice();
    };
    const world = await easedIn({ routing, random });
    const before = rolls;
    const first = explain(world, { stickyKey: 'a key' });
    expect(explain(world, { stickyKey: 'a key' })).toEqual(first);
    expect(rolls).toBe(before);
  });

  test('its chances are those of calls', async () => {
    const places = { b: { weight: 2 } };
    const world = await easedIn({ routing, places, random: seededRandom(5) });
    const ids = ['a/m', 'b/m', 'c/m'];
    const expected = ids.map(() => 0);
    const counted = ids.map(() => 0);
    const rounds = 600;
    for (let round = 0; round < rounds; round += 1) {
      const explanation = explain(world);
      for (const [index, id] of ids.entries())
        expected[index] = (expected[index] ?? 0) + (at(explanation, id).chance ?? 0);
      const { route } = await world.run();
      const asked = ids.indexOf(route.attempts[0]?.target ?? '');
      counted[asked] = (counted[asked] ?? 0) + 1;
    }
    expect(expected.reduce((sum, one) => sum + one)).toBeCloseTo(rounds, 0);
    for (const [index, count] of counted.entries())
      expect(Math.abs(count - (expected[index] ?? 0)), ids[index]).toBeLessThan(60);
  });
});

describe('an explanation changes nothing:', () => {
  test('nobody is asked or looked at, and nobody hears of it', async () => {
    const finds = async () => ({ verdict: 'good' }) as const;
    const world = new World({ health: { mode: 'on-demand', finds } });
    await world.clock.advance(300_000);
    explain(world);
    await world.clock.advance(300_000);
    expect([world.sent, world.probed, world.heard, world.clock.pending]).toEqual([[], [], [], 0]);
  });

  test('a breaker whose wait is over stays open until somebody asks', async () => {
    const world = new World({ breaker: { failureStreak: 1, openMs: 1_000, jitter: 0 }, script: 'a:500' });
    await world.run();
    await world.clock.advance(1_000);
    expect(at(explain(world), 'a/m')).toMatchObject({ order: 1, isProbe: true, reasons: [] });
    expect(at(explain(world), 'a/m')).toMatchObject({ isProbe: true });
    expect(world.of('breaker.half-opened')).toEqual([]);
  });

  test('a failure that keeps nobody away any more is told, and told apart from how often it succeeds', async () => {
    const world = new World({ endpoints: 'a b', routing: 'adaptive', script: 'a:500 *:200' });
    await world.run({ only: ['a'], maxRetries: 0 });
    expect(at(explain(world), 'a/m')).toMatchObject({ isTrial: false, chance: 0 });
    await world.clock.advance(5_000);
    const explanation = explain(world);
    expect(at(explanation, 'a/m')).toMatchObject({ isTrial: true, chance: 0.5 });
    expect(at(explanation, 'a/m').successRate).toBeLessThan(0.75);
    expect(String(explanation)).toContain('failed, and was not asked for a while');
  });

  test('a function that chooses is not asked, so nobody knows what it would say', () => {
    let asked = 0;
    const world = new World({
      routing: (candidates) => {
        asked += 1;
        return candidates[0]?.id ?? '';
      },
    });
    const explanation = explain(world);
    expect(explanation).toMatchObject({ strategy: 'own', order: ['a/m', 'b/m'] });
    expect([asked, at(explanation, 'a/m').chance]).toEqual([0, undefined]);
    expect(`${explanation}`).not.toContain('first');
  });
});

describe('a target that is not asked at once', () => {
  test('is told with all that speaks against it', async () => {
    const world = new World({ endpoints: 'a b', breaker: { failureStreak: 1, openMs: 5_000, jitter: 0 } });
    world.script = new Script('a:503;after=20000');
    await world.run();
    world.engine.target('a/m').transport.open();
    expect(at(explain(world), 'a/m')).toMatchObject({
      order: undefined,
      afterMs: undefined,
      reasons: [
        { reason: 'breaker', scope: 'target', state: 'open' },
        { reason: 'breaker', scope: 'transport', state: 'open', leftMs: undefined },
        { reason: 'cooldown' },
      ],
    });
  });

  test('is waited for before another model is asked, where the wait is short', async () => {
    const world = new World({ endpoints: 'a b', script: '*:429;after=1000', whenExhausted: 'panic' });
    await world.run({ maxRetries: 0 });
    const explanation = explain(world, { fallbacks: ['small'] });
    expect(explanation.order).toEqual(['a/m', 'b/m', 'a/small', 'b/small']);
    expect(explanation.models.flatMap(({ targets }) => targets.map(({ afterMs }) => afterMs))).toEqual([
      1_100, 1_100, 0, 0,
    ]);
  });

  test('is asked last where only probes speak against it', async () => {
    const finds: NonNullable<WorldOptions['health']>['finds'] = async ({ id }) => ({
      verdict: id === 'a' ? 'bad' : 'good',
    });
    const world = new World({ health: { mode: 'passive', fall: 1, finds } });
    await world.engine.checkup.check();
    const explanation = explain(world, { fallbacks: ['small'] });
    expect(explanation.order).toEqual(['b/m', 'b/small', 'a/m', 'a/small']);
    expect(at(explanation, 'a/m').reasons).toMatchObject([{ reason: 'health' }]);
  });

  test('is not asked at all where a person opened its breaker', () => {
    const world = new World({ whenExhausted: 'panic' });
    for (const id of ['a', 'b']) world.target(id).breaker.openFor(60_000, 0, 'test');
    const byHand = explain(world);
    expect(byHand).toMatchObject({ order: [], last: undefined });
    expect(`${byHand}`).toContain('nobody can be asked');
  });

  test('is named as the last choice where all are resting', async () => {
    const world = new World({
      whenExhausted: 'panic',
      script: '*:500',
      breaker: { failureStreak: 1, openMs: 60_000, jitter: 0 },
    });
    await world.run({ maxRetries: 0 });
    const explanation = explain(world);
    expect(explanation).toMatchObject({ order: [], last: { how: 'panic' } });
    expect(`${explanation}`).toContain('all are resting: panic asks');
  });

  test('is asked all the same where it is the only one', async () => {
    const world = new World({ endpoints: 'a', script: 'a:401' });
    await world.run({ maxRetries: 0 });
    const explanation = explain(world);
    expect(explanation).toMatchObject({ isAlone: true, order: ['a/m'] });
    expect(at(explanation, 'a/m').reasons).toMatchObject([{ reason: 'quarantine', because: 'auth' }]);
    expect(`${explanation}`).toContain('asked all the same');
  });
});

test('an endpoint that may not serve the call is told with the reason', () => {
  const world = new World({ endpoints: 'a b c d=other' });
  const reasons = (call: Partial<Call<string>>) =>
    explain(world, call).models[0]?.leftOut.map(({ endpoint, reason }) => `${endpoint} ${reason}`);
  expect(reasons({})).toEqual(['d unserved']);
  expect(reasons({ only: ['a', 'b'], exclude: ['a'] })).toEqual(['a excluded', 'c not-included', 'd unserved']);
  expect(reasons({ endpoint: 'b' })).toEqual(['a other-endpoint', 'c other-endpoint', 'd unserved']);
  expect(reasons({ movable: false })).toEqual(['b stays', 'c stays', 'd unserved']);
  expect(`${explain(world, { model: 'unheard-of', endpoint: 'd' })}`).toContain('nobody can be asked');
});

test('what decided besides the strategy is told', () => {
  const places = { a: { tier: 0 }, b: { tier: 1, region: 'asia' }, c: { tier: 1 } };
  const world = new World({ endpoints: 'a b c', places, routing: { strategy: 'adaptive', preferRegion: 'asia' } });
  expect(explain(world).models[0]?.decisions).toEqual([{ by: 'tier', tier: 0 }]);
  world.engine.target('a/m').breaker.open();
  expect(explain(world, { stickyKey: 'k' }).models[0]?.decisions).toEqual([
    { by: 'region', region: 'asia', isTaken: true },
  ]);
});

test('the table of twelve regions and six models is aligned, and no line is longer than 110 characters', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `a-region-with-a-rather-long-name-${index}`);
  const places = Object.fromEntries(ids.map((id, index) => [id, { tier: index % 3, weight: 1 + (index % 5) / 2 }]));
  const world = new World({ endpoints: ids.join(' '), places, routing: 'adaptive', script: '*:429;after=7200000' });
  await world.run({ maxRetries: 0 });
  const fallbacks = ['small', 'large', 'old', 'new', `${'long-'.repeat(30)}name`];
  const lines = `${explain(world, { fallbacks, only: ids.slice(0, 11) })}`.split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(110);
  const rows = lines.filter((line) => /^ *(#|-|\d+) /.test(line));
  expect(rows).toHaveLength(6 * 12);
  expect(new Set(rows.map((row) => row.replace(/ {2}\S+ \(.*| {2}cooling.*/, '').length)).size).toBe(1);
});

// A thousand questions about made-up models made a used target forgotten, with all that was known of it.
test('what is only asked about is not kept, and nobody is forgotten for it', async () => {
  const world = new World({ endpoints: 'a b' });
  await world.run();
  const used = world.target('a');
  for (let count = 0; count < 1_200; count += 1) world.engine.explain(world.callOf({ model: `made-up-${count}` }));
  expect(world.engine.status().targets.map(({ target }) => target)).toEqual(['a/m', 'b/m']);
  expect(world.target('a')).toBe(used);
});

// Each question kept a breaker in the process, for as long as it lived.
test.each(['target', 'model', 'endpoint'] as const)('nor are breakers that are shared, with the scope %s', (scope) => {
  const shareAs = `asked about, by ${scope}`;
  const world = new World({ shareAs, breaker: { scope } });
  for (let count = 0; count < 50; count += 1) world.engine.explain(world.callOf({ model: `made-up-${count}` }));
  expect(sharedBreakers(shareAs).size).toBeLessThanOrEqual(2);
});

test('a breaker that another client has opened is known before anybody asks there', async () => {
  const breaker = { failureStreak: 1, openMs: 5_000 };
  const other = new World({ shareAs: 'known before', breaker, script: 'a:500' });
  await other.run();
  const world = new World({ shareAs: 'known before', breaker });
  expect(at(explain(world), 'a/m').reasons).toMatchObject([{ reason: 'breaker', state: 'open' }]);
});
