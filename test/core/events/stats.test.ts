import { describe, expect, test } from 'vitest';
import { emptyGroup } from '../../../packages/core/src/events/group-stats.js';
import { type AttemptEntry, StatsFold } from '../../../packages/core/src/events/stats-fold.js';
import { nothingSpent } from '../../../packages/core/src/spending/ledger.js';
import { World } from '../flow/world.js';

const spent = nothingSpent();
const nobody = emptyGroup();
const noRequests = {
  ...{ started: 0, succeeded: 0, failed: 0, inFlight: 0, failedBy: {} },
  ...{ rerouted: 0, fallbackRate: 0, lastResorts: 0 },
};
const noTimes = { p50Ms: undefined, p95Ms: undefined, p99Ms: undefined, count: 0 };

describe('the counts', () => {
  test('of nothing are nothing', () => {
    expect(new World().engine.stats()).toEqual({
      requests: noRequests,
      attempts: 0,
      retries: 0,
      failovers: 0,
      fallbackRate: 0,
      lastResorts: 0,
      rescues: 0,
      currentTarget: undefined,
      allTargets: nobody,
      endpoints: {},
      models: {},
      targets: {},
      spent,
      tags: {},
    });
  });

  test('of a busy hour', async () => {
    const world = new World({ endpoints: 'a b', script: 'a:503;after=60000 a:200 b:500 b:200' });
    await world.run();
    await world.run();
    world.script = new World({ script: '*:400' }).script;
    await world.run();
    const requests = {
      ...{ ...noRequests, started: 3, succeeded: 2, failed: 1, failedBy: { caller_error: 1 } },
      ...{ rerouted: 2, fallbackRate: 1 },
    };
    const a = { ...nobody, attempts: 1, failed: 1, failedBy: { overloaded: 1 }, failovers: { from: 1, to: 0 } };
    const b = {
      ...{ ...nobody, attempts: 4, succeeded: 2, failed: 2, failedBy: { server_error: 1, caller_error: 1 } },
      ...{ retries: 1, failovers: { from: 0, to: 1 } },
    };
    const both = {
      ...{ ...nobody, attempts: 5, succeeded: 2, failed: 3, retries: 1, failovers: { from: 1, to: 1 } },
      failedBy: { overloaded: 1, server_error: 1, caller_error: 1 },
    };
    const breaker = { state: 'closed', inMs: { closed: 438, open: 0, halfOpen: 0 } };
    expect(world.engine.stats()).toEqual({
      ...{ requests, attempts: 5, retries: 1, failovers: 1, fallbackRate: 1, lastResorts: 0, rescues: 0 },
      currentTarget: 'b/m',
      allTargets: both,
      endpoints: { a, b },
      models: { m: { requests, ...both } },
      targets: {
        'a/m': { endpoint: 'a', model: 'm', ...a, firstToken: noTimes, total: noTimes, breaker },
        'b/m': {
          ...{ endpoint: 'b', model: 'm', ...b, firstToken: noTimes, breaker },
          total: { p50Ms: 0.9756, p95Ms: 0.9756, p99Ms: 0.9756, count: 2 },
        },
      },
      spent,
      tags: {},
    });
  });

  test('hold a stream in flight until it has ended', async () => {
    const world = new World({ script: 'a:stream' });
    await world.run({ streamed: true });
    expect(world.engine.stats()).toMatchObject({ requests: { inFlight: 0 }, targets: { 'a/m': { inFlight: 1 } } });
    world.streams[0]?.end();
    await world.clock.advance(0);
    expect(world.engine.stats().targets['a/m']).toMatchObject({ inFlight: 0, succeeded: 1 });
  });

  test('count what the last resort answered', async () => {
    const world = new World({ script: '*:401' });
    await world.run({ lastResort: async () => 'canned' });
    expect(world.engine.stats()).toMatchObject({
      lastResorts: 1,
      rescues: 0,
      fallbackRate: 1,
      currentTarget: 'lastResort',
    });
  });

  test('are a copy, which turns into JSON as it is', async () => {
    const world = new World({ script: 'a:500' });
    await world.run();
    const before = world.engine.stats();
    const text = JSON.stringify(before);
    await world.run();
    expect(JSON.stringify(before)).toBe(text);
    expect(JSON.parse(text)).toEqual(before);
  });

  test('are by the model that was asked for, whoever answered', async () => {
    const world = new World({ endpoints: 'a=m b=big', script: 'a:500' });
    await world.run({ fallbacks: ['big'], maxRetries: 0 });
    await world.run({ model: undefined, movable: false });
    const { models, endpoints } = world.engine.stats();
    expect(models).toMatchObject({
      m: { requests: { started: 1, succeeded: 1, rerouted: 1, fallbackRate: 1 }, attempts: 1, failed: 1 },
      big: { requests: { started: 0, succeeded: 0 }, attempts: 1, succeeded: 1 },
      '*': { requests: { started: 1, failed: 1, failedBy: { no_target: 1 } }, attempts: 0 },
    });
    expect(endpoints).toMatchObject({ a: { failovers: { from: 1, to: 0 } }, b: { failovers: { from: 0, to: 1 } } });
  });

  // A model's name may be anything a caller sends.
  test('bear a model that is called like a part of every object', async () => {
    const world = new World();
    await world.run({ model: '__proto__' });
    const { models, targets } = JSON.parse(JSON.stringify(world.engine.stats()));
    expect(Object.keys(models)).toEqual(['__proto__']);
    expect(Object.keys(targets)).toEqual(['a/__proto__']);
  });
});

