import type { FailureKind } from '../outcome/outcome.js';
import { type CountsByKind, countKind } from './group-stats.js';

/** Calls by how they ended. A call counts once, whatever its attempts; a stream is answered at its first content. */
export interface RequestStats {
  started: number;
  /** Answered, by a target or by `lastResort`. */
  succeeded: number;
  failed: number;
  /** Calls that have not ended yet; a stream that is being read is no longer among them. */
  inFlight: number;
  /** The failed ones by what they failed with; `caller_abort` are those whose caller left. */
  failedBy: CountsByKind;
  /** Answered by another target than the first choice, or by `lastResort`. */
  rerouted: number;
  /** `rerouted` by `succeeded`; 0 to 1. */
  fallbackRate: number;
  /** Answered by `lastResort`. */
  lastResorts: number;
}

/** The calls of one model, or of all of them, as they are counted. */
export class RequestCounts {
  started = 0;
  succeeded = 0;
  failed = 0;
  rerouted = 0;
  lastResorts = 0;
  readonly #failedBy: CountsByKind = {};

  /** A call was given up. */
  failedWith(kind: FailureKind): void {
    this.failed += 1;
    countKind(this.#failedBy, kind);
  }

  /** The counts as they are told, as a copy. */
  told(): RequestStats {
    const { started, succeeded, failed, rerouted, lastResorts } = this;
    return {
      ...{ started, succeeded, failed },
      inFlight: started - succeeded - failed,
      failedBy: { ...this.#failedBy },
      rerouted,
      fallbackRate: succeeded === 0 ? 0 : rerouted / succeeded,
      lastResorts,
    };
  }
}
