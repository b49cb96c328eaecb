import type { Random } from '../base/random.js';

/** What is known of a candidate at one instant, for calls of one kind. Times are in milliseconds, and nothing is ever NaN. */
export interface Reading {
  /** The shortest way there and back of late, or a guess by distance; 0 when nothing is known. */
  readonly rttMs: number;
  /** How long an answer is expected to take, the way there included; late answers that are still awaited count already. */
  readonly expectedMs: number;
  /** The plain decaying average of what answers took, likewise. */
  readonly averageMs: number;
  /** The decaying share of calls that succeeded, 0.05 to 1. */
  readonly successRate: number;
  /** Calls under way. */
  readonly inFlight: number;
  /** How many calls at a time it seems to bear; infinite where nothing speaks for a limit. */
  readonly capacity: number;
  /** How many answers all this is made from, decayed: 0 for a candidate that nobody knows yet. */
  readonly samples: number;
}

/** One of those that may serve a call: a target, as routing sees it. */
export interface Candidate {
  /** `endpoint/model`. */
  readonly id: string;
  readonly region: string | undefined;
  /** Lower tiers are asked first. */
  readonly tier: number;
  /** Its share beside others, above 0. */
  readonly weight: number;
  /** Whether it wants a call to be tried with, because nothing else can tell whether it is well again. @default never */
  isDue?(now: number): boolean;
  /** What is known of it now, for calls that are streamed or not; valid until it is asked again. */
  reading(streamed: boolean, now: number): Reading;
}

/** What a choice is made for. */
export interface Occasion {
  readonly streamed: boolean;
  readonly now: number;
  readonly random: Random;
  /** What calls have in common that should meet at one place, for the sake of its prompt cache. */
  readonly stickyKey?: string | undefined;
}

/** A way to choose among targets that may all be asked now. */
export interface Strategy {
  /** Its name in options and in `explain`. */
  readonly name: string;
  /** Whether the order in which endpoints were given is the order of preference. */
  readonly ordered?: boolean;
  /** Picks one of two candidates or more. */
  pick<Kind extends Candidate>(candidates: readonly Kind[], occasion: Occasion): Kind;
  /** What asking a candidate would cost, in its own unit, the lowest being the best; undefined for what is not chosen by cost. */
  cost?(candidate: Candidate, occasion: Occasion): number;
  /** How likely each of them would be picked now, 0 to 1, in their order. Picks nobody, and moves nothing. Absent where that cannot be told. */
  chances?(candidates: readonly Candidate[], occasion: Occasion): readonly number[];
}
