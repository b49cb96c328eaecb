import { type Clock, quietly, type Timer } from '@breakwater/core';
import { blocksOf } from './sse.js';

const COLON = 0x3a;
const E = 0x65;
const I = 0x69;
const R = 0x72;
/** What begins an event that only keeps a connection open. */
const KEEP_ALIVE = /^(?::.*\n)*event: ?(?:ping|keep-?alive)\b/i;
/** Lines that say nothing. */
const COMMENTS = /^(?:(?::|retry:|id:).*(?:\n|$))*$/;

/**
 * Notices that a stream which somebody waits for has brought nothing for too long. The time that its reader takes does not count, nor do
 * comments and pings. There is one timer, which is looked at when it fires and not set anew for each chunk.
 */
export class Silence {
  readonly #ms: number;
  readonly #clock: Clock;
  readonly #onTooLong: () => void;
  #timer: Timer;
  #isArmed = false;
  /** Since when somebody waits without having got anything; undefined while nobody waits. */
  #since: number | undefined;

  constructor(ms: number, clock: Clock, onTooLong: () => void) {
    this.#ms = ms;
    this.#clock = quietly(clock);
    this.#onTooLong = onTooLong;
  }

  /** Somebody waits for the next chunk from now on. */
  waiting(): void {
    this.#since ??= this.#clock.now();
    if (!this.#isArmed) this.#arm(this.#ms);
  }

  /** A chunk came. */
  heard(chunk: Uint8Array): void {
    if (!isKeptAlive(chunk)) this.#since = undefined;
  }

  /** Nobody listens any more. */
  end(): void {
    if (this.#isArmed) this.#clock.clearTimeout(this.#timer);
    this.#isArmed = false;
    this.#since = undefined;
  }

  #arm(ms: number): void {
    this.#isArmed = true;
    this.#timer = this.#clock.setTimeout(() => {
      this.#isArmed = false;
      if (this.#since === undefined) return;
      const leftMs = this.#since + this.#ms - this.#clock.now();
      if (leftMs > 0) this.#arm(leftMs);
      else this.#onTooLong();
    }, ms);
  }
}

/** Whether a chunk holds nothing but comments and pings; its first byte tells nearly always that it does not. */
function isKeptAlive(chunk: Uint8Array): boolean {
  const [first] = chunk;
  if (first !== COLON && first !== E && first !== I && first !== R) return false;
  return blocksOf(new TextDecoder().decode(chunk)).every((block) => COMMENTS.test(block) || KEEP_ALIVE.test(block));
}
