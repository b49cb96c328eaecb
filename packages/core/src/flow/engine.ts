import { type Clock, systemClock } from '../base/clock.js';
import { type Random, systemRandom } from '../base/random.js';
import { type Complaint, EventHub } from '../events/hub.js';
import type { Stats } from '../events/stats.js';
import { StatsFold } from '../events/stats-fold.js';
import { resolveHealthOptions } from '../health/options.js';
import { guessMs } from '../latency/distance.js';
import { type ResolvedLimits, resolveLimits } from '../limits/options.js';
import { LimitRoom } from '../limits/room.js';
import type { Throttle } from '../limits/throttle.js';
import { RetryBudget } from '../retries/budget.js';
import type { ResolvedRetryOptions } from '../retries/options.js';
import { choose } from '../routing/choose.js';
import { type ResolvedRouting, resolveRouting } from '../routing/options.js';
import { SpendingBudget } from '../spending/budget.js';
import { TargetRegistry } from '../targets/registry.js';
import type { Target } from '../targets/target.js';
import type { Call, Conclusion } from './call.js';
import { Checkup } from './checkup.js';
import type { FlowContext } from './context.js';
import { controlOf, type TargetControl } from './control.js';
import type { EngineParts } from './engine-parts.js';
import { execute } from './execute.js';
import { explain } from './explain.js';
import type { Explanation } from './explanation.js';
import { checkKeys, type KeyReading } from './key-check.js';
import { cheapestOf, legOf } from './legs.js';
import type { Probe, ProbeResult } from './look-at.js';
import { type RouterMemory, remember, restore } from './memory.js';
import { announceRescued, type Rescued } from './rescued.js';
import { awake, easedIn } from './slow-start.js';
import { statsOf } from './stats.js';
import { type Status, statusOf } from './status.js';
import type { Leg, WhenExhausted } from './step.js';
import { Untold } from './untold.js';

const NO_HEALTH = {
  options: resolveHealthOptions(false),
  probe: (): Promise<ProbeResult> => Promise.resolve({ verdict: 'unsupported' }),
};

const NO_LEGS: readonly Leg[] = Object.freeze([]);

