import { must } from '../base/check.js';
import type { FailureKind } from '../outcome/outcome.js';
import { VERDICTS } from '../outcome/verdict.js';
import { branded, isPart } from './brand.js';
import { demand } from './demands.js';

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
  /** Whether it asks for kinds of failures anywhere in it: those only the outcome table knows. */
  readonly asksForKinds: boolean;

  constructor(counts: Question, asksForKinds = false) {
    this.#counts = counts;
    this.asksForKinds = asksForKinds;
    branded('tracker', this);
  }

  /** Whether a failure counts. A tracker that throws is no reason to lose an answer: its failure then counts. */
  counts(call: FailedCall): boolean {
    try {
      return this.#counts(call);
    } catch {
      return true;
    }
  }

  /** Counts what both do. @throws RangeError for what was not made with trackers */
  and(other: Tracker): Tracker {
    demand(madeHere, other, 'tracker.and(…)');
    return new Tracker((call) => this.counts(call) && other.counts(call), this.asksForKinds || other.asksForKinds);
  }

  /** Counts what either does. @throws RangeError for what was not made with trackers */
  or(other: Tracker): Tracker {
    demand(madeHere, other, 'tracker.or(…)');
    return new Tracker((call) => this.counts(call) || other.counts(call), this.asksForKinds || other.asksForKinds);
  }

  not(): Tracker {
    return new Tracker((call) => !this.counts(call), this.asksForKinds);
  }
}

const madeHere = must('made with trackers', isPart('tracker'));

/** The status of a call, or of the error that it ended in. */
function statusOf({ status, error }: FailedCall): number | undefined {
  if (status !== undefined) return status;
  const own = (error as { status?: unknown } | null | undefined)?.status;
  return typeof own === 'number' ? own : undefined;
}

/** Whether it is the error of a circuit that did not make the call: what was never asked has not failed. */
const isRefusal = (error: unknown): boolean =>
  (error as { code?: unknown } | null | undefined)?.code === 'circuit_open';

/** The makings of a tracker. */
export const trackers = Object.freeze({
  /**
   * What counts where no tracker is given, to build on: failures that the outcome table blames on the target, and of a guarded function
   * all but the refusals of other circuits. So `trackers.default().and(trackers.status(501).not())` is the default but for 501.
   */
  default: (): Tracker =>
    new Tracker(({ kind, error }) => (kind === undefined ? !isRefusal(error) : VERDICTS[kind].breaker === 'failure')),
  /**
   * Every failure, a caller's own mistake (400) and a rate limit (429) too, of a guarded function the refusals of other circuits as
   * well; but for a caller's own abort, which is never counted.
   */
  all: (): Tracker => new Tracker(() => true),
  /** Failures of these kinds of the outcome table, such as `server_error`. A `circuitBreaker` refuses it: its functions have no kinds. */
  kind: (...kinds: readonly FailureKind[]): Tracker =>
    new Tracker(({ kind }) => kind !== undefined && kinds.includes(kind), true),
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
