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
    { endpoints: [{ id: 'a', breaker: { probes: 3, openMs: 3 } }] },
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
    const endpoints = [{ id: 'a', breaker: { probes: 2 } }];
    expect(at(planBreakers(false, { endpoints }), 'a/m')).toMatchObject({ probes: 2 });
  });

  test('are not found for names that every object has', () => {
    const plan = planBreakers({ models: { m: false } });
    expect(at(plan, 'a/constructor')).toBe(at(plan, 'a/other'));
  });

  // A lease of half a second was taken for ten minutes, without a word.
  test('have a lease as long as an attempt may take, unless somebody names one', () => {
    const plan = planBreakers({ models: { m: { leaseMs: 90 } } }, { leastLeaseMs: 600_000 });
    expect(at(planBreakers({ leaseMs: 1 }, { leastLeaseMs: 600_000 }), 'a/m')).toMatchObject({ leaseMs: 1 });
    expect(at(planBreakers({ openMs: 1 }, { leastLeaseMs: 600_000 }), 'a/m')).toMatchObject({ leaseMs: 600_000 });
    expect(at(plan, 'a/m')).toMatchObject({ leaseMs: 90 });
    expect(at(plan, 'a/n')).toMatchObject({ leaseMs: 600_000 });
    const least = { leastLeaseMs: 600_000 };
    for (const given of [{ leaseMs: undefined }, 'classic', undefined] as const)
      expect(at(planBreakers(given as object, least), 'a/m')).toMatchObject({ leaseMs: 600_000 });
    expect(planBreakers({}, least).transport).toMatchObject({ leaseMs: 600_000 });
    expect(at(planBreakers({}, { leastLeaseMs: 100 }), 'a/m')).toMatchObject({ leaseMs: 60_000 });
  });

  // The contradiction was found when the target was first asked, in the middle of a call.
  test('that contradict each other are told when the plan is made', () => {
    const endpoints = [{ id: 'b' }, { id: 'a', breaker: { maxOpenMs: 6_000 } }];
    expect(() => planBreakers({ models: { m: { openMs: 7_000 } } }, { endpoints })).toThrow(
      new TypeError('router.endpoints[1].breaker.maxOpenMs must be at least openMs (7000), but is 6000'),
    );
  });

  // They read "breaker of */m.maxOpenMs", which nobody has written, and came one at a time.
  test('are told by the path where they were written, all at once', () => {
    const models = { m: { maxOpenMs: 6_000 }, n: {} };
    const targets = { 'a/gpt-4.1': { maxOpenMs: 5_000 }, 'a/m': { probes: 2 } };
    expect(() =>
      planBreakers({ openMs: 7_000, models, targets }, { endpoints: [{ id: 'a', breaker: { probes: 3 } }] }),
    ).toThrow(
      new TypeError(
        'router.breaker.models.m.maxOpenMs must be at least openMs (7000), but is 6000\n' +
          'router.breaker.targets["a/gpt-4.1"].maxOpenMs must be at least openMs (7000), but is 5000',
      ),
    );
  });

  // The limit was held against the default wait of five seconds, though waits begin with one.
  test('are held against what is below them, not against the defaults', () => {
    const given = { openMs: 1_000, models: { m: { maxOpenMs: 3_000 } }, transport: { maxOpenMs: 2_000 } };
    expect(faultsOf(given)).toEqual([]);
    expect(at(planBreakers(given), 'a/m')).toMatchObject({ openMs: 1_000, maxOpenMs: 3_000 });
    expect(planBreakers(given).transport).toMatchObject({ openMs: 1_000, maxOpenMs: 2_000 });
    expect(() => planBreakers({ models: given.models })).toThrow(
      new TypeError('router.breaker.models.m.maxOpenMs must be at least openMs (5000), but is 3000'),
    );
  });

  // Three for the client, one number for a model, and the model had the adaptive breaker.
  test('may change single numbers of the classic breaker', () => {
    const plan = planBreakers({ failureThreshold: 3, timeout: 20_000, models: { m: { closeAfter: 5 } } });
    expect(at(plan, 'a/m')).toEqual({ ...(at(plan, 'a/n') as object), closeAfter: 5 });
    expect(at(plan, 'a/m')).toMatchObject({ failureStreak: 3, openMs: 20_000, openMultiplier: 1, probes: 3 });
  });
});

