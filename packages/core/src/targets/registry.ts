import type { Random } from '../base/random.js';
import type { Breaker } from '../breaker/breaker.js';
import type { BreakerPlan, BreakerScope } from '../breaker/scopes.js';
import { EndpointHealth, type HealthTerms } from '../health/health.js';
import { resolveHealthOptions } from '../health/options.js';
import { LatencyGroup } from '../latency/group.js';
import { Meter } from '../latency/meter.js';
import { RoundTrip } from '../latency/round-trip.js';
import { Ways } from '../latency/ways.js';
import { ModelHabits } from '../limits/habits.js';
import { resolveLimits } from '../limits/options.js';
import { Quarantine } from '../limits/quarantine.js';
import { LimitRoom } from '../limits/room.js';
import { GuardRoom } from './guards.js';
import { type Endpoint, type Hindrance, Target } from './target.js';

/** Model names come from callers, who may make them up: beyond this many those that are well are forgotten, the longest unused first. */
const MOST_MODELS = 1_000;
/** Beyond this many those that rest are forgotten too. */
const MOST_MODELS_AT_ALL = 2_000;
/** For one new name so many old ones are looked at, so that meeting it takes no longer the more there are. */
const LOOKS = 8;
/** A breaker that is half-open for so long, in milliseconds, while hardly anybody asks, is not worth its place. */
const STALE_MS = 600_000;
const MOST_CREDENTIALS = 1_000;

/** What the registry is made from. */
export interface RegistryParts {
  readonly endpoints: readonly Endpoint[];
  readonly breakers: BreakerPlan;
  /** The name under which breakers are shared with other clients of the process; undefined for breakers of its own. */
  readonly shareAs?: string | undefined;
  /** Hears when the options of clients that share breakers differ. @default silence */
  readonly complain?: (message: string, error: unknown) => void;
  readonly random: Random;
  /** A guess for the round trip to an endpoint in milliseconds, until it has been measured. @default 0, for none */
  readonly guessMs?: (endpoint: Endpoint) => number;
  /** How many probes it takes to believe them. @default as the options of that room have it */
  readonly health?: HealthTerms | undefined;
  /** How much may be sent where. @default no limits but those that answers tell of */
  readonly limits?: LimitRoom | undefined;
}

/** What the targets of one model are made with. */
interface Making {
  readonly model: string;
  readonly group: LatencyGroup;
  readonly ways: Ways;
  readonly habits: ModelHabits;
  readonly isKept: boolean;
  readonly now: number;
}

/** All targets met so far, and what is known of the credentials they use. */
export class TargetRegistry {
  readonly endpoints: readonly Endpoint[];
  readonly #guards: GuardRoom;
  readonly #limits: LimitRoom;
  readonly #byModel = new Map<string, readonly Target[]>();
  readonly #roundTrips: ReadonlyMap<string, RoundTrip>;
  readonly #health: ReadonlyMap<string, EndpointHealth>;
  readonly #credentials = new Map<string, Quarantine>();

  constructor({ endpoints, guessMs = () => 0, health = resolveHealthOptions(), limits, ...parts }: RegistryParts) {
    this.endpoints = endpoints;
    this.#limits = limits ?? new LimitRoom(resolveLimits());
    this.#roundTrips = new Map(endpoints.map((endpoint) => [endpoint.id, new RoundTrip(guessMs(endpoint))]));
    this.#health = new Map(endpoints.map(({ id }) => [id, new EndpointHealth(health)]));
    const addressOf = (id: string) => endpoints.find((endpoint) => endpoint.id === id)?.address?.() ?? '';
    this.#guards = new GuardRoom({ ...parts, addressOf });
  }

