import type { Random } from '../base/random.js';
import type { Breaker, BreakerMode } from '../breaker/breaker.js';
import type { BreakerPlan } from '../breaker/scopes.js';
import { Quarantine } from '../limits/quarantine.js';
import { GuardRoom } from './guards.js';
import { type Endpoint, type Hindrance, Target } from './target.js';

/** Model names come from callers, who may make them up: beyond this many models the least recently used is forgotten. */
const MOST_MODELS = 1_000;
const MOST_CREDENTIALS = 1_000;

/** What the registry is made from. */
export interface RegistryParts {
  readonly endpoints: readonly Endpoint[];
  readonly breakers: BreakerPlan;
  /** The name under which breakers are shared with other clients of the process; undefined for breakers of its own. */
  readonly shareAs?: string | undefined;
  readonly random: Random;
}

/** All targets met so far, and what is known of the credentials they use. */
export class TargetRegistry {
  readonly endpoints: readonly Endpoint[];
  readonly #guards: GuardRoom;
  readonly #byModel = new Map<string, readonly Target[]>();
  readonly #credentials = new Map<string, Quarantine>();

  constructor({ endpoints, ...parts }: RegistryParts) {
    this.endpoints = endpoints;
    this.#guards = new GuardRoom(parts);
  }

  /** The targets that serve a model, in the order the endpoints were given; made on first use. */
  of(model: string, now: number): readonly Target[] {
    const known = this.#byModel.get(model);
    if (known) {
      this.#used(model, known);
      return known;
    }
    const targets = this.endpoints
      .filter((endpoint) => endpoint.serves(model))
      .map((endpoint) => new Target(endpoint, model, this.#guards.of({ endpoint: endpoint.id, model })));
    if (this.#byModel.size >= MOST_MODELS) this.#forgetOne(now);
    this.#byModel.set(model, targets);
    return targets;
  }

  /** The target of an id, met before or not; undefined when no endpoint serves it. */
  find(id: string, now: number): Target | undefined {
    // Both names may have a slash in them, so every endpoint is looked at.
    for (const endpoint of this.endpoints) {
      const model = String(id).startsWith(`${endpoint.id}/`) ? id.slice(endpoint.id.length + 1) : '';
      const target = model !== '' && endpoint.serves(model) && this.of(model, now).find((one) => one.id === id);
      if (target) return target;
    }
    return undefined;
  }

  /** The breaker of the way to an endpoint. */
  transportOf(endpoint: string): Breaker {
    return this.#guards.transportOf(endpoint);
  }

  /** The modes that a target's breakers are in unless somebody set others by hand. */
  modesOf({ endpoint, model }: Target): { readonly breaker: BreakerMode; readonly transport: BreakerMode } {
    return { breaker: this.#guards.modeAt({ endpoint: endpoint.id, model }), transport: this.#guards.transportMode };
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
    const { breaker, transport } = target;
    if (breaker.peek(now) === 'rejected' || transport.peek(now) === 'rejected')
      return { reason: 'breaker', leftMs: Math.max(breaker.retryAfterMs(now), transport.retryAfterMs(now)) };
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
      for (const target of targets) this.#guards.forget({ endpoint: target.endpoint.id, model }, now);
      return;
    }
  }

  #isResting(target: Target, now: number): boolean {
    return target.breaker.snapshot(now).state !== 'closed' || this.rest(target, now) !== undefined;
  }
}
