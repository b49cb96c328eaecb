import type { Call } from '@breakwater/core';
import { describe, expect, test } from 'vitest';
import { World } from './world.js';

const messages = (world: World) => world.of('attempt.failed').map((one) => one.message);

describe('the clocks of an attempt', () => {
  test.each([
    [
      'connectMs ends the wait for headers',
      { connectMs: 100 },
      'hang',
      100,
      'no response headers within 100 ms (connectMs)',
    ],
    ['attemptMs ends the wait for the answer', { attemptMs: 300 }, 'hang', 300, 'no answer within 300 ms (attemptMs)'],
    [
      'firstTokenMs ends the wait for the first content',
      { firstTokenMs: 200 },
      'hang',
      200,
      'no first token within 200 ms (firstTokenMs)',
    ],
    [
      'the nearest one counts',
      { connectMs: 400, firstTokenMs: 300, attemptMs: 200 },
      'hang',
      200,
      'no answer within 200 ms (attemptMs)',
    ],
    [
      'headers in time leave the limit on the answer, from the start of the attempt',
      { connectMs: 100, attemptMs: 300 },
      '200;headers=90;takes=400',
      300,
      'no answer within 300 ms (attemptMs)',
    ],
    [
      'headers in time leave the limit on the first content',
      { connectMs: 100, firstTokenMs: 250, attemptMs: 300 },
      'stream;headers=90;takes=400',
      250,
      'no first token within 250 ms (firstTokenMs)',
    ],
  ])('%s', async (_, clocks, word, atMs, message) => {
    const world = new World({ script: `a:${word}` });
    expect(await world.trail({ clocks })).toBe('a:attempt_timeout b:ok');
    expect(world.sent.map((one) => one.at)).toEqual([0, atMs]);
    expect(messages(world)).toEqual([message]);
  });

  test('headers that arrived end the wait for them', async () => {
    const world = new World({ script: 'a:200;headers=90;takes=5000' });
    expect(await world.trail({ clocks: { connectMs: 100 } })).toBe('a:ok');
  });

  test('an answer at the last moment is an answer', async () => {
    const world = new World({ script: 'a:200;takes=299' });
    expect(await world.trail({ clocks: { attemptMs: 300 } })).toBe('a:ok');
  });

  test('there is one timer at a time, and none afterwards', async () => {
    const world = new World({ script: 'a:hang' });
    const call = world.start({ clocks: { connectMs: 100, firstTokenMs: 200, attemptMs: 300 } });
    await world.clock.advance(0);
    expect(world.clock.pending).toBe(1);
    await world.clock.advance(100);
    expect((await call).outcome.kind).toBe('ok');
    expect(world.clock.pending).toBe(0);
  });

  test('a clock that runs out aborts the work', async () => {
    const world = new World();
    let signal: AbortSignal | undefined;
    const attempt = (_: unknown, ticket: { signal: AbortSignal }) => {
      signal ??= ticket.signal;
      return ticket.signal === signal
        ? new Promise<never>(() => {})
        : Promise.resolve({ kind: 'ok', reply: 'b' } as const);
    };
    const { outcome } = await world.run({ attempt, clocks: { attemptMs: 50 } });
    expect([outcome.kind, signal?.aborted]).toEqual(['ok', true]);
  });
});

