import type { Random } from '../base/random.js';
import { type Breaker, breakerMaker } from '../breaker/breaker.js';
import type { ResolvedBreakerOptions } from '../breaker/options.js';
import { Quarantine } from '../limits/quarantine.js';
import { type Endpoint, type Hindrance, Target } from './target.js';

/** Model names come from callers, who may make them up: beyond this many models the least recently used is forgotten. */
const MOST_MODELS = 1_000;
const MOST_CREDENTIALS = 1_000;

/** What the registry is made from. */
export interface RegistryParts {
  readonly endpoints: readonly Endpoint[];
  readonly breaker: ResolvedBreakerOptions;
  readonly random: Random;
}

/** All targets met so far, and what is known of the credentials they use. */
export class TargetRegistry {
  readonly #parts: RegistryParts;
  readonly #makeBreaker: () => Breaker;
  readonly #byModel = new Map<string, readonly Target[]>();
  readonly #credentials = new Map<string, Quarantine>();

  constructor(parts: RegistryParts) {
    this.#parts = parts;
    this.#makeBreaker = breakerMaker(parts.breaker, parts.random);
  }

  /** The targets that serve a model, in the order the endpoints were given; made on first use. */
  of(model: string, now: number): readonly Target[] {
    const known = this.#byModel.get(model);
    if (known) {
      this.#used(model, known);
      return known;
    }
    const { endpoints } = this.#parts;
    const targets = endpoints
      .filter((endpoint) => endpoint.serves(model))
      .map((endpoint) => new Target(endpoint, model, this.#makeBreaker()));
    if (this.#byModel.size >= MOST_MODELS) this.#forgetOne(now);
    this.#byModel.set(model, targets);
    return targets;
  }

  /** Every target met so far. */
  *all(): Iterable<Target> {
    for (const targets of this.#byModel.values()) yield* targets;
  }

  /** The quarantine of a credential, by the name that `Endpoint.credential` gives it. */
  credential(name: string): Quarantine {
    let quarantine = this.#credentials.get(name);
    if (!quarantine) {
      quarantine = new Quarantine();
      // Keys that a function gives anew all the time must not pile up: the oldest is forgotten.
      if (this.#credentials.size >= MOST_CREDENTIALS)
        this.#credentials.delete(this.#credentials.keys().next().value ?? '');
      this.#credentials.set(name, quarantine);
    }
    return quarantine;
  }

  /** The quarantine that a credential is or was in; undefined when it never was. */
  knownCredential(name: string): Quarantine | undefined {
    return this.#credentials.get(name);
  }

  /** What keeps a target from being asked now with a credential, the longest first; undefined when nothing does. Changes nothing. */
  hindrance(target: Target, credential: string, now: number): Hindrance | undefined {
    const { quarantine } = target;
    const known = this.#credentials.get(credential);
    const place = known && known.leftMs(now) > quarantine.leftMs(now) ? known : quarantine;
    const leftMs = place.leftMs(now);
    return leftMs > 0 ? { reason: 'quarantine', leftMs, because: place.reason } : this.rest(target, now);
  }

  /** What keeps a target from being asked now when no quarantine is to count. Changes nothing. */
  rest(target: Target, now: number): Hindrance | undefined {
    if (target.breaker.peek(now) === 'rejected') return { reason: 'breaker', leftMs: target.breaker.retryAfterMs(now) };
    const cooling = target.cooldown.leftMs(now);
    return cooling > 0 ? { reason: 'cooldown', leftMs: cooling } : undefined;
  }

  /** Puts a model last in the order of forgetting; while nothing is about to be forgotten the order stays as it is. */
  #used(model: string, targets: readonly Target[]): void {
    if (this.#byModel.size < MOST_MODELS / 2) return;
    this.#byModel.delete(model);
    this.#byModel.set(model, targets);
  }

  /**
   * Forgets the least recently used model whose targets are well: an open breaker and a cooldown are remembered. A model that nobody
   * knows (quarantine) is not worth its place.
   */
  #forgetOne(now: number): void {
    for (const [model, targets] of this.#byModel) {
      if (targets.some((target) => this.#isResting(target, now))) continue;
      this.#byModel.delete(model);
      return;
    }
  }

  #isResting(target: Target, now: number): boolean {
    return target.breaker.snapshot(now).state !== 'closed' || this.rest(target, now) !== undefined;
  }
}
