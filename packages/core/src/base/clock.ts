/** What a clock hands out for a pending timer; opaque to everyone but the clock. */
export type Timer = unknown;

/**
 * Time, handed in. Everything measures with {@link Clock.now}; {@link Clock.wall} is for event stamps and HTTP dates alone,
 * because a wall clock may be set back an hour while a breaker is open.
 */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. */
  now(): number;
  /** Milliseconds since the Unix epoch. */
  wall(): number;
  /** Calls `run` once, `ms` milliseconds from now at the earliest: a wait that has ended is over. */
  setTimeout(run: () => void, ms: number): Timer;
  /** Takes back a timer; doing so twice, or after it fired, is harmless. */
  clearTimeout(timer: Timer): void;
  /** Lets the process end while the timer waits. @default timers keep no process alive by themselves */
  unref?(timer: Timer): void;
}

/** The same clock with timers that keep no process alive, for what nobody waits for. */
export const quietly = (clock: Clock): Clock => ({
  now: () => clock.now(),
  wall: () => clock.wall(),
  clearTimeout: (timer) => clock.clearTimeout(timer),
  setTimeout: (run, ms) => {
    const timer = clock.setTimeout(run, ms);
    clock.unref?.(timer);
    return timer;
  },
});

/** The longest delay a platform timer holds; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/**
 * How early a timer may fire that was given whole milliseconds, because the platform counts from the beginning of the one under way.
 * What is behind the point it drops: on Node 24 two in three timers with a fraction were early, by up to two milliseconds in all.
 */
const MOST_EARLY_MS = 1;

/** Kept, because the global one is looked up through a getter, which costs as much as half a reading. Not asked while this loads. */
const stopwatch = performance;

/** The platform's own time. A timer is set only while a call waits for it, so it keeps a process alive as long as that call does. */
export const systemClock: Clock = {
  now: () => stopwatch.now(),
  wall: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, Math.min(Math.ceil(ms) + MOST_EARLY_MS, LONGEST_DELAY_MS)),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  // Where a timer is a mere number it keeps nothing alive.
  unref: (timer) => (timer as { unref?(): void }).unref?.(),
};
