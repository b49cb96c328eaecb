import type { Breaker } from '../breaker/breaker.js';
import type { Tracker } from '../breaker/trackers.js';
import type { EndpointHealth } from '../health/health.js';
import type { Meter } from '../latency/meter.js';
import { Cooldown } from '../limits/cooldown.js';
import { Quarantine } from '../limits/quarantine.js';
import type { Shortage, TargetLimits } from '../limits/target-limits.js';
import type { Candidate, Reading } from '../routing/strategy.js';
import type { ModelPrice } from '../spending/prices.js';
import { type EndpointKey, keysOf, type TargetKeys } from './keys.js';

/** One base URL with its credentials, often a region; core knows of it only what routing needs. */
export interface Endpoint {
  readonly id: string;
  readonly region?: string | undefined;
  /** Its share beside others, above 0, where a strategy goes by weights. @default 1 */
  readonly weight?: number | undefined;
  /** Endpoints of a lower tier are asked first. @default 0 */
  readonly tier?: number | undefined;
  /** Where it is, to guess how far that is before it is measured. */
  readonly location?: Coordinates | undefined;
  /** Where it is, so that two of one name in different clients can be told apart. @default nowhere in particular */
  address?(): string;
  /** Whether it serves the model that a caller names so. */
  serves(model: string): boolean;
  /** What a model costs there; undefined where that is not known. @default no price is */
  priceOf?(model: string): ModelPrice | undefined;
  /** Names the credential it uses by itself, of several keys the first, so that a quarantine ends when the key is changed. Never the key. */
  credential(): string;
  /** Its keys, where a call may be sent with any of them. @default the one that `credential` names */
  readonly keys?: readonly EndpointKey[] | undefined;
}

/** A place on earth, in degrees. */
export interface Coordinates {
  readonly lat: number;
  readonly lon: number;
}

/** Why a target cannot be asked now. */
export interface Hindrance {
  readonly reason: 'breaker' | 'cooldown' | 'quarantine' | 'health' | 'limit';
  /** Of a quarantine: what led to it, in a word of the outcome table. Of a breaker: why it is open, in a few words. */
  readonly because?: string;
  /** Milliseconds until it may be asked again, as far as is known now; the largest safe integer when that is up to somebody's hand. */
  readonly leftMs: number;
  /** Of a limit: which one has no room. */
  readonly shortage?: Shortage;
}

/** A wait as users are told of it: in whole milliseconds and never shorter than it is; undefined for one that somebody has to end. */
export const toldMs = (ms: number): number | undefined => (ms < Number.MAX_SAFE_INTEGER ? Math.ceil(ms) : undefined);

/** What keeps calls away from a target. */
export interface Guards {
  readonly breaker: Breaker;
  readonly tracker: Tracker | undefined;
  readonly transport: Breaker;
}

/** Who answers so large a share of the calls is worth asking when there is nobody else. */
const OFTEN_ENOUGH = 0.15;

/** What a target is made of. */
export interface TargetParts extends Guards {
  readonly meter: Meter;
  readonly health: EndpointHealth;
  readonly limits: TargetLimits;
}

/** A model at an endpoint, written `seoul/gpt-4.1`: the unit that has a breaker and rests. */
export class Target implements Candidate {
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly model: string;
  readonly breaker: Breaker;
  /** Which failures count against the breaker; undefined for those that the outcome table blames on the target. */
  readonly tracker: Tracker | undefined;
  /** The breaker of the way to the endpoint, which all its targets share: it hears of connections alone. */
  readonly transport: Breaker;
  /** How long it takes, how often it succeeds, what is under way there. */
  readonly meter: Meter;
  /** What probes and calls say of the endpoint, which all its targets share. */
  readonly health: EndpointHealth;
  /** How much may be sent to it. */
  readonly limits: TargetLimits;
  /** What it charges; undefined where that is not known. */
  readonly price: ModelPrice | undefined;
  /** Of several keys each has one of its own beside it. */
  readonly cooldown = new Cooldown();
  /** For a model that the endpoint turned out not to know. */
  readonly quarantine = new Quarantine();
  /** Undefined where there is one key, or none is known. */
  readonly keys: TargetKeys | undefined;

  constructor(endpoint: Endpoint, model: string, { breaker, tracker, transport, meter, health, limits }: TargetParts) {
    this.id = `${endpoint.id}/${model}`;
    this.endpoint = endpoint;
    this.model = model;
    this.breaker = breaker;
    this.tracker = tracker;
    this.transport = transport;
    this.meter = meter;
    this.health = health;
    this.limits = limits;
    this.price = endpoint.priceOf?.(model);
    this.keys = keysOf(endpoint.keys);
  }

  get region(): string | undefined {
    return this.endpoint.region;
  }

  get tier(): number {
    return this.endpoint.tier ?? 0;
  }

  get weight(): number {
    return this.endpoint.weight ?? 1;
  }

  /** What is known of it now, for calls that are streamed or not; valid until it is asked again. */
  reading(streamed: boolean, now: number): Reading {
    return this.meter.reading(streamed, now);
  }

  /** Milliseconds until its breakers may give a permit again, after they refused one. */
  refusesForMs(now: number): number {
    return Math.max(this.breaker.retryAfterMs(now), this.transport.retryAfterMs(now));
  }

  /** What keeps calls from it while a breaker of it does, the longer one of both. */
  brokenBy(now: number): Hindrance {
    const [ownMs, transportMs] = [this.breaker.retryAfterMs(now), this.transport.retryAfterMs(now)];
    const { reason: because } = transportMs > ownMs ? this.transport : this.breaker;
    return { reason: 'breaker', leftMs: Math.max(ownMs, transportMs), ...(because !== undefined && { because }) };
  }

  /** Milliseconds until a call that has nowhere else to go may ask all the same. */
  carefulInMs(now: number): number {
    return Math.max(this.breaker.carefulInMs(now), this.transport.carefulInMs(now));
  }

  /**
   * Whether a call that has nowhere else to go may go past its breakers: it answers one call in seven, and nobody asked for it to be left
   * alone.
   */
  mayBePassed(now: number): boolean {
    return (
      this.meter.successRate(now) >= OFTEN_ENOUGH && this.breaker.mayBePassed(now) && this.transport.mayBePassed(now)
    );
  }

  /** Whether a breaker of it has waited long enough, and wants a call to try it with. */
  isDue(now: number): boolean {
    return this.breaker.peek(now) === 'probe' || this.transport.peek(now) === 'probe';
  }

  /** Whether its breakers are closed, and let everybody through. */
  isWell(now: number): boolean {
    return this.breaker.peek(now) === 'ok' && this.transport.peek(now) === 'ok';
  }

  /** Ends the waits of its breakers, as far as they may be ended. */
  nudge(now: number): void {
    this.breaker.nudge(now);
    this.transport.nudge(now);
  }

  /** What probes of its endpoint have against it. That is a hint: it keeps calls away only while there is somebody else. */
  sickness(now: number): Hindrance | undefined {
    const leftMs = this.health.downLeftMs(now);
    return leftMs > 0 ? { reason: 'health', leftMs } : undefined;
  }

  /** Whether a probe has been answered, and none has failed since. */
  isComingBack(now: number): boolean {
    const { state, stats } = this.breaker.snapshot(now);
    return state === 'half-open' && stats.total > stats.failures;
  }
}
