import type { Clock } from '@breakwater/core';

/** So much of a time may be this process's own work, in milliseconds, … */
const LEAST_WORK_MS = 2;
/** … or this share of it. */
const WORK_SHARE = 0.1;

/** How long a way took. */
export interface Measured {
  readonly ms: number;
  /** Whether this process had hardly any work of its own meanwhile; else the way is shorter than that. */
  readonly isExact: boolean;
}

/** Times ways. What came while the process was at work waited to be seen: a client's first connections took ten times as long as later ones. */
export class Stopwatch {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #startedAt: number;
  readonly #before: ReturnType<typeof worked>;

  /** Starts it. */
  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#before = worked();
    this.#startedAt = clock.now();
  }

  /** How long it took until now. */
  read(): Measured {
    const ms = this.#clock.now() - this.#startedAt;
    const workMs = this.#before === undefined ? 0 : (worked() ?? 0) - this.#before;
    return { ms, isExact: workMs <= Math.max(LEAST_WORK_MS, ms * WORK_SHARE) };
  }
}

/** What Node tells of its event loop. */
interface Loop {
  eventLoopUtilization(): { readonly active: number };
}

/** How long the loop of this thread has worked and not waited, in milliseconds; undefined where the platform does not tell. */
function worked(): number | undefined {
  return (performance as Partial<Loop>).eventLoopUtilization?.().active;
}