/** Everything that outlives a call: targets, breakers, budget, listeners, counts. It starts nothing by itself and owns no timer. */
export class Engine implements FlowContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly hub: EventHub;
  readonly counts = new StatsFold();
  readonly untold = new Untold();
  readonly complain: Complaint;
  readonly budget: RetryBudget;
  readonly registry: TargetRegistry;
  readonly retries: ResolvedRetryOptions;
  readonly whenExhausted: WhenExhausted;
  readonly routing: ResolvedRouting;
  readonly limits: ResolvedLimits;
  readonly spending: SpendingBudget | undefined;
  readonly hedging: FlowContext['hedging'];
  readonly checkup: Checkup;

  #prefix = '';
  #requests = 0;
  #arrivals = 0;
  readonly #room: LimitRoom;

  constructor({
    endpoints,
    breakers,
    shareAs,
    retries,
    routing = resolveRouting(),
    limits = resolveLimits(),
    budget,
    hedging,
    whenExhausted = 'panic',
    health = NO_HEALTH,
    clock = systemClock,
    random = systemRandom,
    complain = () => {},
  }: EngineParts) {
    this.clock = clock;
    this.random = random;
    this.complain = (message, error) => {
      try {
        complain(message, error);
      } catch {
        // A logger that fails has nobody left to be told; the call goes on.
      }
    };
    this.hub = new EventHub(clock, this.complain);
    this.#room = new LimitRoom(limits);
    this.budget = new RetryBudget(retries.budget);
    this.registry = new TargetRegistry({
      endpoints,
      breakers,
      shareAs,
      complain: this.complain,
      random,
      health: health.options,
      limits: this.#room,
      guessMs: ({ location }) => guessMs(routing.origin, location),
    });
    this.checkup = new Checkup({ ...health, registry: this.registry, hub: this.hub, clock, random });
    this.routing = routing;
    this.limits = limits;
    this.spending = budget && new SpendingBudget(budget);
    this.hedging = hedging && { options: hedging, budget: new RetryBudget(hedging.budget) };
    this.retries = retries;
    this.whenExhausted = whenExhausted;
  }

  /** Sends one call on its way. Never rejects. */
  execute<Reply>(call: Call<Reply>): Promise<Conclusion<Reply>> {
    return execute(this, call);
  }

  /** Announces that a stream that broke off goes on elsewhere. */
  rescued(requestId: string, rescue: Rescued): void {
    announceRescued(this, requestId, rescue);
  }

  /** The counts so far. */
  stats(): Stats {
    return statsOf(this);
  }

  /** A target by its id, to look at or to handle. @throws RangeError for an id that no endpoint serves */
  target(id: string): TargetControl {
    return controlOf(this, id);
  }

  /** What all breakers remember, to be restored after a restart. */
  snapshot(): RouterMemory {
    return remember(this);
  }

  /**
   * Goes on where a snapshot was taken; answers with the ids in it that are unknown here.
   * @throws TypeError listing everything that is wrong with the snapshot
   */
  restore(memory: RouterMemory): readonly string[] {
    return restore(this, memory);
  }

  /** A connection to an endpoint was made, which took so many milliseconds: one round trip, the way there and back. */
  connected(endpoint: string, ms: number): void {
    this.registry.roundTripOf(endpoint).observe(ms, this.clock.now());
  }

  /** Every target met so far, as it is now. */
  status(): Status {
    return statusOf(this);
  }

  /** Asks with every key of every endpoint, and answers how each was found. Never rejects. */
  validateKeys(probe: Probe): Promise<readonly KeyReading[]> {
    return checkKeys(this, { probe, options: this.checkup.options });
  }

  /** The plan that a call would have now. Sends nothing, and changes nothing. */
  explain(call: Call<unknown>): Explanation {
    return explain(this, call, this.clock.now());
  }

  /** An id that is unique in this process, and unlikely to be met in another. */
  nextRequestId(): string {
    // Drawn with the first request: some platforms forbid dice while a module loads.
    this.#prefix ||= Math.floor(this.random() * 36 ** 6)
      .toString(36)
      .padStart(6, '0');
    this.#requests += 1;
    return `${this.#prefix}-${this.#requests}`;
  }

  throttleOf(model: string): Throttle | undefined {
    return this.#room.throttleOf(model);
  }

  nextArrival(): number {
    this.#arrivals += 1;
    return this.#arrivals;
  }

  /** The targets of these models that may serve a call, a leg for each model that is served at all. */
  legsOf(call: Call<unknown>, models: readonly string[], now: number): readonly Leg[] {
    // Nearly every call has one model, and a list that is mapped and filtered has room for sixteen.
    if (models.length === 1) {
      const leg = this.#legOf(call, models[0] as string, now);
      return leg.length === 0 ? NO_LEGS : this.#affordable(call, [leg]);
    }
    const legs = models.map((model) => this.#legOf(call, model, now)).filter((leg) => leg.length > 0);
    return this.#affordable(call, legs);
  }

  // What was begun before the budget was spent is brought to its end by whoever can.
  #affordable({ continues }: Call<unknown>, legs: readonly Leg[]): readonly Leg[] {
    return this.isSaving && !continues ? cheapestOf(legs) : legs;
  }

  /** Whether only the cheapest are to be asked now. */
  get isSaving(): boolean {
    const { spending } = this;
    return spending?.onExceeded === 'cheapest' && spending.exceeded(this.clock.wall()) !== undefined;
  }

  /** Whether a call asks targets in the order in which they stand in their leg. */
  isOrdered({ stickyKey }: Call<unknown>): boolean {
    const { strategy, preferRegion } = this.routing;
    return strategy.ordered === true && preferRegion === undefined && stickyKey === undefined;
  }

  /** Chooses among two targets or more that may all be asked now. */
  choose({ streamed, stickyKey }: Call<unknown>, open: readonly Target[], now: number): Target {
    const { random } = this;
    return choose(this.routing, awake(open, now, random), { streamed, now, random, stickyKey });
  }

  #legOf(call: Call<unknown>, model: string, now: number): Leg {
    const leg = legOf(call, this.registry.of(model, now));
    return this.isOrdered(call) && leg.length > 1 ? easedIn(leg, now, this.random) : leg;
  }
}
