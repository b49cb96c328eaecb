import type { Shortage } from '../limits/target-limits.js';
import type { TargetKey } from '../targets/keys.js';
import type { Hindrance, Target } from '../targets/target.js';

/**
 * What a call does when every target that could serve it is resting. `fail`: it ends at once. `wait`: it waits, as long as it has time,
 * for the first that comes back by itself. `panic`: it waits for a moment, and one call a second asks a resting target all the same
 * (Envoy's panic mode, by single calls), because a router must not lose what a plain client would have got.
 */
export type WhenExhausted = 'fail' | 'wait' | 'panic';

/** Whom to ask next, and after what wait. */
export interface Step {
  readonly target: Target;
  readonly delayMs: number;
  /** Only where all are resting: what the call does then. */
  readonly last?: Exclude<WhenExhausted, 'fail'>;
  /** Whether it is the one call a second that tries a target of which nothing good is known. */
  readonly isCareful?: boolean;
}

/** A target that was asked. */
export interface Asked {
  readonly target: Target;
  /** Which of its several keys was used. @default there was nothing to choose */
  readonly key?: TargetKey | undefined;
}

/** A target that could not be asked, and why. */
export interface PassedOver extends Hindrance {
  readonly target: Target;
}

/** A target without room for the call. */
export interface Full {
  readonly target: Target;
  /** The name of the credential for which that is so. */
  readonly credential: string;
  readonly shortage: Shortage;
}

/** The targets of one model, in order. */
export type Leg = readonly Target[];
