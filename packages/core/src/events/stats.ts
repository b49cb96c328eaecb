import type { FailureKind } from '../outcome/outcome.js';
import type { BudgetReading } from '../spending/budget.js';
import { addTo, type Entry, Ledger, nothingSpent, type Spent, toldSpent } from '../spending/ledger.js';
import type { PeriodName } from '../spending/period.js';

/** What happened at one target. */
export interface TargetStats {
  attempts: number;
  succeeded: number;
  failed: number;
  abandoned: number;
  /** Attempts that have not ended yet, streams that are still being read among them. */
  inFlight: number;
  failedBy: Partial<Record<FailureKind, number>>;
  spent: Spent;
}

/** Counts since the client was made. Plain numbers: it can be turned to JSON as it is. */
export interface Stats {
  requests: { started: number; succeeded: number; failed: number; inFlight: number };
  attempts: number;
  retries: number;
  failovers: number;
  /** Answered requests that needed another target than the first, by all answered requests; 0 to 1. */
  fallbackRate: number;
  lastResorts: number;
  /** Streams that broke off and went on elsewhere. */
  rescues: number;
  /** The target that answered last. */
  currentTarget: string | undefined;
  targets: Record<string, TargetStats>;
  /** What answers used, and cost. */
  spent: Spent;
  /** The same by the tags of requests; a request with several counts for each of them. Of a thousand tags the rest is under `other`. */
  tags: Record<string, Spent>;
  /** How `router.budget` stands, by period; absent where there is none. */
  budget?: Partial<Record<PeriodName, BudgetReading>>;
}

/** Counts are kept of so many targets. */
const MOST_TARGETS = 2_000;

const emptyTarget = (): TargetStats => ({
  attempts: 0,
  succeeded: 0,
  failed: 0,
  abandoned: 0,
  inFlight: 0,
  failedBy: {},
  spent: nothingSpent(),
});

/** How a call ended, for the counts. */
export type RequestEnd = { readonly target: string; readonly rerouted: boolean } | undefined;

/** How an attempt ended, for the counts. */
export interface AttemptEntry extends Entry {
  readonly kind: FailureKind | 'ok';
}

/**
 * Counts what is announced, with each announcement. It is told directly and not by an event, because it always hears everything, and an
 * event that nobody else hears is not made.
 */
export class StatsFold {
  readonly #requests = { started: 0, succeeded: 0, failed: 0 };
  readonly #targets = new Map<string, TargetStats>();
  readonly #ledger = new Ledger();
  #attempts = 0;
  #retries = 0;
  #failovers = 0;
  #rerouted = 0;
  #lastResorts = 0;
  #rescues = 0;
  #current: string | undefined;

  requestStarted(): void {
    this.#requests.started += 1;
  }

  /** The call was answered by a target, or failed if there is none. */
  requestEnded(answer: RequestEnd): void {
    if (!answer) {
      this.#requests.failed += 1;
      return;
    }
    this.#requests.succeeded += 1;
    this.#current = answer.target;
    if (answer.rerouted) this.#rerouted += 1;
  }

  attemptStarted(target: string): void {
    const stats = this.#of(target);
    stats.attempts += 1;
    stats.inFlight += 1;
    this.#attempts += 1;
  }

  attemptEnded(target: string, { kind, usage, costUSD, tags }: AttemptEntry): void {
    const stats = this.#of(target);
    if (usage) {
      addTo(stats.spent, usage, costUSD);
      this.#ledger.add(usage, costUSD, tags);
    }
    stats.inFlight -= 1;
    if (kind === 'ok') stats.succeeded += 1;
    else if (kind === 'caller_abort') stats.abandoned += 1;
    else {
      stats.failed += 1;
      stats.failedBy[kind] = (stats.failedBy[kind] ?? 0) + 1;
    }
  }

  /** The call went on: to the same target again, or to another one. */
  movedOn(isRetry: boolean): void {
    if (isRetry) this.#retries += 1;
    else this.#failovers += 1;
  }

  rescued(): void {
    this.#rescues += 1;
  }

  lastResortUsed(): void {
    this.#lastResorts += 1;
  }

  #of(target: string): TargetStats {
    let stats = this.#targets.get(target);
    if (!stats) {
      if (this.#targets.size >= MOST_TARGETS) this.#forgetOne();
      stats = emptyTarget();
      this.#targets.set(target, stats);
    }
    return stats;
  }

  /** Model names come from callers, who may make them up: the oldest target without a call under way is forgotten. */
  #forgetOne(): void {
    for (const [id, { inFlight }] of this.#targets) {
      if (inFlight > 0) continue;
      this.#targets.delete(id);
      return;
    }
  }

  /** The counts as they are now, as a copy. */
  read(): Stats {
    const { started, succeeded, failed } = this.#requests;
    return {
      requests: { started, succeeded, failed, inFlight: started - succeeded - failed },
      attempts: this.#attempts,
      retries: this.#retries,
      failovers: this.#failovers,
      fallbackRate: succeeded === 0 ? 0 : this.#rerouted / succeeded,
      lastResorts: this.#lastResorts,
      rescues: this.#rescues,
      currentTarget: this.#current,
      targets: Object.fromEntries([...this.#targets].map(([id, stats]) => [id, toldOf(stats)])),
      spent: this.#ledger.all(),
      tags: this.#ledger.byTag(),
    };
  }
}

const toldOf = (stats: TargetStats): TargetStats => ({
  ...stats,
  failedBy: { ...stats.failedBy },
  spent: toldSpent(stats.spent),
});
