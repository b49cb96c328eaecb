import { describe, expect, test } from 'vitest';
import { alertChecks, resolveAlerts } from '../../../packages/core/src/alerts/options.js';
import { faultsOf, shape } from '../../../packages/core/src/base/check.js';

const faults = (given: unknown) => faultsOf(shape(alertChecks), given, 'router.alerts');

describe('alert options', () => {
  test('are told of in one line for each fault', () => {
    const given = {
      openings: { atLeast: 0, windoMs: 1 },
      allDown: true,
      errorRate: { share: 0 },
      firstToken: {},
      budget: { severity: 'bad' },
      rules: [{ name: 'mine', on: ['alert', 'failover'], judge: 1 }],
      quotas: false,
    };
    expect(faults(given)).toEqual([
      'router.alerts.openings.atLeast must be a positive integer, but is 0',
      'router.alerts.openings.windoMs is not an option; did you mean router.alerts.openings.windowMs?',
      'router.alerts.allDown must be false or { quietMs, severity }, but is true',
      'router.alerts.budget.severity must be "info", "warning" or "critical", but is "bad"',
      'router.alerts.errorRate.share must be a number above 0, but is 0',
      'router.alerts.firstToken.p95Ms is required',
      'router.alerts.rules[0].on[0] must be the name of an event, and neither alert nor listener.failed, but is "alert"',
      'router.alerts.rules[0].judge must be a function ({ name, event }) => finding or undefined, but is 1',
      'router.alerts.quotas is not an option; did you mean router.alerts.quota?',
    ]);
  });

  test('have defaults, keep what is given, and switch rules off', () => {
    const { openings, allDown, firstToken } = resolveAlerts({
      openings: { atLeast: 5, windowMs: undefined } as never,
    });
    expect(openings).toEqual({ atLeast: 5, windowMs: 600_000, quietMs: 300_000, severity: 'warning' });
    expect([allDown?.quietMs, firstToken]).toEqual([60_000, undefined]);
    expect(resolveAlerts({ quota: false }).quota).toBeUndefined();
    const { rules, ...all } = resolveAlerts(false);
    expect([rules, Object.values(all).filter(Boolean)]).toEqual([[], []]);
  });
});
