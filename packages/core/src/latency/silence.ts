/** What was given up is held against a target for about so long, in milliseconds: while few call, nothing else keeps the next from it. */
const REMEMBERED_MS = 60_000;
/** What is left is nothing below this, a logarithm as well: three in a hundred is no difference to a choice by cost. */
const NEGLIGIBLE = 0.03;
/** An answer halves what is held against the target. */
const FORGIVEN = 0.5;
/** Answers that are later than so many standard deviations are one in forty-four. */
const OVERDUE = 2;

/** How much later than usual, as a logarithm, one of so many awaited calls has to be before it speaks for silence. */
export const overdueFrom = (deviation: number, awaited: number): number =>
  // The oldest of many is late by itself: about so much later is the greatest of as many draws.
  deviation * (OVERDUE + Math.sqrt(2 * Math.log(Math.max(1, awaited))));

/**
 * How much later than they ever should calls were given up without an answer, as a logarithm that fades. Late answers do not count: who
 * answers is not silent. It is for targets that are asked so seldom that means of many calls do not move.
 */
export class Silence {
  #excess = 0;
  #at = 0;

  /** A call was given up, so much later than it should have been answered. */
  gaveUp(excess: number, now: number): void {
    this.#set(Math.max(excess, this.read(now)), now);
  }

  /** An answer came. */
  answered(now: number): void {
    if (this.#excess > 0) this.#set(FORGIVEN * this.read(now), now);
  }

  /** Whatever was given up says nothing any more. */
  forget(): void {
    this.#excess = 0;
  }

  /** What is left of it; 0 for nothing. */
  read(now: number): number {
    // A clock that stepped back must not make it louder.
    if (this.#excess === 0) return 0;
    const left = this.#excess * Math.exp(Math.min(0, this.#at - now) / REMEMBERED_MS);
    return left < NEGLIGIBLE ? 0 : left;
  }

  #set(excess: number, now: number): void {
    this.#excess = excess;
    this.#at = now;
  }
}