  /** The targets that serve a model, by tier and then in the order the endpoints were given; made on first use. */
  of(model: string, now: number): readonly Target[] {
    const known = this.#byModel.get(model);
    if (known) {
      this.#used(model, known);
      return known;
    }
    const targets = this.#makeAll(model, now);
    if (this.#byModel.size >= MOST_MODELS) this.#makeRoom(now);
    this.#byModel.set(model, targets);
    return targets;
  }

  /** The same to look at: what has not been met is made for this once, and forgotten. */
  look(model: string, now: number): readonly Target[] {
    return this.#byModel.get(model) ?? this.#makeAll(model, now, false);
  }

  #makeAll(model: string, now: number, isKept = true): readonly Target[] {
    const group = new LatencyGroup();
    const serving = this.endpoints.filter((endpoint) => endpoint.serves(model));
    const ways = new Ways(serving.map(({ id }) => this.roundTripOf(id)));
    const habits = new ModelHabits();
    return serving
      .map((endpoint) => this.#make(endpoint, { model, group, ways, habits, isKept, now }))
      .sort((one, other) => one.tier - other.tier);
  }

  #make(endpoint: Endpoint, { model, group, ways, habits, isKept, now }: Making): Target {
    const { id } = endpoint;
    const guards = this.#guards.of({ endpoint: id, model }, now, isKept);
    const meter = new Meter(group, ways.to(this.roundTripOf(id)));
    const limits = this.#limits.of({ endpoint: id, model }, habits);
    return new Target(endpoint, model, { ...guards, meter, health: this.healthOf(id), limits });
  }

  /** How far an endpoint is. */
  roundTripOf(endpoint: string): RoundTrip {
    return this.#roundTrips.get(endpoint) as RoundTrip;
  }

  /** What probes and calls say of an endpoint. */
  healthOf(endpoint: string): EndpointHealth {
    return this.#health.get(endpoint) as EndpointHealth;
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
  transportOf(endpoint: string, now: number): Breaker {
    return this.#guards.transportOf(endpoint, now);
  }

  /** What has a breaker of its own. */
  get scope(): BreakerScope {
    return this.#guards.scope;
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
    return this.#broken(target, now) ?? coolingFor(target.cooldown.leftMs(now));
  }

  /** The same when of rests only those are to count that the provider itself asked for. Changes nothing. */
  namedRest(target: Target, now: number): Hindrance | undefined {
    const { cooldown } = target;
    return this.#broken(target, now) ?? coolingFor(cooldown.namedLeftMs(now) > 0 ? cooldown.leftMs(now) : 0);
  }

  #broken(target: Target, now: number): Hindrance | undefined {
    const isBroken = target.breaker.peek(now) === 'rejected' || target.transport.peek(now) === 'rejected';
    return isBroken ? target.brokenBy(now) : undefined;
  }

  /** Puts a model last in the order of forgetting; while nothing is about to be forgotten the order stays as it is. */
  #used(model: string, targets: readonly Target[]): void {
    if (this.#byModel.size < MOST_MODELS / 2) return;
    this.#byModel.delete(model);
    this.#byModel.set(model, targets);
  }

  /**
   * Forgets models that are well, the longest unused first. What rests is put last in the order, so that it is not looked at for every
   * name; where nearly everything rests the oldest is forgotten all the same. A model that nobody knows (quarantine) is not worth its place.
   */
  #makeRoom(now: number): void {
    let looks = 0;
    for (const [model, targets] of this.#byModel) {
      if (this.#byModel.size < MOST_MODELS || looks === LOOKS) break;
      looks += 1;
      this.#byModel.delete(model);
      if (targets.some((target) => isResting(target, now))) this.#byModel.set(model, targets);
      else this.#forget(model, targets, now);
    }
    const [oldest] = this.#byModel;
    if (oldest && this.#byModel.size >= MOST_MODELS_AT_ALL) this.#forget(...oldest, now);
  }

  #forget(model: string, targets: readonly Target[], now: number): void {
    this.#byModel.delete(model);
    for (const target of targets) this.#guards.forget({ endpoint: target.endpoint.id, model }, now);
  }
}

const coolingFor = (leftMs: number): Hindrance | undefined => (leftMs > 0 ? { reason: 'cooldown', leftMs } : undefined);

/** Whether something is known of a target that would be lost with it. */
function isResting({ breaker, cooldown, keys }: Target, now: number): boolean {
  if (cooldown.leftMs(now) > 0 || keys?.all.some((key) => key.leftMs(now) > 0)) return true;
  const { state, sinceMs } = breaker.snapshot(now);
  return state === 'half-open' ? sinceMs < STALE_MS : state === 'open';
}
