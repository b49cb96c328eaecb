import { describe, expect, test } from 'vitest';
import { watched } from '../alerts/watched.js';

// Somebody opened a breaker for a deployment, and went home. Everybody else read "its breaker is open, until somebody closes it",
// and looked for an outage at the provider.
describe('a breaker that somebody opened by hand says so', () => {
  const opened = () => {
    const { world, watch } = watched('', { endpoints: 'a', alerts: false });
    world.engine.target('a/m').breaker.open();
    return { world, watch };
  };

  test('as the reason in its status', () => {
    const { world } = opened();
    expect(world.engine.status().targets[0]?.breaker).toMatchObject({ state: 'open', reason: 'opened by hand' });
    world.engine.target('a/m').breaker.close();
    expect(world.engine.status().targets[0]?.breaker.reason).toBeUndefined();
  });

  test('in the report', () => {
    const { watch } = opened();
    const report = watch.report();
    expect(report.wrong).toEqual(['a/m is not asked: its breaker is open (opened by hand), until somebody closes it.']);
    expect(report.targets).toMatchObject([{ target: 'a/m', state: 'open', reason: 'opened by hand' }]);
    expect(String(report)).toContain('somebody opened the breaker by hand');
  });

  test('in the message of the call that it refuses', async () => {
    const { world } = opened();
    const { outcome, skipped } = await world.run();
    expect(outcome).toMatchObject({
      message: 'every target is resting: a/m (breaker: opened by hand, until somebody closes it)',
    });
    expect(skipped).toMatchObject([{ target: 'a/m', reason: 'breaker', because: 'opened by hand' }]);
  });

  test('with the words that were given, where it was opened for a while', async () => {
    const { world, watch } = watched('', { endpoints: 'a', alerts: false });
    world.engine.target('a/m').breaker.openFor(600_000, 'maintenance');
    expect(watch.report().wrong).toEqual(['a/m is not asked: its breaker is open (maintenance), for another 10 min.']);
    const { outcome } = await world.run();
    expect(outcome).toMatchObject({ message: 'every target is resting: a/m (breaker: maintenance, 10 min left)' });
  });
});

test('a breaker that opened by itself says why, too', async () => {
  const { world, watch } = watched('a:500', {
    endpoints: 'a b',
    breaker: { failureStreak: 1, openMs: 60_000, jitter: 0 },
  });
  await world.run();
  expect(world.engine.status().targets[0]?.breaker.reason).toBe('1 failure in a row');
  expect(watch.report().wrong).toEqual([
    expect.stringContaining('its breaker is open (1 failure in a row), for another'),
  ]);
});

test('a breaker that its options keep open, or a snapshot, blames nobody’s hand', async () => {
  const { world } = watched('', { endpoints: 'a', breaker: { mode: 'forced-open' } });
  expect(world.engine.target('a/m').breaker.info().reason).toBe('open by its options');
  const memory = {
    version: 1,
    targets: { 'a/m': { state: 'open', level: 0, openForMs: 1_000 } },
    transports: {},
  } as const;
  const { world: later } = watched('', { endpoints: 'a' });
  later.engine.restore(memory);
  expect(later.engine.target('a/m').breaker.info().reason).toBe('open as a snapshot has it');
});
