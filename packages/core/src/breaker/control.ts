import { faultsOf, must } from '../base/check.js';
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
  /** As if nothing had ever happened: forgets everything, and goes back to the mode of the options. */
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

/** What would be turned into a number is none: plain JavaScript and configurations bring texts, and a text is not compared but added. */
const milliseconds = must('a positive number of milliseconds', (value) => typeof value === 'number' && value > 0);

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
    const [fault] = faultsOf(milliseconds, ms, 'ms');
    if (fault !== undefined) throw new RangeError(fault);
    const { breaker } = this.#parts;
    const now = this.#now;
    // Whoever opens for a while means it, whatever the mode was.
    this.#tell(breaker.setMode('auto', now), breaker.openFor(ms, now, reason));
  }

  close(): void {
    const { breaker } = this.#parts;
    const now = this.#now;
    const isForced = breaker.snapshot(now).mode === 'forced-open';
    this.#tell(isForced ? breaker.setMode('auto', now) : undefined, breaker.reset(now, 'closed by hand'));
  }

  reset(): void {
    const { breaker } = this.#parts;
    const now = this.#now;
    this.#tell(breaker.setMode(breaker.usualMode, now), breaker.reset(now));
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

  /** Tells when all is done: who hears of the first change may ask, and must not find the second one still to come. */
  #tell(...transitions: readonly (Transition | undefined)[]): void {
    for (const transition of transitions) if (transition) this.#parts.tell(transition);
  }
}
