import { Timers } from './timers.js';

/** Where a virtual clock starts. */
export interface VirtualClockOptions {
  /** Monotonic milliseconds. @default 0 */
  readonly now?: number;
  /** Milliseconds since the Unix epoch. @default 2025-01-01T00:00:00Z */
  readonly wall?: number;
}

/** Time that moves only when it is told to; fits wherever breakwater takes a clock. */
export interface VirtualClock {
  now(): number;
  wall(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /**
   * Moves time on and fires the timers that fall due, in the order of their times and of their setting.
   * Promises settle before, between and after them. Rejects with what a timer throws; time stands at that timer then.
   */
  advance(ms: number): Promise<void>;
  /** Moves from timer to timer until none is left, or else by `maxMs` milliseconds; tells whether none is left. */
  runUntilIdle(maxMs: number): Promise<boolean>;
  /** How many timers are waiting. */
  readonly pending: number;
  /** Sets the wall clock, which `now` and the timers do not notice. */
  setWall(ms: number): void;
}

/**
 * Chains of promises settle within one turn of the event loop, but streams and responses of the platform take some turns more.
 */
const SETTLING_TURNS = 3;

/** Taken early: fake timers of a test runner must not stop the real turns this clock needs. */
const realSetImmediate = setImmediate;

/** Makes a clock that stands still until {@link VirtualClock.advance}. */
export function virtualClock({ now = 0, wall = Date.UTC(2025, 0, 1) }: VirtualClockOptions = {}): VirtualClock {
  const timers = new Timers();
  let time = now;
  let wallOffset = wall - now;
  let moving = false;

  const fireUntil = async (until: number): Promise<void> => {
    if (moving) throw new Error('The virtual clock is moving already; await one advance() before the next.');
    moving = true;
    try {
      await settle();
      for (let timer = timers.take(until); timer !== undefined; timer = timers.take(until)) {
        time = Math.max(time, timer.dueAt);
        timer.run();
        await settle();
      }
    } finally {
      moving = false;
    }
  };

  return {
    now: () => time,
    wall: () => time + wallOffset,
    setTimeout: (run, ms) => timers.add(run, time + Math.max(ms, 0)),
    clearTimeout: (timer) => timers.drop(timer),
    async advance(ms) {
      if (!(ms >= 0)) throw new TypeError(`A virtual clock advances by 0 milliseconds or more, not by ${ms}.`);
      const until = time + ms;
      await fireUntil(until);
      time = until;
    },
    async runUntilIdle(maxMs) {
      const until = time + maxMs;
      await fireUntil(until);
      if (timers.size > 0) time = until;
      return timers.size === 0;
    },
    get pending() {
      return timers.size;
    },
    setWall(ms) {
      wallOffset = ms - time;
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn += 1) await new Promise<void>((resolve) => realSetImmediate(resolve));
}