describe('options for a target', () => {
  const endpoints = [{ id: 'seoul' }, { id: 'tokyo' }];
  const planned = (...ids: string[]) =>
    planBreakers({ targets: Object.fromEntries(ids.map((id) => [id, { probes: 2 }])) }, { endpoints });

  // The target had the options of all others, and nobody was told.
  test.each([
    ['seol/gpt-4.1', 'router.breaker.targets["seol/gpt-4.1"] is for no endpoint; did you mean "seoul/gpt-4.1"?'],
    ['busan/m', 'router.breaker.targets["busan/m"] is for no endpoint; the endpoints are seoul, tokyo'],
    ['gpt-4.1', 'router.breaker.targets["gpt-4.1"] must be written endpoint/model; the endpoints are seoul, tokyo'],
    ['seoul/', 'router.breaker.targets["seoul/"] must be written endpoint/model; the endpoints are seoul, tokyo'],
    ['/m', 'router.breaker.targets["/m"] must be written endpoint/model; the endpoints are seoul, tokyo'],
  ])('whose endpoint there is none of are refused: %s', (id, fault) => {
    expect(() => planned('tokyo/m', id)).toThrow(new TypeError(fault));
  });

  test('are for any model, one with a slash in its name too', () => {
    expect(at(planned('seoul/org/model'), 'seoul/other')).toMatchObject({ probes: 1 });
    expect(planned('seoul/org/model').optionsAt({ endpoint: 'seoul', model: 'org/model' })).toMatchObject({
      probes: 2,
    });
  });

  test('are taken for any endpoint where nobody has said which there are', () => {
    expect(at(planBreakers({ targets: { 'x/m': { probes: 2 } } }), 'x/m')).toMatchObject({ probes: 2 });
    expect(() => planBreakers({ targets: { 'gpt-4.1': { probes: 2 } } })).toThrow(
      new TypeError('router.breaker.targets["gpt-4.1"] must be written endpoint/model'),
    );
  });
});

describe('a wider scope', () => {
  test('takes the options of what it stands for', () => {
    const endpoints = [{ id: 'a', breaker: { probes: 3 } }];
    expect(at(planBreakers({ scope: 'endpoint' }, { endpoints }), 'a/m')).toMatchObject({ probes: 3 });
    expect(at(planBreakers({ scope: 'model', models: { m: { probes: 2 } } }), 'a/m')).toMatchObject({ probes: 2 });
  });

  // Whose options a shared breaker got depended on which target was asked first.
  test.each([
    [{ scope: 'endpoint', models: { m: { probes: 2 } } }, 'router.breaker.models'],
    [{ scope: 'model', targets: { 'a/m': { probes: 2 } } }, 'router.breaker.targets'],
    [{ scope: 'model' }, 'router.endpoints[1].breaker'],
  ] as const)('refuses options that cut it in pieces: %j', (given, name) => {
    const endpoints = name.startsWith('router.endpoints')
      ? [{ id: 'a' }, { id: 'b', breaker: { probes: 2 } }]
      : [{ id: 'a' }];
    expect(() => planBreakers(given, { endpoints })).toThrow(
      new TypeError(`${name} means nothing while router.breaker.scope is "${given.scope}"; leave it out`),
    );
  });
});

describe('the breaker of connections', () => {
  test('opens after a streak alone, and waits like the others', () => {
    const { transport } = planBreakers({
      failureStreak: 2,
      failureRate: 0.1,
      slowMs: 5,
      openMs: 40,
      openMultiplier: 3,
      maxOpenMs: 80,
      jitter: 0,
      levelDecayMs: 70,
    });
    expect(transport).toMatchObject({ failureStreak: 5, failureRate: false, levelDecayMs: 70 });
    expect(transport).toMatchObject({ openMs: 40, openMultiplier: 3, maxOpenMs: 80, jitter: 0 });
    expect(transport).not.toHaveProperty('slowMs');
    const never = recovery.never();
    expect(planBreakers({ recovery: never }).transport).toMatchObject({ recovery: never });
    expect(planBreakers({ recovery: never, transport: { openMs: 7 } }).transport).toMatchObject({ openMs: 7 });
    expect(planBreakers({ recovery: never, transport: { openMs: 7 } }).transport).not.toHaveProperty('recovery');
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
    expect(faultsOf(value)).toEqual([
      'breaker.scope must be "target", "endpoint" or "model", but is "x"',
      'breaker.transport must be false, "adaptive", "classic", "fluxgate" or an object, but is 7',
      'breaker.models.m.probes must be a positive integer, but is 0',
      'breaker.targets must be an object, but is 1',
      'breaker.openMs must be a positive integer, but is 0',
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

describe('rules that are switched off in several layers', () => {
  const off = 'has failureStreak: false and failureRate: false, so nothing would ever open it';

  // Each of the two was right alone; the model had no breaker any more.
  test('are refused where the uppermost of them was written, when together they leave none', () => {
    const given = { failureRate: false, models: { m: { failureStreak: false } } } as const;
    expect(() => planBreakers(given)).toThrow(`router.breaker.models.m ${off}`);
    const above = { ...given, targets: { 'a/m': { maxOpenMs: 40_000 } } };
    // The same fault at two places is one fault.
    expect(() => planBreakers(above, { endpoints: [{ id: 'a' }] })).toThrow(
      /^router\.breaker\.models\.m has failureStreak: false and failureRate: false, .*$/,
    );
    expect(() => planBreakers({ transport: { failureStreak: false } })).toThrow(`router.breaker.transport ${off}`);
  });

  test('are refused where something else was written that brings them to bear', () => {
    const given = {
      mode: 'disabled',
      failureStreak: false,
      failureRate: false,
      models: { m: { mode: 'auto' } },
    } as const;
    expect(() => planBreakers(given)).toThrow(`router.breaker.models.m ${off}`);
  });

  test('pass where another layer has a rule', () => {
    const models = { m: { failureStreak: false, failureRate: false } } as const;
    expect(() => planBreakers({ slowMs: 5_000, models })).not.toThrow();
    expect(() => planBreakers({ mode: 'disabled', models })).not.toThrow();
  });
});
