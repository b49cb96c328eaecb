import type { Breaker } from '../breaker/breaker.js';
import type { Tracker } from '../breaker/trackers.js';
import { Cooldown } from '../limits/cooldown.js';
import { Quarantine } from '../limits/quarantine.js';

/** One base URL with its credentials, often a region; core knows of it only what routing needs. */
export interface Endpoint {
  readonly id: string;
  readonly region?: string | undefined;
  /** Where it is, so that two of one name in different clients can be told apart. @default nowhere in particular */
  address?(): string;
  /** Whether it serves the model that a caller names so. */
  serves(model: string): boolean;
  /** Names the credential it uses by itself, so that a quarantine ends when the key is changed. Never the key. */
  credential(): string;
}

/** Why a target cannot be asked now. */
export interface Hindrance {
  readonly reason: 'breaker' | 'cooldown' | 'quarantine';
  /** Of a quarantine: what led to it, in a word of the outcome table. */
  readonly because?: string;
  /** Milliseconds until it may be asked again, as far as is known now; the largest safe integer when that is up to somebody's hand. */
  readonly leftMs: number;
}

/** A wait as users are told of it: in whole milliseconds and never shorter than it is; undefined for one that somebody has to end. */
export const toldMs = (ms: number): number | undefined => (ms < Number.MAX_SAFE_INTEGER ? Math.ceil(ms) : undefined);

/** What keeps calls away from a target. */
export interface Guards {
  readonly breaker: Breaker;
  readonly tracker: Tracker | undefined;
  readonly transport: Breaker;
}

/** A model at an endpoint, written `seoul/gpt-4.1`: the unit that has a breaker and rests. */
export class Target {
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly model: string;
  readonly breaker: Breaker;
  /** Which failures count against the breaker; undefined for those that the outcome table blames on the target. */
  readonly tracker: Tracker | undefined;
  /** The breaker of the way to the endpoint, which all its targets share: it hears of connections alone. */
  readonly transport: Breaker;
  readonly cooldown = new Cooldown();
  /** For a model that the endpoint turned out not to know. */
  readonly quarantine = new Quarantine();

  constructor(endpoint: Endpoint, model: string, { breaker, tracker, transport }: Guards) {
    this.id = `${endpoint.id}/${model}`;
    this.endpoint = endpoint;
    this.model = model;
    this.breaker = breaker;
    this.tracker = tracker;
    this.transport = transport;
  }

  /** Milliseconds until its breakers may give a permit again, after they refused one. */
  refusesForMs(now: number): number {
    return Math.max(this.breaker.retryAfterMs(now), this.transport.retryAfterMs(now));
  }

  /** Milliseconds until a call that has nowhere else to go may ask all the same. */
  carefulInMs(now: number): number {
    return Math.max(this.breaker.carefulInMs(now), this.transport.carefulInMs(now));
  }

  /** Ends the waits of its breakers, as far as they may be ended. */
  nudge(now: number): void {
    this.breaker.nudge(now);
    this.transport.nudge(now);
  }

  /** Whether a probe has been answered, and none has failed since. */
  isComingBack(now: number): boolean {
    const { state, stats } = this.breaker.snapshot(now);
    return state === 'half-open' && stats.total > stats.failures;
  }
}
