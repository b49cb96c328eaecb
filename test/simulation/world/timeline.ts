import type { Clock } from '../../../packages/core/src/base/clock.ts';

/** Something that is to happen; without `run` it has been taken back. */
interface Entry {
  readonly at: number;
  /** Tells apart what happens at the same instant: first come, first served. */
  readonly order: number;
  readonly isFelt: boolean;
  run: (() => void) | undefined;
}

/** Where the wall clock of every simulation starts. */
const EPOCH_MS = Date.UTC(2025, 0, 1);

const isBefore = (one: Entry, other: Entry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/**
 * The time of a simulated world: a heap of what is to happen, run one by one. It is a clock for the real engine and needs no
 * turn of the event loop itself, so that a contestant without promises plays a whole day in one go.
 */
export class Timeline implements Clock {
  readonly #heap: Entry[] = [];
  #now = 0;
  #order = 0;
  #isFelt = false;

  now(): number {
    return this.#now;
  }

  wall(): number {
    return EPOCH_MS + this.#now;
  }

  /** For clients: what a timer does may settle promises, so it is felt. */
  setTimeout(run: () => void, ms: number): unknown {
    return this.#add(run, ms, true);
  }

  clearTimeout(timer: unknown): void {
    if (timer !== undefined) (timer as Entry).run = undefined;
  }

  /** For the world itself: calls `run` after `ms` milliseconds, without anybody's promises in play. */
  later(run: () => void, ms: number): unknown {
    return this.#add(run, ms, false);
  }

  /** Says that something has reached a client. */
  feel(): void {
    this.#isFelt = true;
  }

  /** Lets the next thing happen; false when there is none. */
  step(): boolean {
    for (let entry = this.#take(); entry !== undefined; entry = this.#take()) {
      const { run } = entry;
      if (!run) continue;
      this.#now = entry.at;
      this.#isFelt ||= entry.isFelt;
      // A timer that has fired can be cleared without harm.
      entry.run = undefined;
      run();
      return true;
    }
    return false;
  }

  /** Whether anything has reached a client since this was asked the last time. */
  wasFelt(): boolean {
    const was = this.#isFelt;
    this.#isFelt = false;
    return was;
  }

  #add(run: () => void, ms: number, isFelt: boolean): Entry {
    this.#order += 1;
    const entry: Entry = { at: this.#now + Math.max(0, ms), order: this.#order, isFelt, run };
    const heap = this.#heap;
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Entry;
      if (isBefore(parent, entry)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = entry;
    return entry;
  }

  #take(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let place = 0;
    for (let child = 1; child < heap.length; child = 2 * place + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
      if (isBefore(last, heap[child] as Entry)) break;
      heap[place] = heap[child] as Entry;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}
