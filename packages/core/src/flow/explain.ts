import type { Failure } from '../outcome/outcome.js';
import type { ResolvedRouting } from '../routing/options.js';
import type { Occasion } from '../routing/strategy.js';
import { type Target, toldMs } from '../targets/target.js';
import type { Call } from './call.js';
import type { ExplainedEndpoint, ExplainedModel, ExplainedTarget, Explanation } from './explanation.js';
import { tableOf } from './explanation-table.js';
import { cheapestOf, leftOutBy, legOf } from './legs.js';
import { oddsOf } from './odds.js';
import { Plan } from './plan.js';
import type { PlanSource } from './plan-source.js';
import { reasonsAgainst } from './reasons.js';
import type { Leg, Step } from './step.js';
import { told } from './told.js';

/** What an explanation is read from; the engine is one. */
export type ExplainSource = Omit<PlanSource, 'random' | 'isOrdered' | 'choose' | 'legsOf'> & {
  readonly routing: ResolvedRouting;
};

/** Dice that always say the same: what depends on dice is told as a chance. */
const NO_DICE = () => 0.5;

/** The plan that a call would have if it were made now. Sends nothing and changes nothing: no dice, no breaker, no turn. */
export function explain(source: ExplainSource, call: Call<unknown>, now: number): Explanation {
  const rehearsal = new Rehearsal(source, call, now);
  const { plan, models } = rehearsal;
  const steps = stepsOf(plan, now);
  const last = steps[0]?.last && { target: steps[0].target.id, how: steps[0].last, afterMs: toldMs(steps[0].delayMs) };
  const asked = last ? [] : steps;
  return explanation({
    model: call.model,
    streamed: call.streamed,
    strategy: source.routing.strategy.name,
    order: asked.map(({ target }) => target.id),
    maxAttempts: call.repeatable ? source.retries.maxAttempts : 1,
    isAlone: plan.isAlone,
    models: models.map((model) => modelOf(rehearsal, model, asked)),
    last,
  });
}

/** Makes the plan of a call with everything real but dice and turns: of several targets the likeliest is chosen. */
class Rehearsal implements PlanSource {
  readonly random = NO_DICE;
  readonly #looked = new Map<string, readonly Target[]>();
  #cheapest: ReadonlySet<Target> | undefined;
  readonly isOrdered = () => false;
  readonly registry: PlanSource['registry'];
  readonly retries: PlanSource['retries'];
  readonly whenExhausted: PlanSource['whenExhausted'];
  readonly limits: PlanSource['limits'];
  readonly isSaving: boolean;
  readonly routing: ResolvedRouting;
  readonly call: Call<unknown>;
  readonly occasion: Occasion;
  readonly plan: Plan;
  /** As the plan names them: the asked one, then its fallbacks. */
  models: readonly string[] = [];

  constructor(source: ExplainSource, call: Call<unknown>, now: number) {
    const { registry, retries, whenExhausted, limits, isSaving, routing } = source;
    this.isSaving = isSaving;
    this.registry = registry;
    this.retries = retries;
    this.whenExhausted = whenExhausted;
    this.limits = limits;
    this.routing = routing;
    this.call = call;
    const { streamed, stickyKey } = call;
    this.occasion = { streamed, stickyKey, now, random: NO_DICE };
    this.plan = new Plan(this, call, now);
  }

  legsOf(_call: Call<unknown>, models: readonly string[]): readonly Leg[] {
    this.models = models;
    const legs = models.map((model) => this.legOf(model)).filter((leg) => leg.length > 0);
    if (!this.isSaving) return legs;
    const cheapest = cheapestOf(legs);
    this.#cheapest = new Set(cheapest.flat());
    return cheapest;
  }

  /** Those of a model that are not too dear to be asked now. */
  affordableOf(leg: Leg): Leg {
    const cheapest = this.#cheapest;
    return cheapest ? leg.filter((target) => cheapest.has(target)) : leg;
  }

  legOf(model: string): Leg {
    // Models that were never asked for are made for this once; looked at twice they must be the same.
    let targets = this.#looked.get(model);
    if (!targets) {
      targets = this.registry.look(model, this.occasion.now);
      this.#looked.set(model, targets);
    }
    return legOf(this.call, targets);
  }

