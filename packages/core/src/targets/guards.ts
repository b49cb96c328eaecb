import type { Random } from '../base/random.js';
import { type Breaker, type BreakerMode, breakerMaker } from '../breaker/breaker.js';
import type { ResolvedBreakerOptions } from '../breaker/options.js';
import { sharedBreakers } from '../breaker/process-wide.js';
import type { BreakerPlan, BreakerScope, Place } from '../breaker/scopes.js';
import type { Guards } from './target.js';

/** What a guard room is made from. */
export interface GuardRoomParts {
  readonly breakers: BreakerPlan;
  readonly shareAs?: string | undefined;
  readonly random: Random;
}

/** What a breaker is kept under: the part of a place that it stands for. */
const KEYS: Readonly<Record<BreakerScope, (place: Place) => string>> = {
  target: ({ endpoint, model }) => `target ${endpoint}/${model}`,
  endpoint: ({ endpoint }) => `endpoint ${endpoint}`,
  model: ({ model }) => `model ${model}`,
};

/** The breakers of a router: one for each target, endpoint or model, and one for the connections of each endpoint. */
export class GuardRoom {
  readonly #plan: BreakerPlan;
  readonly #random: Random;
  readonly #breakers: Map<string, Breaker>;
  readonly #isShared: boolean;
  readonly #makers = new Map<ResolvedBreakerOptions, () => Breaker>();

  constructor({ breakers, shareAs, random }: GuardRoomParts) {
    this.#plan = breakers;
    this.#random = random;
    this.#isShared = shareAs !== undefined;
    this.#breakers = shareAs === undefined ? new Map() : sharedBreakers(shareAs);
  }

  of(place: Place): Guards {
    const options = this.#plan.optionsAt(place);
    return {
      breaker: this.#at(KEYS[this.#plan.scope](place), options),
      tracker: options === false ? undefined : options.tracker,
      transport: this.transportOf(place.endpoint),
    };
  }

  transportOf(endpoint: string): Breaker {
    return this.#at(`transport ${endpoint}`, this.#plan.transport);
  }

  /** The mode that a breaker of this place is in unless somebody set another by hand. */
  modeAt(place: Place): BreakerMode {
    return modeOf(this.#plan.optionsAt(place));
  }

  /** The same of the connections. */
  get transportMode(): BreakerMode {
    return modeOf(this.#plan.transport);
  }

  /** A model is forgotten, and what stands for it alone with it; what others share stays, and what somebody set by hand. */
  forget(place: Place, now: number): void {
    if (this.#plan.scope === 'endpoint' || this.#isShared) return;
    const key = KEYS[this.#plan.scope](place);
    if (this.#breakers.get(key)?.snapshot(now).mode === this.modeAt(place)) this.#breakers.delete(key);
  }

  #at(key: string, options: ResolvedBreakerOptions): Breaker {
    const known = this.#breakers.get(key);
    if (known) return known;
    const make = this.#makers.get(options) ?? breakerMaker(options, this.#random);
    this.#makers.set(options, make);
    const breaker = make();
    this.#breakers.set(key, breaker);
    return breaker;
  }
}

const modeOf = (options: ResolvedBreakerOptions): BreakerMode => (options === false ? 'disabled' : options.mode);
