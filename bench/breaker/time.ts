import { mock } from 'node:test';
import type { Clock } from '../../packages/core/src/base/clock.ts';

const realSetImmediate = setImmediate;

/** Time that moves when told to, for libraries that ask the platform: an hour of idleness takes no time. */
export interface Time {
  /** The same time, for whoever takes a clock. */
  readonly clock: Clock;
  /** Moves on, and fires the timers that fall due. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock back; timers and the monotonic clock do not notice. */
  setBack(ms: number): void;
  /** Lets promises settle. */
  settle(): Promise<void>;
}

/** Runs something in a time of its own, and gives the platform its own time back. */
export async function inVirtualTime<T>(run: (time: Time) => Promise<T>): Promise<T> {
  let now = 0;
  let wall = Date.UTC(2025, 0, 1);
  const settle = async () => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => realSetImmediate(resolve));
  };
  const dates = mock.method(Date, 'now', () => wall);
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const clock: Clock = {
    now: () => now,
    wall: () => wall,
    setTimeout: (fire, ms) => setTimeout(fire, ms),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  };
  const advance = async (ms: number) => {
    await settle();
    now += ms;
    wall += ms;
    mock.timers.tick(ms);
    await settle();
  };
  try {
    return await run({ clock, advance, settle, setBack: (ms) => (wall -= ms) });
  } finally {
    mock.timers.reset();
    dates.mock.restore();
  }
}
