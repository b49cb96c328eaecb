import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { permits } from '../../../packages/core/src/breaker/permits.js';
import { EVENT_NAMES } from '../../../packages/core/src/events/events.js';
import { VERDICTS } from '../../../packages/core/src/outcome/verdict.js';
import type { Target } from '../../../packages/core/src/targets/target.js';
import { leftovers, play, type Scenario, type Step, scenarios, worldOf } from './scenario.js';
import { World } from './world.js';

const check = (numRuns: number, property: (scenario: Scenario) => Promise<void>) =>
  fc.assert(fc.asyncProperty(scenarios, property), { numRuns });

/** The number of events of a name, for all or for one target. */
const count = (world: World, name: string, target?: string) =>
  world.heard.filter((one) => one.name === name && (!target || (one.event as { target?: string }).target === target))
    .length;

/** The items by their key, in order. */
function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

describe('whatever happens', () => {
  test('C1: nothing is left: no call or stream in flight, no probe out, no timer, no listener', () =>
    check(70, async (scenario) => {
      const world = worldOf(scenario);
      expect(leftovers(world, await play(world, scenario))).toEqual([]);
    }));

  test('C1: nor where dice decide about probes, and whoever is not asked is named', () =>
    check(40, async (scenario) => {
      const dice = permits.rampUp({ durationMs: 10_000 });
      const world = worldOf(scenario, { failureStreak: 1, openMs: 500, jitter: 0, permits: dice });
      const made = await play(world, scenario);
      expect(leftovers(world, made)).toEqual([]);
      for (const { conclusion } of made) {
        const { outcome, skipped = [] } = conclusion ?? {};
        if (outcome?.kind === 'no_target') expect(skipped.length).toBeGreaterThan(0);
      }
      expect(count(world, 'breaker.rejected')).toBe(
        world.of('target.skipped').filter(({ reason }) => reason === 'breaker').length,
      );
    }));

  test('every attempt has exactly one end, and every call exactly one end', () =>
    check(70, async (scenario) => {
      const world = worldOf(scenario);
      await play(world, scenario);
      const open = new Map<string, number>();
      for (const { name, event } of world.heard) {
        const key = `${event.requestId} ${'attempt' in event && name.startsWith('attempt.') ? event.attempt : ''}`;
        if (name === 'attempt.started' || name === 'request.started') {
          expect(open.has(key)).toBe(false);
          open.set(key, 0);
        } else if (/^(attempt|request)\./.test(name)) open.set(key, (open.get(key) ?? Number.NaN) + 1);
      }
      for (const [key, ends] of open) expect(ends, key).toBe(1);
    }));

  test('C2: attempts stay within maxAttempts, one target’s within maxRetries, and paid ones within the budget', () =>
    check(70, async (scenario) => {
      // Leaving a target that its breaker has closed off is free, so here there is no breaker.
      const world = worldOf(scenario, false);
      const made = await play(world, scenario);
      let paid = 0;
      for (const { call, conclusion } of made) {
        const attempts = conclusion?.route.attempts ?? [];
        expect(attempts.length).toBeLessThanOrEqual(call.repeatable ? 8 : 1);
        const byTarget = grouped(attempts, (one) => one.target);
        for (const tries of byTarget.values()) expect(tries.length).toBeLessThanOrEqual(call.maxRetries + 1);
        const goings = attempts
          .slice(1)
          .map(({ target, model }, i) => ({ model, from: attempts[i], isFailover: target !== attempts[i]?.target }));
        // Another model is no repeat of what failed.
        const charged = goings.filter(
          ({ from, model }) => from && VERDICTS[from.kind].executed !== 'no' && from.model === model,
        );
        // Repeats with nowhere else to go are the official client's, and free.
        const legs = world.engine.legsOf(call, [call.model ?? '*', ...(call.movable ? call.fallbacks : [])], 0);
        if (legs.flat().length === 1) continue;
        // The first failover of a call is free.
        paid += charged.length - (charged.some(({ isFailover }) => isFailover) ? 1 : 0);
      }
      expect(paid).toBeLessThanOrEqual(5 + 0.2 * made.length);
    }));

  test('C3: nobody is asked twice while the same model could be asked elsewhere, and nobody in quarantine', () =>
    check(70, async (scenario) => {
      const world = worldOf(scenario);
      const isLone = !scenario.endpoints.includes(' ');
      const free = (target: Target) =>
        world.engine.registry.hindrance(target, target.endpoint.credential(), world.clock.now()) === undefined;
      const tried = new Map<string | undefined, Set<string>>();
      const untriedAfter = new Map<string | undefined, string[]>();
      const untried = (requestId: string | undefined, model: string) =>
        world.engine.registry
          .of(model, world.clock.now())
          .filter((target) => free(target) && !tried.get(requestId)?.has(target.id))
          .map((target) => target.id);
      world.engine.hub.on('attempt.failed', ({ requestId, model }) =>
        untriedAfter.set(requestId, untried(requestId, model)),
      );
      world.engine.hub.on('attempt.started', ({ requestId, target, model, endpoint }) => {
        const before = tried.get(requestId) ?? new Set();
        tried.set(requestId, before);
        if (before.has(target)) {
          // What was free at the decision and still is after the wait should have been asked instead.
          const now = untried(requestId, model);
          expect((untriedAfter.get(requestId) ?? []).filter((id) => now.includes(id))).toEqual([]);
        }
        before.add(target);
        const known = world.target(endpoint, model);
        if (!isLone) expect([known.quarantine.leftMs(world.clock.now()), target]).toEqual([0, target]);
      });
      const steps = scenario.steps.map((step) =>
        step.do === 'call' ? { ...step, given: { ...step.given, movable: true } } : step,
      );
      await play(world, { ...scenario, steps });
      expect(world.complaints.filter((one) => one.startsWith('A listener'))).toEqual([]);
    }));

  test('C4: no call takes longer than its time, whoever hangs', () =>
    check(70, async (scenario) => {
      const world = worldOf(scenario);
      for (const { call, startedAt, endedAt = Number.NaN } of await play(world, scenario)) {
        expect(endedAt - startedAt).toBeLessThanOrEqual(call.timeoutMs + 0.001);
      }
    }));

  test('C7: nobody is asked before the time to which they asked to be left alone', () =>
    check(70, async (scenario) => {
      const world = worldOf(scenario);
      await play(world, scenario);
      expect(world.early).toEqual([]);
    }));

  test('C9: listeners that throw change no way and no other event', () =>
    check(20, async (scenario) => {
      const [calm, wild] = [worldOf(scenario), worldOf(scenario)];
      for (const name of EVENT_NAMES) {
        wild.engine.hub.on(name, () => {
          throw new Error('a bug');
        });
      }
      await play(calm, scenario);
      await play(wild, scenario);
      const heard = wild.heard.filter(({ name }) => name !== 'listener.failed');
      expect(JSON.stringify(heard)).toBe(JSON.stringify(calm.heard));
    }));

  test('C9: a last resort that fails is as good as none', () =>
    check(20, async (scenario) => {
      const failing = { none: 'none', answer: 'none', reject: 'reject', throw: 'throw' } as const;
      const mapped = (all: boolean) =>
        scenario.steps.flatMap((step): Step[] => {
          if (step.do === 'call') return [{ ...step, resort: all ? 'none' : failing[step.resort] }];
          // An abort while a last resort is being asked is the caller's leave: here each has failed before the abort comes.
          return step.do === 'abort' ? [{ do: 'advance', ms: 0 }, step] : [step];
        });
      const [without, broken] = [worldOf(scenario), worldOf(scenario)];
      await play(without, { ...scenario, steps: mapped(true) });
      await play(broken, { ...scenario, steps: mapped(false) });
      // Calls of the same instant may take turns in another order, but each goes its own way.
      const ways = ({ heard }: World) => Object.fromEntries(grouped(heard, ({ event }) => event.requestId ?? ''));
      expect(ways(broken)).toEqual(ways(without));
      expect([broken.clock.now(), broken.clock.pending]).toEqual([without.clock.now(), 0]);
    }));

  test('C12: the same seed leads to the same events, to the millisecond', () =>
    check(20, async (scenario) => {
      const [first, second] = [worldOf(scenario), worldOf(scenario)];
      await play(first, scenario);
      await play(second, scenario);
      expect(JSON.stringify(second.heard)).toBe(JSON.stringify(first.heard));
    }));

  test('C6: the caller’s own mistake costs one attempt and changes nothing, whatever happened before', () =>
    check(40, async (scenario) => {
      const world = worldOf(scenario);
      await play(world, scenario);
      for (const model of ['m', 'big']) world.engine.registry.of(model, world.clock.now());
      for (const word of ['400', 'throw']) {
        world.script = new World({ script: `*:${word}` }).script;
        // A target that nothing keeps from being asked: a probe of an open one would be news by itself.
        const ready = world.engine.status().targets.find(({ state }) => state === 'ready');
        if (!ready) return;
        const before = [JSON.stringify(world.engine.status()), Math.min(5, world.engine.budget.tokens + 0.2)];
        const given = { model: ready.model, endpoint: ready.endpoint, fallbacks: ['big'] };
        const { outcome, route } = await world.run(given);
        expect([outcome.kind, route.attempts.length]).toEqual(['caller_error', 1]);
        expect([JSON.stringify(world.engine.status()), world.engine.budget.tokens]).toEqual(before);
      }
    }));
});
