import { describe, expect, test } from 'vitest';
import { faultsOf } from '../../../packages/core/src/base/check.js';
import { healthOptions, resolveHealthOptions } from '../../../packages/core/src/health/options.js';

describe('health options', () => {
  test('look after several endpoints beside calls, and after a lone one not at all', () => {
    expect(resolveHealthOptions(undefined, 2)).toMatchObject({
      mode: 'on-demand',
      intervalMs: 30_000,
      fall: 3,
      rise: 2,
    });
    expect(resolveHealthOptions({ intervalMs: 1_000 }, 1)).toMatchObject({ mode: 'passive', intervalMs: 1_000 });
    expect(resolveHealthOptions({ mode: 'active' }, 1).mode).toBe('active');
    expect(resolveHealthOptions(false, 2).mode).toBe('off');
  });

  test('that are named without a value are those of the defaults', () => {
    const given = { fall: undefined, mode: undefined } as object;
    expect(resolveHealthOptions(given, 2)).toEqual(resolveHealthOptions({}, 2));
  });

  test('believe in a down for as long as three probes take', () => {
    expect(resolveHealthOptions({ intervalMs: 1_000, timeoutMs: 200 }, 2).staleMs).toBe(3_600);
  });

  test.each([
    [{ mode: 'on' }, 'router.health.mode must be "off", "passive", "on-demand" or "active", but is "on"'],
    [{ fall: 0 }, 'router.health.fall must be a positive integer, but is 0'],
    [{ jitter: 2 }, 'router.health.jitter must be a number from 0 to 1, but is 2'],
    [{ probe: '/models' }, 'router.health.probe must be a function (endpoint, { signal }) => boolean'],
    [{ interval: 1 }, 'router.health.interval is not an option; did you mean router.health.intervalMs?'],
    ['active', 'router.health must be false or { mode, intervalMs, timeoutMs, fall, rise, probe, … }, but is "active"'],
  ])('%j are refused', (given, line) => {
    expect(faultsOf(healthOptions, given, 'router.health').join('\n')).toContain(line);
  });

  test.each([false, {}, { mode: 'off' }, { jitter: 0, probe: () => true }])('%j are taken', (given) => {
    expect(faultsOf(healthOptions, given, 'router.health')).toEqual([]);
  });
});
