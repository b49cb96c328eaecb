import { type Clock, systemClock } from '../base/clock.js';
import { type Random, systemRandom } from '../base/random.js';
import { createBreaker } from './breaker.js';
import type { Breaker, BreakerMode, BreakerSnapshot, BreakerState, Permit, Transition } from './contract.js';
import { type BreakerInput, resolveBreakerOptions } from './options.js';
import { type Tracker, trackers } from './trackers.js';

/** What {@link circuitBreaker} takes besides the options of every breaker. */
export interface CircuitBreakerParts {
  /** Named in errors. @default 'circuit' */
  readonly name?: string;
  /** Hears of every change. What it throws is thrown at nobody. */
  readonly onTransition?: (transition: Transition) => void;
  /** @default the platform's */
  readonly clock?: Clock;
  /** @default the platform's */
  readonly random?: Random;
}

/** How one call is made. */
export interface ExecuteOptions<Result> {
  /** The answer in place of an error: of the function's, or of the breaker's refusal. What it throws itself is thrown. */
  readonly fallback?: (error: unknown) => Result | Promise<Result>;
  /** A caller who left counts neither for nor against: an error after it has aborted is ignored. */
  readonly signal?: AbortSignal | undefined;
}

/** A call that was not made, because the circuit is open. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  readonly code = 'circuit_open';
  /** Milliseconds until asking again can help. */
  readonly retryAfterMs: number;

  constructor(circuit: string, retryAfterMs: number) {
    super(`${circuit} is open; try again in ${retryAfterMs} ms, or give a fallback`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whether an error is a refusal of a circuit breaker, of whichever copy of this package. */
export const isCircuitOpenError = (error: unknown): error is CircuitOpenError =>
  error instanceof Error && (error as { code?: unknown }).code === 'circuit_open';

/** Who has no say: what a guarded function throws is a failure unless a tracker says otherwise. */
const ANY_ERROR = trackers.all();

/**
 * A breaker around functions. It holds no timer and sets no time limit: a function that never ends keeps its place until its lease is
 * over, and no longer.
 */
export class CircuitBreaker {
  readonly name: string;
  readonly #breaker: Breaker;
  readonly #tracker: Tracker;
  readonly #clock: Clock;
  readonly #onTransition: ((transition: Transition) => void) | undefined;

  constructor(input: BreakerInput | undefined, { name = 'circuit', clock, random, onTransition }: CircuitBreakerParts) {
    const options = resolveBreakerOptions(input, 'options');
    this.name = name;
    this.#breaker = createBreaker(options, random ?? systemRandom);
    this.#tracker = (options !== false && options.tracker) || ANY_ERROR;
    this.#clock = clock ?? systemClock;
    this.#onTransition = onTransition;
  }

  /**
   * Calls the function unless the circuit is open. A function that throws at once is treated like one that rejects.
   * @throws CircuitOpenError without a fallback, when the call is not made
   */
  async execute<Result>(
    work: (signal?: AbortSignal) => Result | Promise<Result>,
    options?: ExecuteOptions<Result>,
  ): Promise<Result> {
    const clock = this.#clock;
    const permit = this.#breaker.tryAcquire(clock.now());
    if (!permit) return this.#refuse(options);
    if (permit.transition) this.#tell(permit.transition);
    try {
      const result = await work(options?.signal);
      const transition = permit.settle('success', clock.now());
      if (transition) this.#tell(transition);
      return result;
    } catch (error) {
      return this.#failed(permit, error, options);
    }
  }

  get state(): BreakerState {
    return this.info().state;
  }

  /** How it stands. */
  info(): BreakerSnapshot {
    return this.#breaker.snapshot(this.#clock.now());
  }

  /** Refuses every call until told otherwise. */
  open(): void {
    this.#mode('forced-open');
  }

  /** Opens for so many milliseconds. */
  openFor(ms: number, reason = 'opened by hand'): void {
    this.#tell(this.#breaker.openFor(ms, this.#clock.now(), reason));
  }

  /** Lets every call through and counts nothing. */
  disable(): void {
    this.#mode('disabled');
  }

  /** Lets every call through, counts, and tells when it would have opened. */
  observeOnly(): void {
    this.#mode('observe-only');
  }

  /** Decides by itself again. */
  auto(): void {
    this.#mode('auto');
  }

  /** Closes and forgets everything, the mode too. */
  reset(): void {
    this.#mode('auto');
    this.#tell(this.#breaker.reset(this.#clock.now()));
  }

  #mode(mode: BreakerMode): void {
    this.#tell(this.#breaker.setMode(mode, this.#clock.now()));
  }

  #refuse<Result>(options: ExecuteOptions<Result> | undefined): Result | Promise<Result> {
    const error = new CircuitOpenError(this.name, this.#breaker.retryAfterMs(this.#clock.now()));
    if (options?.fallback) return options.fallback(error);
    throw error;
  }

  #failed<Result>(
    permit: Permit,
    error: unknown,
    options: ExecuteOptions<Result> | undefined,
  ): Result | Promise<Result> {
    const hasLeft = options?.signal?.aborted === true;
    const mark = !hasLeft && this.#tracker.counts({ error }) ? 'failure' : 'ignored';
    this.#tell(permit.settle(mark, this.#clock.now()));
    if (options?.fallback && !hasLeft) return options.fallback(error);
    throw error;
  }

  #tell(transition: Transition | undefined): void {
    if (!transition) return;
    try {
      this.#onTransition?.(transition);
    } catch {
      // Whoever listens changes nothing for whoever calls.
    }
  }
}

/**
 * Guards any function, asynchronous or not: `circuitBreaker({ failureStreak: 3 }).execute(() => fetch(url))`. Options as under
 * `router.breaker`, presets too; times in milliseconds.
 * @throws TypeError listing everything that is wrong with the options
 */
export function circuitBreaker(options?: BreakerInput, parts: CircuitBreakerParts = {}): CircuitBreaker {
  return new CircuitBreaker(options, parts);
}
