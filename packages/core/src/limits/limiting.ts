import type { LimitDimension, Room } from './limit.js';
import type { Reserved } from './reservation.js';
import type { WaitingLine } from './waiting-line.js';

/** A limiter as calls see it, whether its numbers were set or learned. */
export interface Limiting extends Room, Reserved {
  /** What it holds for, in words. */
  readonly scope: string;
  readonly line: WaitingLine;
  /** The tokens that it lets through in its period, a minute or a day, whichever are fewer; infinite when it counts none. */
  readonly mostTokens: number;
  /** What is left in it, by dimension. */
  left(now: number): Partial<Record<LimitDimension, number>>;
}

/** A limiter of one credential. */
export interface KeyLimiting extends Limiting {
  /** The part that is left of it, 0 to 1: of its dimensions the one with the least. */
  fullness(now: number): number;
}
