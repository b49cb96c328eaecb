import type { AdaptiveConcurrency } from './adaptive-concurrency.js';
import type { ModelHabits } from './habits.js';
import type { LearnedLimiter } from './learned.js';
import type { Demand, LimitDimension } from './limit.js';
import type { KeyLimiting, Limiting } from './limiting.js';
import { Reservation } from './reservation.js';

/** More credentials than this at one target are those of a caller who makes them up: the one unused for longest is forgotten. */
const MOST_CREDENTIALS = 100;

/** Room that a call does not have. */
export interface Shortage {
  readonly limiter: Limiting;
  readonly dimension: LimitDimension;
  /** Milliseconds until it would fit, if nobody else comes before; the largest safe integer when that is not known. */
  readonly waitMs: number;
  /** What there was no room for. */
  readonly demand: Demand;
}

/** Who asks for room, among those who wait for it. */
export interface Turn {
  readonly priority: number;
  /** Counts up with every call that waits; infinite for who has not waited yet. */
  readonly arrival: number;
}

/** What limits the calls with one credential at one target. */
interface Book {
  readonly limiters: readonly Limiting[];
  /** Those among them that are of this credential alone. */
  readonly own: readonly KeyLimiting[];
  readonly learned: LearnedLimiter | undefined;
}

/** What the limits of a target are made of. */
export interface TargetLimitParts {
  /** Those that the user set, whichever credential is used: of the client, the model, the endpoint and the target. */
  readonly fixed: readonly Limiting[];
  /** That which the user set for each credential. */
  readonly perKey: (credential: string) => KeyLimiting | undefined;
  /** What answers tell of the provider's limits; undefined when nothing is to be learned. */
  readonly learn: ((credential: string) => LearnedLimiter) | undefined;
  /** What finds out by itself how much the target bears; one of the fixed ones. */
  readonly gate?: AdaptiveConcurrency | undefined;
  readonly habits: ModelHabits;
}

/** All limits that hold for calls at one target. */
export class TargetLimits {
  readonly habits: ModelHabits;
  readonly gate: AdaptiveConcurrency | undefined;
  readonly #parts: TargetLimitParts;
  readonly #books = new Map<string, Book>();
  #lastCredential: string | undefined;
  #lastBook: Book | undefined;

  constructor(parts: TargetLimitParts) {
    this.#parts = parts;
    this.habits = parts.habits;
    this.gate = parts.gate;
  }

  /** Whether nothing limits calls with this credential. */
  isFree(credential: string): boolean {
    const { limiters, learned } = this.#book(credential);
    return limiters.length === 0 || (limiters.length === 1 && learned?.isKnown === false);
  }

  /** Whether calls with this credential are limited by their tokens: else nobody needs to estimate them. */
  countsTokens(credential: string): boolean {
    return this.mostTokens(credential) < Number.POSITIVE_INFINITY;
  }

  /** The tokens that the tightest limit lets through in its period, a minute or a day; infinite where none counts tokens. */
  mostTokens(credential: string): number {
    let least = Number.POSITIVE_INFINITY;
    for (const limiter of this.#book(credential).limiters) least = Math.min(least, limiter.mostTokens);
    return least;
  }

  /** The longest of all waits for room; undefined when there is room in every limit, and nobody waits before. */
  shortage(credential: string, demand: Demand, { turn, now }: { turn: Turn; now: number }): Shortage | undefined {
    let worst: Shortage | undefined;
    for (const limiter of this.#book(credential).limiters) {
      const wait = limiter.wait(demand, now);
      if (wait && wait.waitMs > (worst?.waitMs ?? 0)) {
        worst = { limiter, dimension: wait.dimension, waitMs: wait.waitMs, demand };
      } else if (!worst && limiter.line.isAhead(turn.priority, turn.arrival)) {
        worst = { limiter, dimension: 'requestsPerMinute', waitMs: 0, demand };
      }
    }
    return worst;
  }

  /** Takes room in every limit at once; whoever asks has looked before. */
  reserve(credential: string, demand: Demand, now: number): Reservation {
    return Reservation.take(this.#book(credential).limiters, demand, now);
  }

  /** What answers have told of the limits for this credential; undefined when nothing is to be learned. */
  learned(credential: string): LearnedLimiter | undefined {
    return this.#book(credential).learned;
  }

  /** The part that is left of the limits that are this credential's alone, 0 to 1. */
  fullness(credential: string, now: number): number {
    let least = 1;
    for (const limiter of this.#book(credential).own) least = Math.min(least, limiter.fullness(now));
    return least;
  }

  /** The limits that hold whichever credential is used. */
  get shared(): readonly Limiting[] {
    return this.#parts.fixed;
  }

  /** The limits that are this credential's alone. */
  ofKey(credential: string): readonly Limiting[] {
    return this.#book(credential).own;
  }

  /** Every limit there is for this credential. */
  all(credential: string): readonly Limiting[] {
    return this.#book(credential).limiters;
  }

  #book(credential: string): Book {
    // One credential after the other is the same: thousands of calls ask for it in a row.
    if (credential === this.#lastCredential && this.#lastBook) return this.#lastBook;
    let book = this.#books.get(credential);
    if (book) this.#books.delete(credential);
    else {
      if (this.#books.size >= MOST_CREDENTIALS) this.#books.delete(this.#books.keys().next().value ?? '');
      book = this.#open(credential);
    }
    // Whoever is used stands at the end, and is forgotten last.
    this.#books.set(credential, book);
    this.#lastCredential = credential;
    this.#lastBook = book;
    return book;
  }

  #open(credential: string): Book {
    const { fixed, perKey, learn } = this.#parts;
    const learned = learn?.(credential);
    const own = [perKey(credential), learned].filter((one) => one !== undefined);
    return { limiters: [...fixed, ...own], own, learned };
  }
}
