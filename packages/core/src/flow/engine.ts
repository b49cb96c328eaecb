import { type Clock, systemClock } from '../base/clock.js';
import { type Random, systemRandom } from '../base/random.js';
import type { BreakerPlan } from '../breaker/scopes.js';
import { type Complaint, EventHub } from '../events/hub.js';
import { StatsFold } from '../events/stats.js';
import { RetryBudget } from '../retries/budget.js';
import type { ResolvedRetryOptions } from '../retries/options.js';
import { TargetRegistry } from '../targets/registry.js';
import type { Endpoint } from '../targets/target.js';
import type { Call, Conclusion } from './call.js';
import type { FlowContext } from './context.js';
import { controlOf, type TargetControl } from './control.js';
import { execute } from './execute.js';
import { type RouterMemory, remember, restore } from './memory.js';
import { easedIn } from './slow-start.js';
import { type Status, statusOf } from './status.js';
import type { Leg, WhenExhausted } from './step.js';

/** What an engine is made from; the options are checked and resolved before. */
export interface EngineParts {
  /** In order of preference. */
  readonly endpoints: readonly Endpoint[];
  readonly breakers: BreakerPlan;
  /** The name under which breakers are shared with other engines of the process. @default breakers of its own */
  readonly shareAs?: string | undefined;
  readonly retries: ResolvedRetryOptions;
  /** @default 'panic' */
  readonly whenExhausted?: WhenExhausted | undefined;
  /** @default the platform's */
  readonly clock?: Clock;
  /** @default the platform's */
  readonly random?: Random;
  /** Hears of listeners that throw when nobody listens to `listener.failed`, and of clients that share breakers and differ. @default silence */
  readonly complain?: Complaint;
}

/** Everything that outlives a call: targets, breakers, budget, listeners, counts. It starts nothing by itself and owns no timer. */
export class Engine implements FlowContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly hub: EventHub;
  readonly counts = new StatsFold();
  readonly complain: Complaint;
  readonly budget: RetryBudget;
  readonly registry: TargetRegistry;
  readonly retries: ResolvedRetryOptions;
  readonly whenExhausted: WhenExhausted;

  #prefix = '';
  #requests = 0;

  constructor({
    endpoints,
    breakers,
    shareAs,
    retries,
    whenExhausted = 'panic',
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
    this.budget = new RetryBudget(retries.budget);
    this.registry = new TargetRegistry({ endpoints, breakers, shareAs, complain: this.complain, random });
    this.retries = retries;
    this.whenExhausted = whenExhausted;
  }

  /** Sends one call on its way. Never rejects. */
  execute<Reply>(call: Call<Reply>): Promise<Conclusion<Reply>> {
    return execute(this, call);
  }

  /** The counts so far. */
  stats() {
    return this.counts.read();
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

  /** Every target met so far, as it is now. */
  status(): Status {
    return statusOf(this.registry, this.clock.now());
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

  /** The targets of these models that may serve a call, a leg for each model that is served at all. */
  legsOf(call: Call<unknown>, models: readonly string[], now: number): readonly Leg[] {
    return models.map((model) => this.#legOf(call, model, now)).filter((leg) => leg.length > 0);
  }

  #legOf({ endpoint, movable }: Call<unknown>, model: string, now: number): Leg {
    const leg = this.registry.of(model, now);
    if (endpoint !== undefined) return leg.filter((target) => target.endpoint.id === endpoint);
    if (leg.length < 2) return leg;
    // What cannot move has its place, and is not eased away from it.
    return movable ? easedIn(leg, now, this.random) : leg.slice(0, 1);
  }
}
