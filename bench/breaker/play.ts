import type { Guard, Settings } from './guards.ts';
import type { Time } from './time.ts';

/** A call whose end is told it from outside. */
export interface Call {
  /** Whether the work was begun; a guard may refuse it, or let the caller wait. */
  readonly hasBegun: boolean;
  readonly outcome: 'running' | 'done' | 'failed' | 'refused';
  succeed(): Promise<void>;
  fail(error?: unknown): Promise<void>;
}

/** One guard and its callers. */
export class Play {
  readonly guard: Guard;
  readonly time: Time;

  constructor(guard: Guard, time: Time) {
    this.guard = guard;
    this.time = time;
  }

  /** Makes a call and leaves it running. */
  async begin(signal?: AbortSignal): Promise<Call> {
    let resolve: (value: unknown) => void = () => {};
    let reject: (error: unknown) => void = () => {};
    const promise = new Promise((onValue, onError) => {
      resolve = onValue;
      reject = onError;
    });
    let hasBegun = false;
    let outcome: Call['outcome'] = 'running';
    const work = () => {
      hasBegun = true;
      return promise;
    };
    this.guard.call(work, signal).then(
      () => {
        outcome = 'done';
      },
      (error) => {
        outcome = this.guard.isRefusal(error) ? 'refused' : 'failed';
      },
    );
    await this.time.settle();
    const end = async (how: () => void) => {
      if (!hasBegun) return;
      how();
      await this.time.settle();
    };
    return {
      get hasBegun() {
        return hasBegun;
      },
      get outcome() {
        return outcome;
      },
      succeed: () => end(() => resolve('well')),
      fail: (error = new Error('down')) => end(() => reject(error)),
    };
  }

  /** Makes a call that fails. */
  async failing(error?: unknown): Promise<Call> {
    const call = await this.begin();
    await call.fail(error);
    return call;
  }

  /** Makes a call that succeeds if it is made. */
  async healthy(): Promise<Call> {
    const call = await this.begin();
    await call.succeed();
    return call;
  }

  /** Opens the guard by a failure. */
  async open(error?: unknown): Promise<void> {
    await this.failing(error);
    must(this.guard.state === 'open', 'one failure opens it');
  }

  /** Begins the first call after the wait. */
  async probe(afterMs: number, signal?: AbortSignal): Promise<Call> {
    await this.time.advance(afterMs);
    const probe = await this.begin(signal);
    must(probe.hasBegun, 'the first call after the wait is made');
    return probe;
  }
}

/** What has to hold before a scenario means anything. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the scenario does not get so far: ${what}`);
}

/** A situation, and whether a guard does well in it; undefined when the library has no setting for it. */
export interface Scenario {
  /** What goes wrong, in words. */
  readonly what: string;
  /** Whose defect it is known as. */
  readonly knownFrom: string;
  readonly settings: Settings;
  readonly isWell: (play: Play, another: () => Play) => Promise<boolean>;
}
