import type { Mark, Permit, Transition } from './contract.js';
import type { Closed, HalfOpen, Lease } from './states.js';

/** Where permits report to, each with the state that gave it. */
export interface Settlement {
  /** Takes the result of a call that was permitted while closed. */
  settleClosed(era: Closed, mark: Mark, now: number): Transition | undefined;
  /** Takes the result of a probe. */
  settleProbe(
    era: HalfOpen,
    lease: Lease,
    result: { readonly mark: Mark; readonly now: number },
  ): Transition | undefined;
  /** Takes the place of a probe back. */
  releaseProbe(era: HalfOpen, lease: Lease): void;
}

/** A permit of a closed breaker. Settling lets go of the state, which is what makes a second settling do nothing. */
export class ClosedPermit implements Permit {
  readonly probe = false;
  readonly #settlement: Settlement;
  #era: Closed | undefined;

  constructor(settlement: Settlement, era: Closed) {
    this.#settlement = settlement;
    this.#era = era;
  }

  settle(mark: Mark, now: number): Transition | undefined {
    const era = this.#era;
    this.#era = undefined;
    return era === undefined ? undefined : this.#settlement.settleClosed(era, mark, now);
  }

  release(): void {}
}

/** A permit of a half-open breaker: one of its few places, with the time since when it is taken. */
export class ProbeLease implements Lease {
  readonly probe = true;
  readonly issuedAt: number;
  isReleased = false;
  readonly #settlement: Settlement;
  #era: HalfOpen | undefined;

  constructor(settlement: Settlement, era: HalfOpen, issuedAt: number) {
    this.#settlement = settlement;
    this.#era = era;
    this.issuedAt = issuedAt;
  }

  settle(mark: Mark, now: number): Transition | undefined {
    const era = this.#era;
    this.#era = undefined;
    return era === undefined ? undefined : this.#settlement.settleProbe(era, this, { mark, now });
  }

  release(): void {
    if (this.#era === undefined || this.isReleased) return;
    this.isReleased = true;
    this.#settlement.releaseProbe(this.#era, this);
  }
}
