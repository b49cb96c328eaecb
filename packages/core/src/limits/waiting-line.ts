import type { Clock, Timer } from '../base/clock.js';
import type { Demand, Room } from './limit.js';

/** After so many in a row the event loop gets its turn. */
const IN_A_ROW = 64;

/** Those who left are cleared away when they are more than these, and more than those who wait. */
const MANY_GONE = 64;

/** One who wants to wait. */
export interface Waiter {
  /** The higher goes first. */
  readonly priority: number;
  /** Of equal priorities the lower goes first; each call has its own. Whoever comes again with its old number takes its old place. */
  readonly arrival: number;
  readonly demand: Demand;
  /** Called once, never from within `join`, when it is the first and there is room for its demand. */
  readonly turn: () => void;
}

/** A place in a line. */
export interface Place {
  /**
   * Gives it up, at any time and in O(1); again is harmless. Whoever had its turn leaves when it has taken its room or given up, and only then
   * is the next one looked at.
   */
  leave(): void;
}

/**
 * Those who wait for room in one limiter: by priority, then by arrival. Nobody overtakes the first, even if there is room for a smaller one,
 * so that the large are not starved. There is one timer, for the first, and none while nobody waits.
 */
export class WaitingLine {
  readonly #limiter: Room;
  readonly #maxWaiting: number;
  /** A binary heap by who goes first. Those who left stay in it until they come up or are too many; whoever has its turn is not in it. */
  #heap: Entry[] = [];
  #gone = 0;
  #turn: Entry | undefined;
  /** How many places each call has, by its arrival number. */
  readonly #places = new Map<number, number>();
  #clock: Clock | undefined;
  #timer: Timer;
  #dueAt = Number.POSITIVE_INFINITY;
  #inARow = 0;
  #isLooking = false;

  /** A line for this limiter, in which `maxWaiting` may wait. */
  constructor(limiter: Room, maxWaiting: number) {
    this.#limiter = limiter;
    this.#maxWaiting = maxWaiting;
  }

  /** How many wait, with the one who has its turn. */
  get length(): number {
    return this.#heap.length - this.#gone + (this.#turn ? 1 : 0);
  }

  /** Whether somebody waits whom a call of this priority and arrival number must not overtake. */
  isAhead(priority: number, arrival: number): boolean {
    const caller = { priority, arrival };
    if (this.#turn && isBefore(this.#turn, caller)) return true;
    const first = this.#first();
    return first !== undefined && isBefore(first, caller);
  }

  /**
   * Joins; undefined when the line is full. Whoever still has a place is let in all the same: it takes its new one before it leaves the old,
   * so that nobody slips in between, and must not be turned away after it has waited.
   */
  join(waiter: Waiter, clock: Clock): Place | undefined {
    const own = this.#places.get(waiter.arrival) ?? 0;
    if (this.length >= this.#maxWaiting && own === 0) return undefined;
    this.#places.set(waiter.arrival, own + 1);
    this.#clock = clock;
    const entry = new Entry(waiter, (left) => this.#leave(left));
    push(this.#heap, entry);
    // Even if there is room it is let go by a timer: the caller has to know its place before it gets its turn.
    if (!this.#turn && !this.#isLooking && this.#first() === entry) this.#wake(this.#waitMs(entry, clock) ?? 0, clock);
    return entry;
  }

  /** Something was given back: the first is looked at again, and those after it while there is room. */
  look(): void {
    const clock = this.#clock;
    // Whoever leaves from within its turn has come here by the loop below, which goes on by itself: nothing is ever nested.
    if (clock === undefined || this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#letGo(clock));
    } finally {
      this.#isLooking = false;
    }
  }

  /** Gives the first its turn, or sets the timer for it; tells whether the next is to be looked at. */
  #letGo(clock: Clock): boolean {
    const first = this.#turn ? undefined : this.#first();
    if (first === undefined) {
      this.#stop(clock);
      return false;
    }
    const waitMs = this.#inARow < IN_A_ROW ? this.#waitMs(first, clock) : 0;
    if (waitMs !== undefined) {
      this.#wake(waitMs, clock);
      return false;
    }
    pop(this.#heap);
    this.#inARow += 1;
    this.#turn = first;
    first.waiter?.turn();
    return true;
  }

  #waitMs(entry: Entry, clock: Clock): number | undefined {
    return entry.waiter && this.#limiter.wait(entry.waiter.demand, clock.now())?.waitMs;
  }

  /** Looks again in so many milliseconds. A timer that is set for an earlier time is let be: it finds out, and one more costs less than many. */
  #wake(waitMs: number, clock: Clock): void {
    const dueAt = clock.now() + waitMs;
    if (dueAt >= this.#dueAt) return;
    this.#stop(clock);
    // No clock tells when a request ends; the line is told.
    if (waitMs >= Number.MAX_SAFE_INTEGER) return;
    this.#dueAt = dueAt;
    this.#timer = clock.setTimeout(this.#fired, waitMs);
  }

  readonly #fired = (): void => {
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#inARow = 0;
    this.look();
  };

  #stop(clock: Clock): void {
    if (this.#dueAt === Number.POSITIVE_INFINITY) return;
    this.#dueAt = Number.POSITIVE_INFINITY;
    clock.clearTimeout(this.#timer);
  }

  #leave(entry: Entry): void {
    const own = this.#places.get(entry.arrival) ?? 0;
    if (own > 1) this.#places.set(entry.arrival, own - 1);
    else this.#places.delete(entry.arrival);
    if (this.#turn === entry) {
      this.#turn = undefined;
      this.look();
      return;
    }
    this.#gone += 1;
    if (this.#heap[0] === entry) this.look();
    else if (this.#gone > MANY_GONE && this.#gone > this.#heap.length / 2) this.#clear();
  }

  /** Those who left are dropped when they are as many as the others: each is paid for by its own leaving. */
  #clear(): void {
    const staying = this.#heap.filter((entry) => entry.waiter);
    this.#heap = [];
    this.#gone = 0;
    for (const entry of staying) push(this.#heap, entry);
  }

  #first(): Entry | undefined {
    while (this.#heap[0] && !this.#heap[0].waiter) {
      pop(this.#heap);
      this.#gone -= 1;
    }
    return this.#heap[0];
  }
}

/** What decides who goes first. */
type Rank = Pick<Waiter, 'priority' | 'arrival'>;

/** One who waits. */
class Entry implements Place, Rank {
  readonly priority: number;
  readonly arrival: number;
  /** Undefined when it has left, so that a place that is kept keeps nothing else. */
  waiter: Waiter | undefined;
  readonly #left: (entry: Entry) => void;

  constructor(waiter: Waiter, left: (entry: Entry) => void) {
    this.priority = waiter.priority;
    this.arrival = waiter.arrival;
    this.waiter = waiter;
    this.#left = left;
  }

  leave(): void {
    if (this.waiter === undefined) return;
    this.waiter = undefined;
    this.#left(this);
  }
}

function isBefore(one: Rank, other: Rank): boolean {
  return one.priority > other.priority || (one.priority === other.priority && one.arrival < other.arrival);
}

function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (!parent || !isBefore(entry, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = entry;
}

/** Drops the first. */
function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    const isRight = left && right && isBefore(right, left);
    const next = isRight ? right : left;
    if (!next || !isBefore(next, last)) break;
    heap[at] = next;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = last;
}
