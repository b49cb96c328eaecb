import type { Target } from '../targets/target.js';
import type { Leg } from './step.js';

/** The legs of one call, a model after the other, and how far it has come. */
export class Course {
  #legs: readonly Leg[];
  #at = 0;
  #hasAsked = false;

  constructor(legs: readonly Leg[]) {
    this.#legs = legs;
  }

  get legs(): readonly Leg[] {
    return this.#legs;
  }

  /** Where the call is; nobody behind the last leg. */
  get leg(): Leg {
    return this.#legs[this.#at] ?? [];
  }

  /** The legs that have not been left. */
  get left(): readonly Leg[] {
    return this.#at === 0 ? this.#legs : this.#legs.slice(this.#at);
  }

  get isOver(): boolean {
    return this.#at >= this.#legs.length;
  }

  /** Whether there is nowhere else to go than to one target. */
  get isLone(): boolean {
    return this.#legs.length === 1 && this.#legs[0]?.length === 1;
  }

  /** A target of this leg was asked. */
  asked(): void {
    this.#hasAsked = true;
  }

  /** Goes on to the next model; false when there is none. */
  next(): boolean {
    this.#at += 1;
    this.#hasAsked = false;
    return !this.isOver;
  }

  /** Nobody of a model is asked any more; false when there is no other to go on to. */
  leave(model: string): boolean {
    this.change((this.isOver ? this.#legs : this.left).filter((leg) => leg[0]?.model !== model));
    return !this.isOver;
  }

  /** Begins anew with other legs. */
  change(legs: readonly Leg[]): void {
    this.#legs = legs;
    this.#at = 0;
    this.#hasAsked = false;
  }

  /** The call stays at this target. */
  stayAt(target: Target): void {
    this.change([[target]]);
  }

  /** Whether another target of this model may be asked: with many endpoints it would use up the attempts that are kept for later models. */
  mayStay(attemptsLeft: number): boolean {
    return !this.#hasAsked || attemptsLeft > this.#legs.length - 1 - this.#at;
  }

  /** Only the model that was asked for is lingered on, and not with the attempts that the others need to be reached at all. */
  mayLinger(attemptsLeft: number): boolean {
    return this.#at === 0 && attemptsLeft >= this.#legs.length;
  }
}
