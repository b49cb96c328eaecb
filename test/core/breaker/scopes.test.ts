import { describe, expect, test } from 'vitest';
import { recovery } from '../../../packages/core/src/breaker/recovery.js';
import { type BreakerPlan, planBreakers, routerBreakerOptions } from '../../../packages/core/src/breaker/scopes.js';

const at = (plan: BreakerPlan, id: string) => {
  const [endpoint = '', model = ''] = id.split('/');
  return plan.optionsAt({ endpoint, model });
};

function faultsOf(value: unknown): string[] {
  const faults: string[] = [];
  routerBreakerOptions(value, 'breaker', faults);
  return faults;
}

describe('the options of a place', () => {
  const plan = planBreakers(
    {
      probes: 1,
      openMs: 1,
      closeAfter: 1,
      minRequests: 1,
      models: { m: { probes: 2, openMs: 2, closeAfter: 2 } },
      targets: { 'a/m': { probes: 4 } },
    },
    { byEndpoint: new Map([['a', { probes: 3, openMs: 3 }]]) },
  );

  test("are a target's over its endpoint's over its model's over the client's", () => {
    expect(at(plan, 'a/m')).toMatchObject({ probes: 4, openMs: 3, closeAfter: 2, minRequests: 1 });
    expect(at(plan, 'a/n')).toMatchObject({ probes: 3, openMs: 3, closeAfter: 1 });
    expect(at(plan, 'b/m')).toMatchObject({ probes: 2, openMs: 2, closeAfter: 2 });
    expect(at(plan, 'b/n')).toMatchObject({ probes: 1, openMs: 1, closeAfter: 1 });
  });

  // Options were kept by target: callers who made model names up filled the memory wherever an endpoint had options of its own.
  test('are the same object wherever the same options are given, however many models are made up', () => {
    expect(at(plan, 'a/made-up-1')).toBe(at(plan, 'a/made-up-2'));
    expect(at(plan, 'b/made-up')).toBe(at(plan, 'c/made-up'));
  });

  test('may switch a breaker off, or on where all others are off', () => {
    expect(at(planBreakers({ models: { m: false } }), 'a/m')).toBe(false);
    expect(at(planBreakers(false, { byEndpoint: new Map([['a', { probes: 2 }]]) }), 'a/m')).toMatchObject({
      probes: 2,
    });
  });

  test('are not found for names that every object has', () => {
    const plan = planBreakers({ models: { m: false } });
    expect(at(plan, 'a/constructor')).toBe(at(plan, 'a/other'));
  });

  test('have a lease as long as an attempt may take', () => {
    const plan = planBreakers({ models: { m: { leaseMs: 90 } } }, { leastLeaseMs: 60 });
    expect(at(planBreakers({ leaseMs: 1 }, { leastLeaseMs: 60 }), 'a/m')).toMatchObject({ leaseMs: 60 });
    expect(at(plan, 'a/m')).toMatchObject({ leaseMs: 90 });
  });

  // The contradiction was found when the target was first asked, in the middle of a call.
  test('that contradict each other are told when the plan is made', () => {
    const byEndpoint = new Map([['a', { maxOpenMs: 6_000 }]]);
    expect(() => planBreakers({ models: { m: { openMs: 7_000 } } }, { byEndpoint })).toThrow(
      new TypeError('breaker of a/m.maxOpenMs must be at least openMs (7000), but is 6000'),
    );
    const targets = { 'a/x': { maxOpenMs: 6_000 } };
    expect(() => planBreakers({ openMs: 7_000, targets })).toThrow('breaker of a/x.maxOpenMs');
  });
});

describe('a wider scope', () => {
  test('takes the options of what it stands for', () => {
    const byEndpoint = new Map([['a', { probes: 3 }]]);
    expect(at(planBreakers({ scope: 'endpoint' }, { byEndpoint }), 'a/m')).toMatchObject({ probes: 3 });
    expect(at(planBreakers({ scope: 'model', models: { m: { probes: 2 } } }), 'a/m')).toMatchObject({ probes: 2 });
  });

  // Whose options a shared breaker got depended on which target was asked first.
  test.each([
    [{ scope: 'endpoint', models: { m: { probes: 2 } } }, 'router.breaker.models'],
    [{ scope: 'model', targets: { 'a/m': { probes: 2 } } }, 'router.breaker.targets'],
  ] as const)('refuses options that cut it in pieces: %j', (given, name) => {
    expect(() => planBreakers(given)).toThrow(`${name} means nothing while router.breaker.scope is "${given.scope}"`);
  });
});

describe('the breaker of connections', () => {
  test('opens after a streak alone, and waits like the others', () => {
    const { transport } = planBreakers({
      failureStreak: 2,
      failureRate: 0.1,
      slowMs: 5,
      openMs: 40,
      maxOpenMs: 80,
      jitter: 0,
    });
    expect(transport).toMatchObject({ failureStreak: 5, failureRate: false, openMs: 40, maxOpenMs: 80, jitter: 0 });
    expect(transport).not.toHaveProperty('slowMs');
    const never = recovery.never();
    expect(planBreakers({ recovery: never }).transport).toMatchObject({ recovery: never });
    expect(planBreakers('classic').transport).toMatchObject({ failureStreak: 5, openMs: 60_000 });
  });

  test('has options of its own over that', () => {
    const plan = planBreakers({ openMs: 40, transport: { failureStreak: 2 } });
    expect(plan.transport).toMatchObject({ failureStreak: 2, failureRate: false, openMs: 40 });
    expect(planBreakers({ transport: { openMs: 90_000 } }).transport).toMatchObject({
      openMs: 90_000,
      maxOpenMs: 90_000,
    });
    expect(planBreakers({ transport: false }).transport).toBe(false);
  });

  // With `breaker: false` five refused connections still closed the way to an endpoint, and an observing client was refused calls.
  test('is off where breakers are off, and observes where they observe', () => {
    expect(planBreakers(false).transport).toBe(false);
    expect(planBreakers({ mode: 'observe-only' }).transport).toMatchObject({ mode: 'observe-only' });
  });
});

describe('the check', () => {
  test('takes everything that a breaker takes, and the places', () => {
    for (const good of [
      false,
      'classic',
      {},
      { openMs: 1 },
      { failureThreshold: 2, scope: 'model' },
      { transport: false },
    ])
      expect(faultsOf(good)).toEqual([]);
  });

  test('tells all faults of all layers', () => {
    const value = { scope: 'x', transport: 7, models: { m: { probes: 0 } }, targets: 1, openMs: 0 };
    expect(faultsOf(value).map((line) => line.split(' ')[0])).toEqual([
      'breaker.scope',
      'breaker.transport',
      'breaker.models.m.probes',
      'breaker.targets',
      'breaker.openMs',
    ]);
  });

  // Reading the places apart threw at getters that throw, and lost what an object has from its prototype.
  test('reads options that are no plain objects as carefully as any', () => {
    const throwing = {
      scope: 'model',
      get openMs(): number {
        throw new Error('no');
      },
    };
    expect(faultsOf(throwing)).toEqual(['breaker cannot be read: one of its getters throws']);
    expect(faultsOf(Object.create({ openMs: 0 }))).toEqual(['breaker.openMs must be a positive integer, but is 0']);
    expect(at(planBreakers(Object.create({ openMs: 7 })), 'a/m')).toMatchObject({ openMs: 7 });
  });
});
