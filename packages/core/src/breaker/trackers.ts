import { type Check, functionOf, must } from '../base/check.js';
import { nearestName, show } from '../base/fault.js';
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

  /** Counts what both do. @throws TypeError for what was not made with trackers */
  and(other: Tracker): Tracker {
    demand(madeHere, other, 'tracker.and(…)');
    return new Tracker((call) => this.counts(call) && other.counts(call), this.asksForKinds || other.asksForKinds);
  }

  /** Counts what either does. @throws TypeError for what was not made with trackers */
  or(other: Tracker): Tracker {
    demand(madeHere, other, 'tracker.or(…)');
    return new Tracker((call) => this.counts(call) || other.counts(call), this.asksForKinds || other.asksForKinds);
  }

  not(): Tracker {
    return new Tracker((call) => !this.counts(call), this.asksForKinds);
  }
}

const madeHere = must('made with trackers, such as trackers.custom((call) => …)', isPart('tracker'));

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
  /**
   * Failures of these kinds of the outcome table, such as `server_error`. A `circuitBreaker` refuses it: its functions have no kinds.
   * @throws TypeError for what is no kind, and for none
   */
  kind: (...kinds: readonly FailureKind[]): Tracker => {
    demandEach(failureKind, kinds, 'trackers.kind');
    return new Tracker(({ kind }) => kind !== undefined && kinds.includes(kind), true);
  },
  /**
   * Answers with a status from `from` to `to`, both included. Of a guarded function it is the `status` of the error that it threw, where
   * that is a number. @default to: the same status @throws TypeError unless both are whole numbers, the smaller one first
   */
  status: (from: number, to: number = from): Tracker => {
    demand(wholeNumber, from, 'trackers.status');
    demand(upTo(from), to, 'the second bound of trackers.status');
    return new Tracker((call) => {
      const status = statusOf(call);
      return status !== undefined && status >= from && status <= to;
    });
  },
  /**
   * Calls that ended in an error of one of these classes, or of one derived from them.
   * @throws TypeError for what is no class, and for none
   */
  typeOf: (...classes: readonly ErrorClass[]): Tracker => {
    demandEach(errorClass, classes, 'trackers.typeOf');
    return new Tracker(({ error }) => classes.some((one) => error instanceof one));
  },
  /** What a function of yours says of a failure, by its `kind`, `status` and `error`. @throws TypeError for what is no function */
  custom: (counts: (call: FailedCall) => boolean): Tracker => {
    demand(functionOf('(call) => boolean'), counts, 'trackers.custom');
    return new Tracker(counts);
  },
});

const KINDS = Object.keys(VERDICTS).filter((kind) => kind !== 'ok');

/** A kind that there is none of would count nothing, and a breaker that counts nothing never opens. */
const failureKind: Check = (value, path, faults) => {
  if (KINDS.includes(value as string)) return;
  const near = typeof value === 'string' ? nearestName(value, KINDS) : undefined;
  const choice = near === undefined ? `the kinds are ${KINDS.join(', ')}` : `did you mean ${JSON.stringify(near)}?`;
  faults.push(`${path} must be a kind of failure, but is ${show(value, path)}; ${choice}`);
};

/** Asked of `instanceof` itself: what it does not take throws when the first call fails, and everything would count. */
const errorClass = must('an error class, such as TypeError itself and not its name', (value) => {
  return typeof ({} instanceof (value as ErrorClass)) === 'boolean';
});

const wholeNumber = must('a whole number, such as 503', Number.isSafeInteger);

const upTo = (from: number): Check =>
  must(`a whole number of ${from} or more, the smaller bound comes first`, (value) => {
    return (Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY) && Number(value) >= from;
  });

/** Asks it of each argument; none at all would be a tracker that counts nothing. */
function demandEach(check: Check, given: readonly unknown[], name: string): void {
  const each: Check = (_, path, faults) => {
    if (given.length === 0) faults.push(`${path} needs one argument or more; with none it would count nothing`);
    given.forEach((one, at) => {
      check(one, `argument ${at + 1} of ${path}`, faults);
    });
  };
  demand(each, given, name);
}
