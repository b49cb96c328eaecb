import type { Mark, Permit, Result, Transition } from './contract.js';
import type { Closed, HalfOpen, Lease } from './states.js';

/** Where permits report to, each with the state that gave it. */
export interface Settlement {
  /** Takes the result of a call that was permitted while closed. */
  settleClosed(era: Closed, permit: ClosedPermit, now: number): Transition | undefined;
  /** Takes the result of a probe. */
  settleProbe(era: HalfOpen, lease: ProbeLease, now: number): Transition | undefined;
  /** Takes the place of a probe back. */
  releaseProbe(era: HalfOpen, lease: Lease): void;
}

/**
 * A permit of a closed breaker. It is all that is allocated for a call: what the call comes to is kept in it while it is settled.
 * Settling lets go of the state, which is what makes a second settling do nothing.
 */
export class ClosedPermit implements Permit {
  readonly issuedAt: number;
  mark: Mark = 'ignored';
  result: Result | undefined;
  readonly #settlement: Settlement;
  #era: Closed | undefined;

  constructor(settlement: Settlement, era: Closed, issuedAt: number) {
    this.#settlement = settlement;
    this.#era = era;
    this.issuedAt = issuedAt;
  }

  get probe(): boolean {
    return false;
  }

  get transition(): undefined {
    return undefined;
  }

  settle(mark: Mark, now: number, result?: Result): Transition | undefined {
    const era = this.#era;
    if (era === undefined) return undefined;
    this.#era = undefined;
    this.mark = mark;
    this.result = result;
    return this.#settlement.settleClosed(era, this, now);
  }

  release(): void {}
}

/** A permit of a half-open breaker: one of its few places, with the time since when it is taken. */
export class ProbeLease implements Lease {
  readonly transition: Transition | undefined;
  readonly issuedAt: number;
  isReleased = false;
  mark: Mark = 'ignored';
  result: Result | undefined;
  readonly #settlement: Settlement;
  #era: HalfOpen | undefined;

  constructor(settlement: Settlement, era: HalfOpen, given: { issuedAt: number; transition: Transition | undefined }) {
    this.#settlement = settlement;
    this.#era = era;
    this.issuedAt = given.issuedAt;
    this.transition = given.transition;
  }

  get probe(): boolean {
    return true;
  }

  settle(mark: Mark, now: number, result?: Result): Transition | undefined {
    const era = this.#era;
    if (era === undefined) return undefined;
    this.#era = undefined;
    this.mark = mark;
    this.result = result;
    return this.#settlement.settleProbe(era, this, now);
  }

  release(): void {
    if (this.#era === undefined || this.isReleased) return;
    this.isReleased = true;
    this.#settlement.releaseProbe(this.#era, this);
  }
}

/** The permit of a breaker that is disabled: always the same one, because nothing is counted. */
export const FREE: Permit = Object.freeze({
  probe: false,
  transition: undefined,
  settle: () => undefined,
  release: () => undefined,
});
