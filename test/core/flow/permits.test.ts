import { describe, expect, test } from 'vitest';
import { World } from './world.js';

describe('the breaker of a target', () => {
  const open = { endpoints: 'a b', breaker: { failureStreak: 1, jitter: 0, closeAfter: 1 } } as const;

  test('sees every attempt, not the call: five failures of one call open it', async () => {
    const world = new World({ endpoints: 'a', script: 'a:500' });
    expect((await world.run({ maxRetries: 6 })).route.attempts).toHaveLength(5);
    expect(world.of('breaker.opened')).toMatchObject([
      { target: 'a/m', reason: '5 failures in a row', openForMs: 5_000 },
    ]);
  });

  test('keeps calls away while it is open, then lets one in, and closes', async () => {
    const world = new World({ ...open, script: 'a:500 a:200' });
    expect(await world.trail()).toBe('a:server_error b:ok');
    await world.clock.advance(4_999);
    expect(await world.trail()).toBe('b:ok');
    expect(world.of('target.skipped')).toMatchObject([{ target: 'a/m', reason: 'breaker', leftMs: 1 }]);
    await world.clock.advance(1);
    expect(await world.trail()).toBe('a:ok');
    expect(world.names.filter((name) => name.startsWith('breaker.'))).toEqual([
      'breaker.opened',
      'breaker.rejected',
      'breaker.half-opened',
      'breaker.closed',
    ]);
  });

  test('lets one probe in at a time; others go elsewhere and do not wait', async () => {
    const world = new World({ ...open, script: 'a:500 a:200;takes=1000' });
    await world.run();
    await world.clock.advance(5_000);
    const probe = world.start();
    const others = await Promise.all([world.start(), world.start()]);
    expect(others.map(({ route }) => route.target)).toEqual(['b/m', 'b/m']);
    await world.clock.advance(1_000);
    expect((await probe).route.target).toBe('a/m');
  });

  test('a probe that is a stream gives its place back at its first content, but keeps its say until its end', async () => {
    const world = new World({ ...open, script: 'a:500 a:stream a:400' });
    await world.run();
    await world.clock.advance(5_000);
    expect(await world.trail({ streamed: true })).toBe('a:ok');
    expect(world.target().breaker.snapshot(world.clock.now())).toMatchObject({ state: 'half-open', probesOut: 0 });
    // Another probe may take the place at once; one that decides nothing leaves the decision to the stream.
    expect(await world.trail()).toBe('a:caller_error');
    expect(world.target().breaker.peek(world.clock.now())).toBe('probe');
    world.streams[0]?.end();
    await world.clock.advance(0);
    expect(world.target().breaker.snapshot(world.clock.now())).toMatchObject({ state: 'closed', probesOut: 0 });
  });

  test('a probe that breaks after its first content opens it again', async () => {
    const world = new World({ ...open, script: 'a:500 a:stream' });
    await world.run();
    await world.clock.advance(5_000);
    await world.run({ streamed: true });
    world.streams[0]?.end({ kind: 'stream_error_late', message: 'cut' });
    await world.clock.advance(0);
    expect(world.of('breaker.opened').map((one) => one.openForMs)).toEqual([5_000, 10_000]);
  });

  test.each(['400', '401', '429', '404', 'context_window'])(
    'a probe that meets %s decides nothing and gives its place back',
    async (word) => {
      const world = new World({ ...open, endpoints: 'a', script: `a:500 a:${word}` });
      await world.run({ maxRetries: 0 });
      await world.clock.advance(5_000);
      await world.run({ maxRetries: 0 });
      expect(world.target().breaker.snapshot(world.clock.now())).toMatchObject({ state: 'half-open', probesOut: 0 });
    },
  );

  test('a probe that the caller abandons gives its place back', async () => {
    const world = new World({ ...open, script: 'a:500 a:hang a:200' });
    await world.run();
    await world.clock.advance(5_000);
    const controller = new AbortController();
    const probe = world.start({ signal: controller.signal });
    await world.clock.advance(10);
    expect(world.target().breaker.snapshot(world.clock.now()).probesOut).toBe(1);
    controller.abort();
    expect((await probe).outcome.kind).toBe('caller_abort');
    expect(await world.trail()).toBe('a:ok');
  });

  test('a probe whose stream is never read keeps nobody away, and the next probe decides', async () => {
    const world = new World({ ...open, script: 'a:500 a:stream a:200' });
    await world.run();
    await world.clock.advance(5_000);
    await world.run({ streamed: true });
    expect(await world.trail()).toBe('a:ok');
    expect(world.target().breaker.snapshot(world.clock.now())).toMatchObject({ state: 'closed', probesOut: 0 });
    // Its end, an hour later, is news of a time that is over.
    await world.clock.advance(3_600_000);
    world.streams[0]?.end({ kind: 'stream_error_late' });
    await world.clock.advance(0);
    expect(world.target().breaker.snapshot(world.clock.now())).toMatchObject({
      state: 'closed',
      stats: { failures: 0 },
    });
  });

  test('a stream that ends long after leaseMs still has its say: only a kept place can be overdue', async () => {
    const world = new World({ ...open, script: 'a:500 a:stream' });
    await world.run();
    await world.clock.advance(5_000);
    await world.run({ streamed: true });
    await world.clock.advance(90_000);
    world.streams[0]?.end();
    await world.clock.advance(0);
    expect(world.target().breaker.snapshot(world.clock.now()).state).toBe('closed');
  });

  test('a probe of a lone target that is a long stream does not lock out the calls beside it', async () => {
    const world = new World({ ...open, endpoints: 'a', script: 'a:500 a:stream a:200' });
    await world.run({ maxRetries: 0 });
    await world.clock.advance(5_000);
    await world.run({ streamed: true });
    for (let i = 0; i < 5; i += 1) {
      expect(await world.trail()).toBe('a:ok');
      await world.clock.advance(100);
    }
    expect(world.of('target.skipped')).toEqual([]);
  });

  test.each([
    [120_000, 'closed'],
    [60_000, 'half-open'],
  ])('a probe that is answered after 90 s is heard only within its lease (%i ms)', async (leaseMs, state) => {
    const breaker = { ...open.breaker, leaseMs };
    const world = new World({ breaker, endpoints: 'a', script: 'a:500 a:200;takes=90000' });
    await world.run({ maxRetries: 0 });
    await world.clock.advance(5_000);
    expect(await world.trail({ timeoutMs: 600_000 })).toBe('a:ok');
    expect(world.target().breaker.snapshot(world.clock.now()).state).toBe(state);
  });

  test('a lone target that is open is not asked at all', async () => {
    const world = new World({ ...open, endpoints: 'a', script: 'a:500' });
    await world.run({ maxRetries: 0 });
    const { outcome, route } = await world.run();
    expect(outcome).toMatchObject({ kind: 'no_target', retryAfterMs: 5_000 });
    expect(route).toMatchObject({ target: undefined, attempts: [], failover: false });
  });

  test('a breaker that opened while a call waited to repeat sends it elsewhere', async () => {
    const world = new World({
      ...open,
      breaker: { failureStreak: 2, jitter: 0 },
      endpoints: 'a',
      script: 'a/m:409 a/m:500',
    });
    const waiting = world.start({ fallbacks: ['big'] });
    await world.clock.advance(0);
    for (let i = 0; i < 2; i += 1) await world.start({ maxRetries: 0 });
    await world.clock.advance(200);
    expect((await waiting).route.attempts.map((one) => one.target)).toEqual(['a/m', 'a/big']);
  });

  test('`false` lets every call through', async () => {
    const world = new World({ endpoints: 'a', breaker: false, script: 'a:500' });
    for (let i = 0; i < 10; i += 1) await world.run({ maxRetries: 0 });
    expect(world.sent).toHaveLength(10);
  });
});

