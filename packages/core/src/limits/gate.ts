/** One limit of one dimension. Costs are whole numbers; a cost that is no positive number takes nothing and always fits. */
export interface Gate {
  /** Milliseconds until `cost` fits, exactly: not before, and surely then. 0 when it does now. */
  waitMs(cost: number, now: number): number;
  /** Takes it, whether or not it fits; what does not is owed, and nothing fits until it is repaid. */
  take(cost: number, now: number): void;
  /** What was taken at `takenAt` turned out to be `delta` more, or less. Refunds never give more than was taken, and repay what is owed first. */
  adjust(takenAt: number, delta: number, now: number): void;
  /** What is left now, not below 0. */
  left(now: number): number;
}

/** Milliseconds from `now` to `at`, rounded so that `now` and they are never less than `at`, by no bit: who comes then is not turned away. */
export function until(at: number, now: number): number {
  const ms = at - now;
  return now + ms < at ? ms + Math.abs(at) * Number.EPSILON : ms;
}
