import { describe, expect, test } from 'vitest';
import { planBreakers } from '../../../packages/core/src/breaker/scopes.js';
import { TargetRegistry } from '../../../packages/core/src/targets/registry.js';
import type { Target } from '../../../packages/core/src/targets/target.js';

function registryOf(...ids: string[]): TargetRegistry {
  return new TargetRegistry({
    endpoints: ids.map((id) => ({ id, serves: (model) => model !== `not-${id}`, credential: () => `key-${id}` })),
    breakers: planBreakers({ failureStreak: 1 }),
    random: () => 0,
  });
}

const idsOf = (registry: TargetRegistry) => [...registry.all()].map((target) => target.id);

/** Meets so many models that all but the last thousand must be forgotten. */
function meet(registry: TargetRegistry, count: number, from = 0, now = 0): void {
  for (let i = from; i < from + count; i += 1) registry.of(`m${i}`, now);
}

/** What a breaker is put back into; the wait of one that was open is over. */
const restored = { state: 'closed', mode: 'auto', level: 0, openForMs: 0 } as const;

describe('the registry', () => {
  test('gives the targets of a model in the order of the endpoints, the same ones each time', () => {
    const registry = registryOf('b', 'a');
    expect(registry.of('m', 0).map((target) => target.id)).toEqual(['b/m', 'a/m']);
    expect(registry.of('m', 9)).toBe(registry.of('m', 0));
  });

  test('leaves out endpoints that do not serve the model', () => {
    expect(
      registryOf('a', 'b')
        .of('not-a', 0)
        .map((target) => target.id),
    ).toEqual(['b/not-a']);
    expect(registryOf('a').of('not-a', 0)).toEqual([]);
  });

  test('keeps a thousand models and forgets the one that was not used for longest', () => {
    const registry = registryOf('a');
    meet(registry, 1_000);
    registry.of('m0', 0);
    meet(registry, 1, 1_000);
    const ids = idsOf(registry);
    expect(ids).toHaveLength(1_000);
    expect([ids.includes('a/m0'), ids.includes('a/m1')]).toEqual([true, false]);
  });

  test.each<[string, (target: Target) => unknown]>([
    ['cooling', (target) => target.cooldown.start({ retryAfterMs: 9, floorMs: 9, isCertain: true }, 0, () => 0)],
    ['open', (target) => target.breaker.openFor(1_000, 0, 'test')],
    ['waiting for a probe', (target) => void target.breaker.restore({ ...restored, state: 'half-open' }, 0)],
    [
      'being probed',
      (target) => {
        target.breaker.restore({ ...restored, state: 'half-open' }, 0);
        target.breaker.tryAcquire(0);
      },
    ],
  ])('never forgets a target that is %s', (_, rest) => {
    const registry = registryOf('a');
    const [target] = registry.of('m0', 0);
    if (target) rest(target);
    meet(registry, 2_000, 1);
    expect(idsOf(registry)).toContain('a/m0');
    expect(idsOf(registry)).toHaveLength(1_000);
    expect(registry.of('m0', 0)[0]).toBe(target);
  });

  test.each([
    [599_999, true],
    [600_000, false],
  ])('keeps a target that waits for a probe for ten minutes (%i ms: %s)', (now, isKept) => {
    const registry = registryOf('a');
    const { breaker } = registry.of('m0', 0)[0] as Target;
    breaker.restore({ ...restored, state: 'half-open' }, 0);
    meet(registry, 1_000, 1, now);
    expect(registry.of('m0', now)[0]?.breaker === breaker).toBe(isKept);
  });

  test('forgets even an open target when two thousand models rest, the one that was not used for longest', () => {
    const registry = registryOf('a');
    for (let i = 0; i < 2_500; i += 1) registry.of(`m${i}`, 0)[0]?.breaker.openFor(1_000, 0, 'test');
    expect(idsOf(registry)).toHaveLength(2_000);
    expect(idsOf(registry)).toContain('a/m2499');
    // They are well again, and make room for a few names at a time.
    for (const { breaker } of registry.all()) breaker.reset(0);
    meet(registry, 200, 5_000);
    expect(idsOf(registry)).toHaveLength(1_000);
  });

  test('looks at eight models at the most for each new name, however many rest', () => {
    const registry = registryOf('a');
    let looks = 0;
    for (let i = 0; i < 2_100; i += 1) {
      const { breaker } = registry.of(`m${i}`, 0)[0] as Target;
      breaker.openFor(1_000, 0, 'test');
      const { snapshot } = breaker;
      breaker.snapshot = (now) => {
        looks += 1;
        return snapshot.call(breaker, now);
      };
    }
    looks = 0;
    registry.of('new', 0);
    // One more is for the breaker of the model that is forgotten: whoever set it by hand finds it again.
    expect(looks).toBeLessThanOrEqual(9);
  });

  test('forgets a target in quarantine like any other: a model that was made up is not worth its place', () => {
    const registry = registryOf('a');
    for (let i = 0; i < 5_000; i += 1)
      for (const target of registry.of(`m${i}`, 0)) target.quarantine.start('not_found', 0);
    const ids = idsOf(registry);
    expect(ids).toHaveLength(1_000);
    expect([ids[0], ids.at(-1)]).toEqual(['a/m4000', 'a/m4999']);
  });

  test('keeps a thousand credentials and forgets the one met first: functions give new ones all the time', () => {
    const registry = registryOf('a');
    for (let i = 0; i < 1_001; i += 1) registry.credential(`key#${i}`).start('auth', 0);
    expect(registry.knownCredential('key#0')).toBeUndefined();
    expect(['key#1', 'key#1000'].map((name) => registry.knownCredential(name)?.leftMs(0))).toEqual([300_000, 300_000]);
  });

  test('few models stay in the order in which they were met', () => {
    const registry = registryOf('a');
    for (const model of ['x', 'y', 'x', 'z', 'x']) registry.of(model, 0);
    expect(idsOf(registry)).toEqual(['a/x', 'a/y', 'a/z']);
  });
});

describe('what hinders a target', () => {
  test('is told with the time left: a quarantine before an open breaker before a cooldown', () => {
    const registry = registryOf('a');
    const [target] = registry.of('m', 0);
    if (!target) throw new Error('no target');
    const reasons: unknown[] = [registry.hindrance(target, 'key-a', 0)];
    target.cooldown.start({ retryAfterMs: 3_000, floorMs: 0, isCertain: true }, 0, () => 0);
    reasons.push(registry.hindrance(target, 'key-a', 0));
    target.breaker.openFor(5_000, 0, 'test');
    reasons.push(registry.hindrance(target, 'key-a', 0));
    registry.credential('key-a').start('auth', 0);
    reasons.push(registry.hindrance(target, 'key-a', 0), registry.hindrance(target, 'another key', 0));
    expect(reasons).toEqual([
      undefined,
      { reason: 'cooldown', leftMs: 3_000 },
      { reason: 'breaker', leftMs: 5_000, because: 'test' },
      { reason: 'quarantine', leftMs: 300_000, because: 'auth' },
      { reason: 'breaker', leftMs: 5_000, because: 'test' },
    ]);
  });

  test('an unknown credential hinders nothing, and asking does not make it known', () => {
    const registry = registryOf('a');
    const [target] = registry.of('m', 0);
    if (target) registry.hindrance(target, 'stranger', 0);
    expect(registry.knownCredential('stranger')).toBeUndefined();
  });
});