describe('without a limit of its own', () => {
  test('an attempt may take half of what is left while there is somewhere else to go, then all of it', async () => {
    const world = new World({ endpoints: 'a b c', script: '*:hang' });
    expect(await world.trail({ timeoutMs: 8_000 })).toBe('a:attempt_timeout b:attempt_timeout c:attempt_timeout');
    expect(world.sent.map((one) => one.at)).toEqual([0, 4_000, 6_000]);
    expect(world.clock.now()).toBe(8_000);
    expect(messages(world)).toEqual(
      [4_000, 2_000, 2_000].map((ms) => `no answer within ${ms / 1_000} s (a share of the call's 8 s)`),
    );
  });

  test('the headers of a stream are limited only while there is another target: servers of one’s own may be slow', async () => {
    const given = { streamed: true, connectMsIfElsewhere: 10_000 };
    const script = 'a:stream;headers=10500;takes=10600';
    expect(await new World({ endpoints: 'a', script }).trail(given)).toBe('a:ok');
    const two = new World({ endpoints: 'a b', script });
    expect(await two.trail(given)).toBe('a:attempt_timeout b:ok');
    expect(messages(two)).toEqual(['no response headers within 10000 ms (connectMs)']);
    const own = { ...given, clocks: { connectMs: 2_000 } };
    expect(await new World({ endpoints: 'a', script }).trail(own)).toBe('a:attempt_timeout');
  });

  test('a lone target may take all of the time', async () => {
    const world = new World({ endpoints: 'a', script: 'a:200;takes=7999' });
    expect(await world.trail({ timeoutMs: 8_000 })).toBe('a:ok');
  });

  test('so may one whose neighbours cannot be asked in that time', async () => {
    const world = new World({ script: 'b:401' });
    await world.run({ endpoint: 'b' });
    world.script = new World({ script: 'a:200;takes=7999' }).script;
    expect(await world.trail({ timeoutMs: 8_000 })).toBe('a:ok');
  });

  test('but not one whose neighbour will have rested by then', async () => {
    const world = new World({ script: 'b:503;after=3000 b:200' });
    await world.run({ endpoint: 'b', maxRetries: 0 });
    world.script = new World({ script: 'a:hang' }).script;
    expect(await world.trail({ timeoutMs: 8_000 })).toBe('a:attempt_timeout b:ok');
    expect(world.clock.now()).toBe(4_000);
  });

  test('so may a call that cannot go on', async () => {
    for (const given of [{ repeatable: false }, { movable: false }, { endpoint: 'a' }]) {
      const world = new World({ script: 'a:200;takes=7999' });
      expect(await world.trail({ timeoutMs: 8_000, ...given })).toBe('a:ok');
    }
  });

  // The only attempt that was allowed was cut at half of its time, for the sake of a second one that could never follow: callers with
  // `maxAttempts: 1`, or with a call so short that its second half is too late for anything, lost answers that were on their way.
  test.each([
    ['whose last attempt it is', { timeoutMs: 1_000 }, 700, { maxAttempts: 1 }],
    ['of which too little would be left: less than 250 ms', { timeoutMs: 499 }, 300, {}],
  ])('so may a call %s', async (_, given, takes, retries) => {
    const world = new World({ script: `a:200;takes=${takes}`, retries });
    expect(await world.trail(given)).toBe('a:ok');
  });

  test('so may the last attempt of several, and one that begins late', async () => {
    const last = new World({ endpoints: 'a b c', script: 'a:hang b:200;takes=3900', retries: { maxAttempts: 2 } });
    expect(await last.trail({ timeoutMs: 8_000 })).toBe('a:attempt_timeout b:ok');
    // A twentieth of 100 s must be left for another attempt: of 9.9 s half is too little.
    const late = new World({ endpoints: 'a b c', script: 'a:500;takes=90100 b:200;takes=9800' });
    expect(await late.trail({ timeoutMs: 100_000, clocks: { firstTokenMs: 99_000 } })).toBe('a:attempt_timeout b:ok');
  });

  test('but half of 500 ms is enough for another', async () => {
    const world = new World({ script: 'a:hang' });
    expect(await world.trail({ timeoutMs: 500 })).toBe('a:attempt_timeout b:ok');
    expect(world.clock.now()).toBe(250);
  });

  test('the headers of a stream are not limited either when nobody could be asked then', async () => {
    const script = 'a:stream;headers=10500;takes=10600';
    const given = { streamed: true, connectMsIfElsewhere: 10_000 };
    expect(await new World({ script, retries: { maxAttempts: 1 } }).trail(given)).toBe('a:ok');
    const resting = new World({ script: 'b:429;after=15000' });
    await resting.run({ endpoint: 'b', maxRetries: 0 });
    resting.script = new World({ script }).script;
    expect(await resting.trail(given)).toBe('a:ok');
  });

  test('a limit of its own is kept even with nowhere else to go', async () => {
    const world = new World({ endpoints: 'a', script: 'a:hang' });
    await world.run({ timeoutMs: 8_000, clocks: { attemptMs: 500 } });
    expect(world.clock.now()).toBe(500);
  });

  test('no limit reaches past the end of the call', async () => {
    const world = new World({ script: 'a:500;takes=700 b:hang' });
    await world.run({ timeoutMs: 1_000, clocks: { attemptMs: 900 } });
    expect(world.clock.now()).toBe(1_000);
  });

  test('a signal that keeps the time itself leaves the last attempt without a timer', async () => {
    const world = new World({ endpoints: 'a', script: 'a:hang' });
    const controller = new AbortController();
    const call = world.start({ signalKeepsTime: true, signal: controller.signal, isTimedOut: () => true });
    await world.clock.advance(0);
    expect(world.clock.pending).toBe(0);
    controller.abort();
    expect((await call).outcome).toMatchObject({
      kind: 'attempt_timeout',
      message: 'no answer within the 60 s of the whole call',
    });
    expect(world.target().breaker.snapshot(0).stats).toMatchObject({ total: 1, failures: 1 });
  });
});

