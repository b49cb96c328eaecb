import type { Resource } from '../request/read.js';
import { giveRoom, takeRoom } from './rooms.js';
import { GAP, Transcript } from './transcript.js';

/** So much of a stream is kept, in bytes. */
const MOST_KEPT = 1024 * 1024;
/** The room grows by so much at a time. */
const GROWTH = 4;
const NO_ROOM = new Uint8Array(0);
/** A longer chunk is added in pieces, so that the head of every event in it is met. */
const MOST_AT_ONCE = MOST_KEPT / 4;
/** So much of the beginning of an event stays while its middle is forgotten: what kind of event it is stands there. */
const HEAD = 1024;
const LF = 10;
const CR = 13;

const decoder = new TextDecoder();

/**
 * The bytes of a stream that have passed, to tell at its end whether it was whole, and what had arrived when it broke. They are copied
 * into one block, so that the chunks themselves can go; nothing is looked at unless somebody asks.
 */
export class KeptBytes {
  #block = NO_ROOM;
  #length = 0;
  #isAbridged = false;

  /** Keeps a chunk; of a stream longer than a megabyte the older half is forgotten. */
  add(chunk: Uint8Array): void {
    const more = chunk.byteLength;
    if (more > MOST_AT_ONCE) {
      for (let from = 0; from < more; from += MOST_AT_ONCE) this.add(chunk.subarray(from, from + MOST_AT_ONCE));
      return;
    }
    if (this.#length + more > this.#block.byteLength) this.#makeRoom(more);
    this.#block.set(chunk, this.#length);
    this.#length += more;
  }

  /** Lets go of everything. */
  clear(): void {
    giveRoom(this.#block);
    this.#block = NO_ROOM;
    this.#length = 0;
    this.#isAbridged = false;
  }

  /** Forgets so many bytes at the end, which were not passed on. */
  drop(bytes: number): void {
    this.#isAbridged ||= bytes > this.#length;
    this.#length = Math.max(0, this.#length - bytes);
  }

  /** What has passed so far. */
  read(resource: Resource | undefined): Transcript {
    const text = decoder.decode(this.#block.subarray(0, this.#length));
    return new Transcript(text, resource, this.#isAbridged);
  }

  #makeRoom(more: number): void {
    if (this.#length + more > MOST_KEPT) this.#forget();
    const room = Math.min(MOST_KEPT, Math.max(this.#block.byteLength * GROWTH, this.#length + more));
    if (room <= this.#block.byteLength) return;
    const block = takeRoom(room);
    block.set(this.#block.subarray(0, this.#length));
    giveRoom(this.#block);
    this.#block = block;
  }

  /**
   * Forgets the older half, but for the head of the event that came last: a picture makes the event that ends an answer larger than all
   * that is kept, and without its head nobody could tell that the answer was whole.
   */
  #forget(): void {
    this.#isAbridged = true;
    const start = this.#lastEvent();
    let from = Math.min(this.#length, MOST_KEPT / 2);
    let length = 0;
    if (start + HEAD < from) {
      this.#block.copyWithin(0, start, start + HEAD);
      this.#block[HEAD] = GAP.charCodeAt(0);
      length = HEAD + 1;
    } else from = Math.min(from, start);
    this.#block.copyWithin(length, from, this.#length);
    this.#length += length - from;
  }

  /** Where the last event begins, whole or not: behind the last blank line that has anything behind it. */
  #lastEvent(): number {
    const block = this.#block;
    let at = this.#length - 1;
    while (at > 0 && (block[at] === LF || block[at] === CR)) at -= 1;
    for (; at > 0; at -= 1) {
      const isBlank =
        block[at] === LF
          ? block[at - 1] === LF || (block[at - 1] === CR && block[at - 2] === LF)
          : block[at] === CR && block[at - 1] === CR;
      if (isBlank) return at + 1;
    }
    return 0;
  }
}
