import { type Clock, quietly, type Timer } from '@breakwater/core';
import type { Resource } from '../request/read.js';
import { meaningOf } from './content.js';
import { type SseEvent, SseReader } from './sse.js';

/** What is too slow has to be so for that long, in milliseconds: words come in bursts. */
const JUDGED_MS = 5_000;
/** … and for that long where nothing comes to be judged by: what is about to come would have counted. */
const LATEST_MS = 6_000;
/** Letters in a token, for who sends several tokens in one event. */
const LETTERS = 4;

/** The slowest that a stream may be. */
export interface LeastPace {
  readonly tokensPerSecond: number;
  readonly resource: Resource | undefined;
  readonly clock: Clock;
  /** Hears how many tokens a second there were instead. */
  onTooSlow(tokensPerSecond: number): void;
}

/**
 * Notices that a stream which somebody waits for is slower than it may be, by what came in each five seconds of waiting; the time that
 * its reader takes does not count. It parses what passes, which only who has asked for it pays.
 */
export class Pace {
  readonly #least: LeastPace;
  readonly #clock: Clock;
  readonly #events = new SseReader();
  #timer: Timer;
  #isArmed = false;
  #isOver = false;
  /** Since when somebody waits; undefined while nobody does. */
  #since: number | undefined;
  #waitedMs = 0;
  #tokens = 0;

  constructor(least: LeastPace) {
    this.#least = least;
    this.#clock = quietly(least.clock);
  }

  /** Somebody waits for the next chunk from now on. */
  waiting(): void {
    if (this.#isOver) return;
    this.#since ??= this.#clock.now();
    if (!this.#isArmed) this.#arm(LATEST_MS - this.#waitedMs);
  }

  /** A chunk came. */
  heard(chunk: Uint8Array): void {
    this.#waited();
    this.#since = undefined;
    for (const event of this.#events.push(chunk)) this.#count(event);
    if (this.#waitedMs >= JUDGED_MS) this.#judge();
  }

  #count(event: SseEvent): void {
    const meaning = meaningOf(event, this.#least.resource);
    if (meaning.what !== 'content') return;
    // Behind its finish there is nothing to hurry.
    if (meaning.isEnd) this.end();
    this.#tokens += Math.max(1, Math.floor(meaning.text.length / LETTERS));
  }

  /** Nobody listens any more. */
  end(): void {
    this.#isOver = true;
    if (this.#isArmed) this.#clock.clearTimeout(this.#timer);
    this.#isArmed = false;
    this.#since = undefined;
  }

  #waited(): void {
    const now = this.#clock.now();
    if (this.#since === undefined) return;
    this.#waitedMs += Math.max(0, now - this.#since);
    this.#since = now;
  }

  #judge(): void {
    if (this.#isOver) return;
    const tokensPerSecond = (this.#tokens / this.#waitedMs) * 1_000;
    this.#waitedMs = 0;
    this.#tokens = 0;
    if (tokensPerSecond >= this.#least.tokensPerSecond) return;
    this.end();
    this.#least.onTooSlow(tokensPerSecond);
  }

  #arm(ms: number): void {
    this.#isArmed = true;
    this.#timer = this.#clock.setTimeout(() => {
      this.#isArmed = false;
      if (this.#since === undefined) return;
      this.#waited();
      if (this.#waitedMs >= LATEST_MS) this.#judge();
      if (!this.#isOver) this.#arm(LATEST_MS - this.#waitedMs);
    }, ms);
  }
}
