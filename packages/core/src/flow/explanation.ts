import type { Decision } from '../routing/weigh.js';
import type { LeftOut } from './legs.js';
import type { WhenExhausted } from './step.js';

/** The plan of a call, as it would be made now. Frozen, and plain JSON; as a text it is a table. Durations are in milliseconds. */
export interface Explanation {
  /** The model that is asked for; undefined for what has none. */
  readonly model: string | undefined;
  readonly streamed: boolean;
  /** The name of the strategy; `own` for a function of yours. */
  readonly strategy: string;
  /** The ids of the targets in the order in which the call would go from one to the next, if each of them failed. */
  readonly order: readonly string[];
  /** So many of them are asked at the most. */
  readonly maxAttempts: number;
  /** Whether there is nowhere else to go than to one target. Then no probe and no rest keeps the call away that nobody asked for. */
  readonly isAlone: boolean;
  /** The asked model, then its fallbacks. */
  readonly models: readonly ExplainedModel[];
  /** Whom it would ask all the same, with an empty `order`, and after what wait. */
  readonly last: ExplainedLast | undefined;
  /** The same as a table. */
  toString(): string;
}

/** What a call does when all are resting. */
export interface ExplainedLast {
  readonly target: string;
  readonly how: Exclude<WhenExhausted, 'fail'>;
  readonly afterMs: number | undefined;
}

/** One model in the plan of a call. */
export interface ExplainedModel {
  readonly model: string;
  /** What decided besides the strategy, in the order in which it does. */
  readonly decisions: readonly Decision[];
  /** Those that may serve the call, in the order in which endpoints were given, by tier. */
  readonly targets: readonly ExplainedTarget[];
  /** The endpoints that may not, and why. */
  readonly leftOut: readonly ExplainedEndpoint[];
}

/**
 * An endpoint that may not serve the call. `unserved`: it does not serve the model. `other-endpoint`, `not-included`, `excluded`: by the
 * `endpoint`, `only` or `exclude` of the request. `stays`: what keeps its state on one server is asked at the first endpoint alone.
 * `dearer`: the budget is spent, and somebody else is cheaper.
 */
export interface ExplainedEndpoint {
  readonly endpoint: string;
  readonly reason: LeftOut | 'unserved' | 'stays' | 'dearer';
}

/** A target in the plan of a call: where it comes, and what is known of it for calls of this kind. */
export interface ExplainedTarget {
  /** `endpoint/model`. */
  readonly target: string;
  readonly endpoint: string;
  readonly region: string | undefined;
  /** Its place in the order, from 1, the likeliest order where chance decides; undefined when it would not be asked. */
  readonly order: number | undefined;
  /** How long it would be waited for before it is asked; 0 for not at all, undefined when it would not be asked. */
  readonly afterMs: number | undefined;
  /** How likely it is the first that is asked for its model, 0 to 1; undefined where a function of yours decides, or nobody is asked at once. */
  readonly chance: number | undefined;
  /** What asking it costs, in the strategy's own unit, the lowest being the best; undefined for what is not chosen by cost. */
  readonly cost: number | undefined;
  readonly tier: number;
  readonly weight: number;
  /** The round trip as it counts here, measured or guessed by distance; 0 as long as it is not known of every target of the model. */
  readonly rttMs: number;
  /** How long an answer is expected to take, of a stream until its first content. */
  readonly expectedMs: number;
  /** The plain decaying average of the same. */
  readonly averageMs: number;
  /** The decaying share of calls that succeeded, 0.05 to 1. */
  readonly successRate: number;
  readonly inFlight: number;
  /** How many calls at a time it seems to bear; undefined while nothing speaks for a limit. */
  readonly capacity: number | undefined;
  /** From how many answers that is known, older ones counting less; 0 for a target that is not known yet. */
  readonly samples: number;
  /** The share of its calls that it gets while it is eased in after an outage; else 1. */
  readonly share: number;
  /** Whether its failures are left out of its cost: it has not been asked for so long that a call is to find out. */
  readonly isTrial: boolean;
  /** Whether the next call there decides about its breaker. */
  readonly isProbe: boolean;
  /** All that speaks against asking it. With an `order` it is asked all the same: after its rest, when all others have failed, or being the only one. */
  readonly reasons: readonly ExplainedReason[];
}

/** What speaks against asking a target now. */
export interface ExplainedReason {
  /** As in the event `target.skipped`. */
  readonly reason: 'breaker' | 'cooldown' | 'quarantine' | 'health' | 'limit';
  /** Of a breaker: whether it is the target's own, or that of the connections to its endpoint. */
  readonly scope?: 'target' | 'transport';
  /** Of a breaker: `open`, or `half-open` while its probes are out. */
  readonly state?: 'open' | 'half-open';
  /** Of a quarantine: the kind of failure that led to it, `auth`, `quota` or `not_found`. Of a limit: which one it is. */
  readonly because?: string;
  /** How long it still lasts; undefined for a breaker that only somebody's hand closes. */
  readonly leftMs: number | undefined;
}
