import { describe, expect, test } from 'vitest';
import { resolveAlerts } from '../../../packages/core/src/alerts/options.js';
import { Watch } from '../../../packages/core/src/alerts/watch.js';
import { Script } from '../flow/script.js';
import { World } from '../flow/world.js';
import { calls, watched } from './watched.js';

const MINUTE = 60_000;
const breaker = { failureStreak: 1, openMs: 600_000, maxOpenMs: 600_000, jitter: 0, slowStartMs: 0 } as const;

/** A world in which nobody hears anything, but for the watch. */
function unheard(script = '', endpoints = 'a b') {
  const world = new World({ script, endpoints, breaker });
  world.engine.hub.clear();
  const watch = new Watch(world.engine, resolveAlerts({ firstToken: { p95Ms: 100 } }));
  return { world, watch, hub: world.engine.hub };
}

describe('what happens in every call', () => {
  test('is heard only while somebody hears alerts', async () => {
    const { world, hub } = unheard();
    await calls(world, 3);
    const hot = ['request.started', 'request.succeeded', 'attempt.started', 'attempt.succeeded'] as const;
    expect(hot.filter((name) => hub.hears(name))).toEqual([]);
    expect(hub.hears('stream.committed')).toBe(false);
    const undo = hub.on('alert', () => undefined);
    expect(hot.filter((name) => hub.hears(name))).toEqual(['request.succeeded']);
    expect(hub.hears('stream.committed')).toBe(true);
    undo();
    expect(hot.filter((name) => hub.hears(name))).toEqual([]);
    expect(hub.hears('stream.committed')).toBe(false);
  });

  test('is heard of answers while a target that may be asked has failed last, and no longer', async () => {
    const { world, hub } = unheard('a:malformed', 'a b');
    world.engine.target('a/m').breaker.disable();
    await calls(world, 1);
    // The other one has answered since; this one has not, and nobody asks it for a minute.
    expect(hub.hears('attempt.succeeded')).toBe(true);
    world.script = new Script('');
    await calls(world, 1);
    expect(hub.hears('attempt.succeeded')).toBe(false);
  });

  test('is heard for a minute at the most where nobody asks the one that failed', async () => {
    const { world, hub } = unheard('a:malformed', 'a=m,n b');
    world.engine.target('a/m').breaker.disable();
    await calls(world, 1);
    await world.clock.advance(MINUTE);
    await calls(world, 1, 0, { model: 'n' });
    expect(hub.hears('attempt.succeeded')).toBe(false);
  });

  // Those that were forgotten for newer ones were still waited for, more and more of them, and answers were heard for nobody.
  test('is not heard for targets that failed and have been forgotten since', async () => {
    const { world, hub } = unheard('');
    const told = { at: 0, endpoint: 'a', attempt: 1, status: 500, durationMs: 1, message: '' } as const;
    for (let model = 0; model < 600; model += 1)
      hub.emit('attempt.failed', { ...told, target: `a/x${model}`, model: `x${model}`, kind: 'server_error' } as never);
    expect(hub.hears('attempt.succeeded')).toBe(true);
    for (let model = 100; model < 600; model += 1)
      hub.emit('attempt.succeeded', { ...told, target: `a/x${model}`, model: `x${model}` } as never);
    expect(hub.hears('attempt.succeeded')).toBe(false);
    expect(world.of('attempt.failed')).toEqual([]);
  });

  test('is not heard of a target that its breaker keeps calls away from', async () => {
    const { world, hub } = unheard('a:500');
    await calls(world, 1);
    expect(world.engine.target('a/m').status().state).toBe('open');
    expect(hub.hears('attempt.succeeded')).toBe(false);
  });
});

describe('an alert', () => {
  test('is frozen and JSON, and has the same incident when it is over', async () => {
    const { world } = watched('a:500', { endpoints: 'a', breaker: { ...breaker, openMs: 1_000 } });
    await calls(world, 1);
    const [alert] = world.of('alert');
    expect(Object.isFrozen(alert)).toBe(true);
    expect(JSON.parse(JSON.stringify(alert))).toEqual(JSON.parse(JSON.stringify({ ...alert })));
    expect(alert?.incident).toMatch(/^allDown-[0-9a-z]{6}-1$/);
    expect(alert?.at).toBe(alert?.since);
  });

  test('is not told any more after close, and what was known stays in the report', async () => {
    const { world, watch } = watched('a:500', { endpoints: 'a', breaker });
    await calls(world, 1);
    watch.close();
    expect(world.of('alert')).toHaveLength(1);
    world.engine.target('a/m').breaker.reset();
    await calls(world, 1);
    expect(world.of('alert')).toHaveLength(1);
    expect(watch.report().openings).toHaveLength(1);
    for (const name of ['failover', 'attempt.failed', 'request.succeeded', 'breaker.opened'] as const)
      world.engine.hub.on(name, () => undefined)();
  });

  // Model names come from callers, who may make them up.
  test('is told of a hundred incidents of a rule at a time at the most', async () => {
    const { world } = watched('a:500', { endpoints: 'a', breaker });
    for (let model = 0; model < 300; model += 1) await calls(world, 1, 0, { model: `made-up-${model}` });
    expect(world.of('alert').filter(({ rule }) => rule === 'allDown')).toHaveLength(100);
  });

  test('keeps a name on one line and short, whatever a caller calls a model', async () => {
    const { world } = watched('a:500', { endpoints: 'a', breaker });
    await calls(world, 1, 0, { model: `x\n<!channel>\u2028${'y'.repeat(5_000)}` });
    const [alert] = world.of('alert');
    expect(alert?.text).not.toMatch(/[\n\u2028]/);
    expect(alert?.text.length).toBeLessThan(400);
  });
});
