import type { Clock } from '../base/clock.js';
import type { Breaker, BreakerMode, BreakerSnapshot, Transition } from './contract.js';

/** A breaker in a person's hands. Every change is announced like one of its own. Calls under way are not touched, and count no longer. */
export interface BreakerControl {
  /** Refuses every call until told otherwise. */
  open(): void;
  /** Opens for so many milliseconds, and decides by itself afterwards. @throws RangeError unless it is a positive number */
  openFor(ms: number, reason?: string): void;
  /** Lets calls through again; observing stays observing. */
  close(): void;
  /** Closes and forgets everything, the mode too. */
  reset(): void;
  /** Lets every call through and counts nothing. */
  disable(): void;
  /** Lets every call through, counts, and tells when it would have opened. */
  observeOnly(): void;
  /** Decides by itself again. */
  auto(): void;
  /** How it stands, as plain JSON. */
  info(): BreakerSnapshot;
}

/** What a handle is made from. */
export interface HandleParts {
  readonly breaker: Breaker;
  readonly clock: Clock;
  /** Hears of every change. */
  readonly tell: (transition: Transition) => void;
}

/** A breaker with a clock of its own and somebody to tell. */
export class Handle implements BreakerControl {
  readonly #parts: HandleParts;

  constructor(parts: HandleParts) {
    this.#parts = parts;
  }

  open(): void {
    this.#setMode('forced-open');
  }

  openFor(ms: number, reason = 'opened by hand'): void {
    if (!(ms > 0)) throw new RangeError(`ms must be a positive number of milliseconds, but is ${ms}`);
    // Whoever opens for a while means it, whatever the mode was.
    this.#setMode('auto');
    this.#tell(this.#parts.breaker.openFor(ms, this.#now, reason));
  }

  close(): void {
    if (this.info().mode === 'forced-open') this.#setMode('auto');
    this.#tell(this.#parts.breaker.reset(this.#now, 'closed by hand'));
  }

  reset(): void {
    this.#setMode('auto');
    this.#tell(this.#parts.breaker.reset(this.#now));
  }

  disable(): void {
    this.#setMode('disabled');
  }

  observeOnly(): void {
    this.#setMode('observe-only');
  }

  auto(): void {
    this.#setMode('auto');
  }

  info(): BreakerSnapshot {
    return this.#parts.breaker.snapshot(this.#now);
  }

  get #now(): number {
    return this.#parts.clock.now();
  }

  #setMode(mode: BreakerMode): void {
    this.#tell(this.#parts.breaker.setMode(mode, this.#now));
  }

  #tell(transition: Transition | undefined): void {
    if (transition) this.#parts.tell(transition);
  }
}