describe('an attempt is told how much of the call is left', () => {
  const left = async (endpoints: string, given: Partial<Call<string>>) => {
    const world = new World({ endpoints });
    let seen: number | undefined;
    await world.run({
      ...given,
      attempt: async ({ id }, ticket) => {
        await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 100));
        seen ??= ticket.callLeftMs();
        return { kind: 'ok', reply: id };
      },
    });
    return seen;
  };

  test.each<[string, Partial<Call<string>>]>([
    ['without limits', {}],
    ['with a signal that keeps the time itself', { signalKeepsTime: true, signal: new AbortController().signal }],
    ['with a limit that the call does not live to see', { clocks: { attemptMs: 9_000 } }],
  ])('where nothing else ends it: alone, %s', async (_how, given) => {
    expect(await left('a', { timeoutMs: 8_000, ...given })).toBe(7_900);
  });

  test.each<[string, string, Partial<Call<string>>]>([
    ['it may take half of it, because of another target', 'a b', {}],
    ['it has a limit of its own', 'a', { clocks: { attemptMs: 500 } }],
    ['its first token has', 'a', { clocks: { firstTokenMs: 500 }, signalKeepsTime: true }],
  ])('but not where %s', async (_why, endpoints, given) => {
    expect(await left(endpoints, { timeoutMs: 8_000, ...given })).toBeUndefined();
  });
});

describe('work that pays no heed to being aborted', () => {
  test('is not waited for, and its late answer is let go of', async () => {
    const world = new World({ script: 'a:200;takes=1000;deaf' });
    expect(await world.trail({ clocks: { attemptMs: 100 } })).toBe('a:attempt_timeout b:ok');
    expect(world.discarded).toEqual(['a/m']);
    expect(world.of('attempt.succeeded').map((one) => one.target)).toEqual(['b/m']);
  });

  test('may fail late with a reply, which is let go of too', async () => {
    const world = new World({ script: 'a:500;takes=1000;deaf' });
    await world.run({ clocks: { attemptMs: 100 } });
    expect(world.discarded).toEqual(['a/m']);
    expect(world.of('attempt.failed')).toHaveLength(1);
  });

  test('may throw late, which nobody hears of', async () => {
    const world = new World({ script: 'a:throw;takes=1000;deaf' });
    expect(await world.trail({ clocks: { attemptMs: 100 } })).toBe('a:attempt_timeout b:ok');
  });

  test('tells of headers too late, and nothing comes of it', async () => {
    const world = new World({ script: 'a:200;headers=500;takes=1000;deaf' });
    const call = world.start({ clocks: { connectMs: 100, attemptMs: 400 } });
    await world.clock.advance(600);
    expect((await call).outcome.kind).toBe('ok');
    expect(world.of('attempt.failed')).toHaveLength(1);
  });
});

describe('work that throws', () => {
  test.each([
    ['by rejecting', () => Promise.reject(new Error('no key'))],
    [
      'at once',
      () => {
        throw new Error('no key');
      },
    ],
  ])('%s is the caller’s to see as the cause, is not quoted, and ends the attempt', async (_, attempt) => {
    const world = new World();
    const { outcome, route } = await world.run({ attempt });
    const message = 'the attempt could not be made';
    expect(outcome).toMatchObject({ kind: 'caller_error', message, cause: new Error('no key') });
    expect(messages(world)).toEqual([message]);
    expect(route.attempts).toHaveLength(1);
    expect([world.names.at(-2), world.clock.pending]).toEqual(['attempt.failed', 0]);
  });
});