const ANSWERED = {
  kind: 'ok' as const,
  durationMs: 5,
  now: 1,
  usage: undefined,
  costUSD: undefined,
  tags: undefined,
};

describe('made-up models', () => {
  const ended: AttemptEntry = {
    kind: 'ok',
    usage: { inputTokens: 2, cachedInputTokens: 0, outputTokens: 1 },
    costUSD: 1,
    durationMs: 5,
    now: 0,
  };

  // The targets that were configured were met first, so made-up names pushed out the very ones that somebody looks at.
  test('are forgotten before one that is still used, however long that has been there', () => {
    const fold = new StatsFold();
    const call = (model: string) => {
      const target = { id: `a/${model}`, endpoint: { id: 'a' }, model };
      fold.attemptStarted(target);
      fold.attemptEnded(target, ANSWERED);
    };
    for (let times = 0; times < 5_000; times += 1) {
      call('m');
      if (times % 2 === 1) call(`made-up-${times}`);
    }
    expect(fold.read(1).targets['a/m']).toMatchObject({ attempts: 5_000, inFlight: 0 });
  });

  // Where a call was under way at all of them nobody made room, and there was no end to them.
  test('are four thousand at the most, though calls are under way at all of them', () => {
    const fold = new StatsFold();
    const targets = Array.from({ length: 5_000 }, (_, index) => ({
      ...{ id: `a/made-up-${index}`, endpoint: { id: 'a' }, model: `made-up-${index}` },
    }));
    for (const target of targets) fold.attemptStarted(target);
    const under = fold.read(1);
    expect(Object.keys(under.targets)).toHaveLength(4_000);
    expect(under.allTargets).toMatchObject({ attempts: 5_000, inFlight: 5_000 });
    for (const target of targets) fold.attemptEnded(target, ANSWERED);
    const after = fold.read(1);
    expect(after.allTargets).toMatchObject({ attempts: 5_000, succeeded: 5_000, inFlight: 0 });
    expect(Object.values(after.targets).filter(({ inFlight }) => inFlight !== 0)).toEqual([]);
  });

  test('are forgotten, the oldest first, but no sum shrinks with them', () => {
    const fold = new StatsFold();
    for (let index = 0; index < 5_000; index += 1) {
      const target = { id: `a/m${index}`, endpoint: { id: 'a' }, model: `m${index}` };
      fold.requestStarted(target.model);
      fold.attemptStarted(target);
      fold.attemptEnded(target, ended);
      fold.requestSucceeded(target.model, { target: target.id, rerouted: false });
    }
    const stats = fold.read(0);
    expect(Object.keys(stats.targets)).toHaveLength(2_000);
    expect(Object.keys(stats.targets).at(-1)).toBe('a/m4999');
    const sums = { attempts: 5_000, succeeded: 5_000, inFlight: 0, spent: { inputTokens: 10_000, costUSD: 5_000 } };
    expect(stats).toMatchObject({ attempts: 5_000, allTargets: sums, endpoints: { a: sums } });
    expect(stats.models.other).toMatchObject({ requests: { started: 4_001, succeeded: 4_001 }, attempts: 3_000 });
    const requests = Object.values(stats.models).reduce((sum, model) => sum + model.requests.started, 0);
    const attempts = Object.values(stats.models).reduce((sum, model) => sum + model.attempts, 0);
    expect([requests, attempts]).toEqual([5_000, 5_000]);
    expect(Object.keys(stats.models).length).toBeLessThanOrEqual(3_001);
  });

  test('never push out a target with a call under way', () => {
    const fold = new StatsFold();
    const first = { id: 'a/first', endpoint: { id: 'a' }, model: 'first' };
    fold.attemptStarted(first);
    for (let index = 0; index < 2_500; index += 1) {
      const target = { id: `a/m${index}`, endpoint: { id: 'a' }, model: `m${index}` };
      fold.attemptStarted(target);
      fold.attemptEnded(target, ended);
    }
    fold.attemptEnded(first, ended);
    expect(fold.read(0).targets['a/first']).toMatchObject({ attempts: 1, succeeded: 1, inFlight: 0 });
  });
});
