import type { FailureKind } from '../outcome/outcome.js';

/** A failed call, as trackers see it. */
export interface FailedCall {
  /** What kind of failure it was, by the outcome table; absent where a function was guarded that the table knows nothing of. */
  readonly kind?: FailureKind | undefined;
  /** The HTTP status, where there was one. */
  readonly status?: number | undefined;
  /** What was thrown, where something was. */
  readonly error?: unknown;
}

type Question = (call: FailedCall) => boolean;

/** An error class, abstract ones too. */
export type ErrorClass = abstract new (...parts: never[]) => unknown;

/**
 * Says which failures count against a breaker. A failure that does not count is ignored, not a success: an answer of 400 proves
 * nothing about a target that was down a moment ago. Trackers are combined with `and`, `or` and `not`.
 */
export class Tracker {
  readonly #counts: Question;

  constructor(counts: Question) {
    this.#counts = counts;
  }

  /** Whether a failure counts. A tracker that throws is no reason to lose an answer: its failure then counts. */
  counts(call: FailedCall): boolean {
    try {
      return this.#counts(call);
    } catch {
      return true;
    }
  }

  and(other: Tracker): Tracker {
    return new Tracker((call) => this.counts(call) && other.counts(call));
  }

  or(other: Tracker): Tracker {
    return new Tracker((call) => this.counts(call) || other.counts(call));
  }

  not(): Tracker {
    return new Tracker((call) => !this.counts(call));
  }
}

/** The status of a call, or of the error that it ended in. */
function statusOf({ status, error }: FailedCall): number | undefined {
  if (status !== undefined) return status;
  const own = (error as { status?: unknown } | null | undefined)?.status;
  return typeof own === 'number' ? own : undefined;
}

/** The makings of a tracker. */
export const trackers = Object.freeze({
  /** Every failure but a caller's own abort, which is never counted. */
  all: (): Tracker => new Tracker(() => true),
  /** Failures of these kinds of the outcome table, such as `server_error`. */
  kind: (...kinds: readonly FailureKind[]): Tracker =>
    new Tracker(({ kind }) => kind !== undefined && kinds.includes(kind)),
  /** Answers with a status from `from` to `to`, both included. @default to: the same status */
  status: (from: number, to: number = from): Tracker =>
    new Tracker((call) => {
      const status = statusOf(call);
      return status !== undefined && status >= from && status <= to;
    }),
  /** Calls that ended in an error of one of these classes, or of one derived from them. */
  typeOf: (...classes: readonly ErrorClass[]): Tracker =>
    new Tracker(({ error }) => classes.some((one) => error instanceof one)),
  /** What a function of yours says. */
  custom: (counts: (call: FailedCall) => boolean): Tracker => new Tracker(counts),
});