describe('a stream', () => {
  test('is answered at its first content, and counts as a success only at its end', async () => {
    const world = new World({ script: 'a:stream;takes=40' });
    const { route } = await world.run({ streamed: true });
    expect(route).toMatchObject({ target: 'a/m', latencyMs: 40 });
    expect(world.of('stream.committed')).toMatchObject([{ target: 'a/m', attempt: 1, firstTokenMs: 40 }]);
    expect(world.of('attempt.succeeded')).toEqual([]);
    await world.clock.advance(500);
    world.streams[0]?.end();
    await world.clock.advance(0);
    expect(world.of('attempt.succeeded')).toMatchObject([{ target: 'a/m', durationMs: 540, status: 200 }]);
    expect(world.target().breaker.snapshot(600).stats).toMatchObject({ total: 1, failures: 0 });
  });

  test('that breaks after its first content is a failure of its target', async () => {
    const world = new World({ script: 'a:stream' });
    await world.run({ streamed: true });
    world.streams[0]?.end({ kind: 'stream_error_late', message: 'cut off' });
    await world.clock.advance(0);
    expect(world.of('stream.broken')).toMatchObject([{ target: 'a/m', message: 'cut off' }]);
    expect(world.of('attempt.failed')).toMatchObject([{ kind: 'stream_error_late', message: 'cut off' }]);
    expect(world.target().breaker.snapshot(0).stats).toMatchObject({ total: 1, failures: 1 });
  });

  test('has no clock of ours once its first content is here', async () => {
    const world = new World({ script: 'a:stream;takes=40' });
    await world.run({ streamed: true, clocks: { firstTokenMs: 50, attemptMs: 60 } });
    expect(world.clock.pending).toBe(0);
    await world.clock.advance(120_000);
    expect(world.streams[0]?.signal.aborted).toBe(false);
  });
});
