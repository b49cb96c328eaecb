import type { Random } from '../base/random.js';
import { type Breaker, type BreakerMode, breakerMaker } from '../breaker/breaker.js';
import type { ResolvedBreakerOptions } from '../breaker/options.js';
import { differences, type KeptBreaker, sharedBreakers } from '../breaker/process-wide.js';
import type { BreakerPlan, BreakerScope, Place } from '../breaker/scopes.js';
import type { Guards } from './target.js';

/** What a guard room is made from. */
export interface GuardRoomParts {
  readonly breakers: BreakerPlan;
  readonly shareAs?: string | undefined;
  /** Where an endpoint is: what rooms of one name call the same is the same only at the same address. @default nowhere in particular */
  readonly addressOf?: (endpoint: string) => string;
  /** Hears once when a shared breaker was made with other options than these. @default silence */
  readonly complain?: (message: string, error: unknown) => void;
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
  readonly #breakers: Map<string, KeptBreaker>;
  readonly #shareAs: string | undefined;
  readonly #addressOf: (endpoint: string) => string;
  readonly #addresses = new Map<string, string>();
  readonly #makers = new Map<ResolvedBreakerOptions, (now: number) => Breaker>();
  #complain: ((message: string, error: unknown) => void) | undefined;

  constructor({ breakers, shareAs, addressOf = () => '', complain, random }: GuardRoomParts) {
    this.#plan = breakers;
    this.#random = random;
    this.#shareAs = shareAs;
    this.#addressOf = addressOf;
    this.#complain = complain;
    this.#breakers = shareAs === undefined ? new Map() : sharedBreakers(shareAs);
  }

  /** What has a breaker of its own. */
  get scope(): BreakerScope {
    return this.#plan.scope;
  }

  /** The guards of a place; those that are not there yet begin now, and are forgotten at once unless they are to be kept. */
  of(place: Place, now: number, isKept = true): Guards {
    const options = this.#plan.optionsAt(place);
    const address = this.scope === 'model' ? '' : this.#addressAt(place.endpoint);
    return {
      breaker: this.#at({ name: KEYS[this.scope](place), address, options, now, isKept }),
      tracker: options === false ? undefined : options.tracker,
      transport: this.transportOf(place.endpoint, now),
    };
  }

  transportOf(endpoint: string, now: number): Breaker {
    const address = this.#addressAt(endpoint);
    return this.#at({ name: `transport ${endpoint}`, address, options: this.#plan.transport, now });
  }

  /** A model is forgotten, and what stands for it alone with it; what others share stays, and what somebody set by hand. */
  forget(place: Place, now: number): void {
    if (this.#plan.scope === 'endpoint' || this.#shareAs !== undefined) return;
    const key = KEYS[this.scope](place);
    const known = this.#breakers.get(key)?.breaker;
    if (known?.snapshot(now).mode === known?.usualMode) this.#breakers.delete(key);
  }

  #at({ name, address, options, now, isKept = true }: Wanted): Breaker {
    // Who switches breakers off, or only observes, is not refused calls by the breaker of somebody else.
    const key = this.#shareAs === undefined ? name : `${name} at ${address}, ${modeOf(options)}`;
    const known = this.#breakers.get(key);
    if (known) {
      this.#compare(known.options, options, name);
      return known.breaker;
    }
    const make = this.#makers.get(options) ?? breakerMaker(options, this.#random);
    this.#makers.set(options, make);
    const breaker = make(now);
    if (isKept) this.#breakers.set(key, { breaker, options });
    return breaker;
  }

  /** Whose options a shared breaker has depends on who came first, which nobody wants to find out during an outage. */
  #compare(used: ResolvedBreakerOptions, wanted: ResolvedBreakerOptions, name: string): void {
    if (!this.#complain || used === wanted) return;
    const names = differences(used, wanted);
    if (names.length === 0) return;
    const shared = `the breaker for ${name} is shared as ${JSON.stringify(this.#shareAs)}`;
    this.#complain(
      `${shared} with a client of other options (${names.join(', ')})`,
      new Error('those of the client that came first hold; give both the same'),
    );
    this.#complain = undefined;
  }

  /** Found once: a base URL that is changed later must not part what belongs together. */
  #addressAt(endpoint: string): string {
    if (this.#shareAs === undefined) return '';
    const address = this.#addresses.get(endpoint) ?? this.#addressOf(endpoint);
    this.#addresses.set(endpoint, address);
    return address;
  }
}

/** What a breaker stands for, where that is, and how it is made. */
interface Wanted {
  readonly name: string;
  readonly address: string;
  readonly options: ResolvedBreakerOptions;
  readonly now: number;
  /** @default true */
  readonly isKept?: boolean;
}

const modeOf = (options: ResolvedBreakerOptions): BreakerMode => (options === false ? 'disabled' : options.mode);