  choose(_call: Call<unknown>, open: readonly Target[]): Target {
    const { chances, first } = oddsOf(open, this);
    const likeliest = chances ? chances.indexOf(Math.max(...chances)) : first;
    return open[likeliest] as Target;
  }
}

/** What a rehearsed attempt comes to. */
const NO_ANSWER: Failure<never> = Object.freeze({ kind: 'server_error', message: 'rehearsed', repeatable: false });

/** Whom the plan names one after the other, as long as none of them answers. */
function stepsOf(plan: Plan, now: number): readonly Step[] {
  const steps = new Map<Target, Step>();
  for (let step = plan.next(now); step; step = plan.next(now)) {
    // From here on it would only ask those again that it has asked before.
    if (steps.has(step.target) || (step.last && steps.size > 0)) break;
    steps.set(step.target, step);
    if (step.last) break;
    plan.tell(step, NO_ANSWER, now);
  }
  return [...steps.values()];
}

function modelOf(rehearsal: Rehearsal, model: string, asked: readonly Step[]): ExplainedModel {
  const { call, plan, registry, occasion } = rehearsal;
  const whole = rehearsal.legOf(model);
  const leg = rehearsal.affordableOf(whole);
  const mayBeAsked = (target: Target) =>
    !plan.hindrance(target, occasion.now) && (plan.isAlone || !target.sickness(occasion.now));
  const open = leg.filter(mayBeAsked);
  const odds = open.length > 0 ? oddsOf(open, rehearsal) : undefined;
  const chanceOf = (target: Target) => odds?.chances && (odds.chances[open.indexOf(target)] ?? 0);
  const absent = registry.endpoints.filter((one) => !leg.some(({ endpoint }) => endpoint === one));
  const leftOut = absent.map((one): ExplainedEndpoint => {
    const usual = whole.some(({ endpoint }) => endpoint === one) ? 'dearer' : 'stays';
    return { endpoint: one.id, reason: one.serves(model) ? (leftOutBy(call, one.id) ?? usual) : 'unserved' };
  });
  return {
    model,
    decisions: odds?.decisions ?? [],
    targets: leg.map((target) => targetOf(target, { rehearsal, asked, chance: chanceOf(target) })),
    leftOut,
  };
}

interface Place {
  readonly rehearsal: Rehearsal;
  readonly asked: readonly Step[];
  readonly chance: number | undefined;
}

function targetOf(target: Target, { rehearsal, asked, chance }: Place): ExplainedTarget {
  const { registry, routing, occasion, plan } = rehearsal;
  const { id, endpoint, region, tier, weight, breaker, transport, meter } = target;
  const { now, streamed } = occasion;
  const index = asked.findIndex((step) => step.target === target);
  const isAsked = index >= 0;
  const cost = routing.strategy.cost?.(target, occasion);
  const reading = target.reading(streamed, now);
  const successRate = meter.successRate(now);
  return {
    target: id,
    endpoint: endpoint.id,
    region,
    order: isAsked ? index + 1 : undefined,
    afterMs: isAsked ? toldMs(asked[index]?.delayMs ?? 0) : undefined,
    chance: told(chance),
    cost: told(cost),
    tier,
    weight,
    rttMs: told(reading.rttMs) ?? 0,
    expectedMs: told(reading.expectedMs) ?? 0,
    averageMs: told(reading.averageMs) ?? 0,
    successRate: told(successRate) ?? 0,
    inFlight: reading.inFlight,
    capacity: told(reading.capacity),
    samples: told(reading.samples) ?? 0,
    share: told(breaker.share(now)) ?? 1,
    isTrial: successRate < reading.successRate,
    isProbe: breaker.peek(now) === 'probe' || transport.peek(now) === 'probe',
    reasons: reasonsAgainst(target, { registry, obstacles: plan.obstacles, now }),
  };
}

/** Its table is made when somebody asks for it, and is not among what is seen of it as data. */
function explanation(facts: Omit<Explanation, 'toString'>): Explanation {
  const all = Object.defineProperty({ ...facts }, 'toString', { value: () => tableOf(all) }) as Explanation;
  return frozen(all);
}

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
