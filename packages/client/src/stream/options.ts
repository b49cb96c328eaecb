import { check } from '@breakwater/core';

/** How streamed answers are handed over. */
export interface StreamOptions {
  /**
   * When an answer is bound to its target: at its first content, before which a failure moves on unseen, or as soon as the response
   * headers are there. @default 'first-content'
   */
  commit?: 'first-content' | 'headers';
  /**
   * What becomes of an answer that breaks off after that. `continue`: another target goes on with it, from the word where it broke off.
   * `restart`: another one begins anew, and `stream.restarted` says so. `error`: a `StreamInterruptedError`. What cannot be gone on with
   * ends in that error as well. See docs/streams.md. @default 'continue'
   */
  rescue?: 'continue' | 'restart' | 'error';
  /** How often one answer is rescued. @default 2 */
  maxRescues?: number;
}

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({
  commit: 'first-content' as const,
  rescue: 'continue' as const,
  maxRescues: 2,
});

/** Checks `router.streams`. */
export const streamOptions = check.shape({
  commit: check.oneOf('first-content', 'headers'),
  rescue: check.oneOf('continue', 'restart', 'error'),
  maxRescues: check.nonNegativeInteger,
});

/** Fills in the defaults; the options have been checked before. */
export function resolveStreams(given: StreamOptions = {}): Required<StreamOptions> {
  const { commit = DEFAULTS.commit, rescue = DEFAULTS.rescue, maxRescues = DEFAULTS.maxRescues } = given;
  return { commit, rescue, maxRescues };
}
