import { describe, expect, test } from 'vitest';
import { Script } from '../flow/script.js';
import { calls, watched } from './watched.js';

const MINUTE = 60_000;
const breaker = {
  failureStreak: 1,
  openMs: 60_000,
  maxOpenMs: 60_000,
  jitter: 0,
  slowStartMs: 0,
  closeAfter: 1,
} as const;

describe('the score', () => {
  test('is 100 of a client that was never asked, and of one that was always well', async () => {
    const { world, watch } = watched('');
    expect(watch.report()).toMatchObject({ score: 100, wrong: [], targets: [], windowMs: 0 });
    await calls(world, 10, MINUTE);
    expect(watch.report().targets.map(({ score }) => score)).toEqual([100, 100]);
  });

  test('loses the time in which a breaker was open', async () => {
    const { world, watch } = watched('a:500 a:200', { breaker });
    await world.clock.advance(4 * MINUTE);
    await calls(world, 1);
    await world.clock.advance(5 * MINUTE);
    await calls(world, 1);
    await world.clock.advance(MINUTE);
    const report = watch.report();
    // One minute of ten; that nobody asked afterwards is nobody's fault.
    expect(report.targets.map(({ target, score, downMs, openings }) => [target, score, downMs, openings])).toEqual([
      ['a/m', 90, MINUTE, 1],
      ['b/m', 100, 0, 0],
    ]);
    expect(report.score).toBe(95);
  });

  test('loses what is being lost while a breaker is open, and no more when it is closed by hand', async () => {
    const { world, watch } = watched('a:500', { breaker });
    await world.clock.advance(9.5 * MINUTE);
    await calls(world, 1);
    await world.clock.advance(MINUTE / 2);
    expect(watch.report().targets[0]).toMatchObject({
      score: 95,
      downMs: MINUTE / 2,
      state: 'open',
      readyInMs: 30_000,
    });
    world.engine.target('a/m').breaker.reset();
    await world.clock.advance(10 * MINUTE);
    expect(watch.report().targets[0]).toMatchObject({ score: 97.5, downMs: MINUTE / 2, state: 'ready' });
  });

  test('loses the time from a failure to the next answer there, a minute at the most', async () => {
    const { world, watch } = watched('a:500', { endpoints: 'a', breaker: false, retries: { maxAttempts: 1 } });
    await world.clock.advance(10 * MINUTE - 30_000);
    await calls(world, 1);
    world.script = new Script('');
    await world.clock.advance(30_000);
    await calls(world, 1);
    expect(watch.report().targets[0]).toMatchObject({ score: 95, downMs: 0 });
    world.script = new Script('a:500');
    await calls(world, 1);
    await world.clock.advance(10 * MINUTE);
    expect(watch.report().targets[0]).toMatchObject({ score: 92.5 });
  });

  test('forgets what was more than an hour ago', async () => {
    const { world, watch } = watched('a:500 a:200', { breaker });
    await calls(world, 1);
    await world.clock.advance(59 * MINUTE);
    expect(watch.report().targets[0]?.score).toBeLessThan(100);
    await world.clock.advance(2 * MINUTE);
    expect(watch.report().targets[0]).toMatchObject({ score: 100, downMs: 0 });
    expect(watch.report().windowMs).toBeLessThanOrEqual(60 * MINUTE);
  });

  test('loses nothing by mistakes of the caller, and the time of a quarantine and of a rest', async () => {
    const { world, watch } = watched('a:400', { endpoints: 'a', retries: { maxAttempts: 1 } });
    await calls(world, 5, MINUTE);
    expect(watch.report().score).toBe(100);
    world.script = new Script('a:429;after=60000');
    await calls(world, 1);
    world.script = new Script('a:401');
    await world.clock.advance(5 * MINUTE);
    // A rest is a little longer than what was asked for.
    expect(watch.report().targets[0]?.downMs).toBeGreaterThanOrEqual(MINUTE);
    const { downMs = 0 } = watch.report().targets[0] ?? {};
    await calls(world, 1);
    await world.clock.advance(5 * MINUTE);
    expect((watch.report().targets[0]?.downMs ?? 0) - downMs).toBe(5 * MINUTE);
  });
});

describe('a report', () => {
  test('says what is wrong now, in sentences, and what happened', async () => {
    const { world, watch } = watched('a:500 b:200 b:500', { breaker, retries: { maxAttempts: 2 } });
    await calls(world, 2);
    await world.clock.advance(10_000);
    const report = watch.report();
    expect(report.wrong).toEqual([
      'Nobody can be asked for m: a/m is open (1 failure in a row) for 60 s, b/m is open (1 failure in a row) for 60 s. That was 10 s ago.',
      'a/m is not asked: its breaker is open (1 failure in a row), for another 50 s.',
      'b/m is not asked: its breaker is open (1 failure in a row), for another 50 s.',
    ]);
    expect(report.counts).toMatchObject({
      requests: { started: 2, succeeded: 1, failed: 1 },
      failovers: 1,
      openings: 2,
      alerts: 1,
    });
    expect(report.recent.map(({ event }) => event)).toEqual([
      'breaker.opened',
      'failover',
      'breaker.opened',
      'alert',
      'request.failed',
    ]);
    expect(report.openings).toMatchObject([{ target: 'a/m' }, { target: 'b/m' }]);
  });

  test('is plain frozen JSON, and a text of short lines', async () => {
    const { world, watch } = watched('a:500', { breaker });
    await calls(world, 3);
    const report = watch.report();
    expect(Object.isFrozen(report)).toBe(true);
    expect(JSON.parse(JSON.stringify(report))).toEqual({ ...report });
    const text = String(report);
    expect(text).toContain('Health ');
    expect(text).toContain('a/m is not asked: its breaker is open');
    expect(text).toMatch(/^target +health +down for +openings +now$/m);
    expect(text).toMatch(/^Lately:$/m);
  });

  test('says of an outage with thousands of failovers in a few lines when it began and how long it went on', async () => {
    const { world, watch } = watched('a:500', { breaker: false });
    await calls(world, 300, 10);
    const { recent, counts } = watch.report();
    expect(counts.failovers).toBe(300);
    expect(recent).toMatchObject([{ event: 'failover', times: 300, text: 'a/m failed over to b/m: server_error 500' }]);
    expect(String(watch.report())).toContain('300 times');
  });

  test('stays small, whatever happens', async () => {
    const { world, watch } = watched('a:500 b:500', { breaker: { ...breaker, openMs: 1 } });
    for (let model = 0; model < 400; model += 1) await calls(world, 1, 2, { model: `made-up-${model}` });
    const { recent, openings, wrong } = watch.report();
    expect([recent.length, openings.length]).toEqual([50, 20]);
    expect(wrong.length).toBeLessThanOrEqual(18);
    expect(String(watch.report()).split('\n').length).toBeLessThan(80);
  });

  test('changes nothing but what time has resolved', async () => {
    const { world, watch } = watched('a:500', { breaker });
    await calls(world, 2);
    const before = JSON.stringify(world.engine.status());
    const heard = world.heard.length;
    expect(String(watch.report())).toBe(String(watch.report()));
    expect(JSON.stringify(world.engine.status())).toBe(before);
    expect(world.heard).toHaveLength(heard);
  });
});
