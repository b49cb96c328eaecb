import { describe, expect, test } from 'vitest';
import { World } from './world.js';

describe('what a call ends in', () => {
  test('an answer, with the way it took', async () => {
    const world = new World({ script: 'a:503;takes=30 b:200;takes=20' });
    expect(await world.run()).toEqual({
      outcome: { kind: 'ok', reply: 'b/m', status: 200 },
      route: {
        target: 'b/m',
        endpoint: 'b',
        region: 'b-region',
        model: 'm',
        attempts: [
          {
            target: 'a/m',
            endpoint: 'a',
            region: 'a-region',
            model: 'm',
            kind: 'overloaded',
            status: 503,
            latencyMs: 30,
          },
          { target: 'b/m', endpoint: 'b', region: 'b-region', model: 'm', kind: 'ok', status: 200, latencyMs: 20 },
        ],
        failover: true,
        lastResort: false,
        retryBudgetExhausted: false,
        latencyMs: 50,
      },
      skipped: [],
    });
  });

  test('a repeat on one target is no failover', async () => {
    const world = new World({ endpoints: 'a', script: 'a:500 a:200' });
    expect((await world.run()).route).toMatchObject({ failover: false, latencyMs: 125 });
  });

  test.each([
    ['the first failure, not the last: it is about the target that was asked for', 'a:401 b:503', 'auth'],
    ['the first that a provider gave, not our own clock', 'a:hang b:503', 'overloaded'],
    ['our own clock when there was nothing else', 'a:hang b:hang', 'attempt_timeout'],
    ['the caller’s own mistake, wherever it was found', 'a:500 b:400', 'caller_error'],
    ['the refusal of a content policy, wherever it came', 'a:500 b:content_policy', 'content_policy'],
  ])('shows %s', async (_, script, kind) => {
    const world = new World({ script });
    const { outcome } = await world.run({ maxRetries: 0, clocks: { attemptMs: 100 } });
    expect(outcome.kind).toBe(kind);
  });

  test('the provider’s reply and its status come with the failure', async () => {
    const world = new World({ script: '*:503;after=9000' });
    expect((await world.run()).outcome).toMatchObject({ status: 503, reply: 'a/m', retryAfterMs: 9_000 });
  });
});

describe('the last resort', () => {
  const failing = { script: '*:503;after=9000' };

  test('answers when everything else has failed, and is told what did', async () => {
    const world = new World(failing);
    const seen: string[] = [];
    const { outcome, route } = await world.run({
      lastResort: async (failure) => {
        seen.push(failure.kind);
        return 'canned';
      },
    });
    expect([outcome, seen, route.lastResort]).toEqual([{ kind: 'ok', reply: 'canned' }, ['overloaded'], true]);
    expect(world.of('lastresort.used')).toMatchObject([{ kind: 'overloaded', status: 503 }]);
    expect(world.of('request.succeeded')).toMatchObject([{ target: 'lastResort', attempts: 2, rerouted: true }]);
  });

  test('answers when nobody could be asked', async () => {
    const world = new World(failing);
    await world.run();
    expect((await world.run({ lastResort: async () => 'canned' })).outcome.kind).toBe('ok');
    expect(world.of('lastresort.used')).toMatchObject([{ kind: 'no_target' }]);
  });

  test('answers after the call’s time is over', async () => {
    const world = new World({ script: '*:hang' });
    expect((await world.run({ lastResort: async () => 'canned' })).outcome).toEqual({ kind: 'ok', reply: 'canned' });
  });

  test('may have no answer: the failure goes through', async () => {
    const world = new World(failing);
    const { outcome, route } = await world.run({ lastResort: async () => undefined });
    expect([outcome.kind, route.lastResort]).toEqual(['overloaded', false]);
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('broken'))],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
  ])('that %s hides nothing, and is complained of', async (_, lastResort) => {
    const world = new World(failing);
    expect((await world.run({ lastResort })).outcome.kind).toBe('overloaded');
    expect(world.complaints).toEqual(['lastResort failed']);
  });

  test('is not asked about the caller’s own mistake', async () => {
    const world = new World({ script: 'a:400' });
    expect((await world.run({ lastResort: async () => 'canned' })).outcome.kind).toBe('caller_error');
  });
});
