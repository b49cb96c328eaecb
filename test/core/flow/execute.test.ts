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
    expect((await world.run()).route).toMatchObject({ failover: false, latencyMs: 438 });
  });

  // Beside what is shown stands where it happened: callers once read the name of the target that was asked last before the failure of the first.
  test.each([
    ['the first failure, not the last: it is about the target that was asked for', 'a:401 b:503', 'auth', 'a/m'],
    ['the first that a provider gave, not our own clock', 'a:hang b:503', 'overloaded', 'b/m'],
    ['our own clock when there was nothing else', 'a:hang b:hang', 'attempt_timeout', 'b/m'],
    ['the caller’s own mistake, wherever it was found', 'a:500 b:400', 'caller_error', 'b/m'],
    ['the refusal of a content policy, wherever it came', 'a:500 b:content_policy', 'content_policy', 'b/m'],
    // The 503 was shown, and callers came again for ever: no wait makes a prompt shorter.
    ['a prompt that is too long, wherever that was found', 'a:503 b:context_window', 'context_window', 'b/m'],
    // A key function that failed at one endpoint hid that the other one had refused its key.
    ['what a provider said, not that a request could not be made', 'a:unsendable b:401', 'auth', 'b/m'],
    ['what a provider said, though a request could not be made later', 'a:401 b:unsendable', 'auth', 'a/m'],
    ['the first of requests that could not be made', 'a:unsendable b:unsendable', 'unsendable', 'a/m'],
    ['a request that could not be made rather than our own clock', 'a:hang b:unsendable', 'unsendable', 'b/m'],
  ])('shows %s', async (_, script, kind, failedAt) => {
    const world = new World({ script });
    const conclusion = await world.run({ maxRetries: 0, clocks: { attemptMs: 100 } });
    expect([conclusion.outcome.kind, conclusion.failedAt]).toEqual([kind, failedAt]);
  });

  test('of a target that failed and then could not be sent to, what it said is shown', async () => {
    const world = new World({ endpoints: 'a', script: 'a:500 a:unsendable' });
    expect((await world.run()).outcome.kind).toBe('server_error');
  });

  test('a prompt that is too long does not hide how the other model failed that was asked since', async () => {
    const world = new World({ endpoints: 'a b=m', script: 'a/m:503 b:context_window a/big:503' });
    expect((await world.run({ fallbacks: ['big'], maxRetries: 0 })).outcome.kind).toBe('overloaded');
  });

  test('an answer is nobody’s failure, that of the last resort neither', async () => {
    const world = new World({ script: 'a:503;after=9000 b:200 b:503;after=9000' });
    expect((await world.run()).failedAt).toBeUndefined();
    expect(await world.run({ lastResort: async () => 'canned' })).toMatchObject({
      outcome: { kind: 'ok' },
      failedAt: undefined,
    });
  });

  test('the provider’s reply and its status come with the failure', async () => {
    const world = new World({ script: '*:503;after=9000' });
    expect((await world.run()).outcome).toMatchObject({ status: 503, reply: 'a/m', retryAfterMs: 9_000 });
  });
});

/** Reads the credential of `b` in vain, which is first asked for when the clocks of an attempt at `a` are set. */
const unreadable = {
  credentialOf: ({ id }: { id: string }) => {
    if (id === 'b') throw new Error('the key cannot be read');
    return id;
  },
};

describe('a part that throws where nothing may throw', () => {
  // Such a call was rejected with whatever was thrown, never ended for those who listen, and kept the only place of a probe for a minute.
  test('ends its call like any other, and nothing is left of it', async () => {
    const world = new World({ breaker: { failureStreak: 1, closeAfter: 1, jitter: 0 }, script: 'a:500 a:200' });
    await world.run({ endpoint: 'a', maxRetries: 0 });
    await world.clock.advance(5_000);
    const { outcome, route } = await world.run(unreadable);
    expect(outcome).toMatchObject({ kind: 'caller_error', cause: new Error('the key cannot be read') });
    expect(route.attempts).toEqual([]);
    const { requests, targets } = world.engine.stats();
    expect([requests.inFlight, targets['a/m']?.inFlight]).toEqual([0, 0]);
    expect(world.target().breaker.snapshot(world.clock.now())).toMatchObject({ state: 'half-open', probesOut: 0 });
    expect(world.target().transport.snapshot(world.clock.now()).stats.total).toBe(1);
    expect(world.names.slice(-3)).toEqual(['attempt.started', 'attempt.failed', 'request.failed']);
    expect(await world.trail()).toBe('a:ok');
  });

  test('ends a call that was already going on', async () => {
    const world = new World({ endpoints: 'a b', script: 'a:503;after=100' });
    const { outcome, route } = await world.run({
      credentialOf: ({ id }) => (id === 'b' && world.sent.length > 0 ? unreadable.credentialOf({ id }) : id),
    });
    expect([outcome.kind, route.attempts.length]).toEqual(['caller_error', 1]);
    const { requests, targets } = world.engine.stats();
    expect([requests.inFlight, targets['a/m']]).toMatchObject([0, { attempts: 1, failed: 1, inFlight: 0 }]);
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
