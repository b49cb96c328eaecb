import type { ResolvedRetryOptions } from './options.js';

/**
 * Keeps retries a small share of the traffic: every request pays a little in, every retry that may repeat work done takes one out.
 * When nothing is left a failing provider is no longer hit twice for every call. Source: "retry budget", Finagle and gRPC A6.
 */
export class RetryBudget {
  readonly #capacity: number;
  readonly #perRequest: number;
  #tokens: number;

  constructor(budget: ResolvedRetryOptions['budget']) {
    this.#capacity = budget === false ? Number.POSITIVE_INFINITY : budget.capacity;
    this.#perRequest = budget === false ? 0 : budget.perRequest;
    this.#tokens = this.#capacity;
  }

  /** Retries left, whole and part. */
  get tokens(): number {
    return this.#tokens;
  }

  /** A new request came in. */
  deposit(): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + this.#perRequest);
  }

  /** Takes one retry out, or answers false and takes nothing. */
  withdraw(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
