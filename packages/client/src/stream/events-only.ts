import { endsWithEvent, lastEventEnd } from './event-ends.js';

/** A line end may have three bytes of itself in the chunks before. */
const OVERLAP = 3;
const NOTHING = new Uint8Array(0);

/**
 * Passes bytes on up to the end of an event, and keeps the beginning of the next one: whoever goes on with a stream that breaks off inside
 * an event could not take that back. Most chunks end with an event, and are passed on as they are.
 */
export class EventsOnly {
  /** In the pieces it came in: a picture comes in thousands, and joining them for each would take longer than all else. */
  #pieces: Uint8Array[] = [];
  #keptBack = 0;

  /** How many bytes are kept back. */
  get keptBack(): number {
    return this.#keptBack;
  }

  /** What may be passed on of a chunk; empty for nothing yet. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.#keptBack === 0 && endsWithEvent(chunk)) return chunk;
    const before = this.#tail();
    const end = lastEventEnd(before.length === 0 ? chunk : joined([before, chunk])) - before.length;
    if (end <= 0) {
      this.#keep(chunk);
      return NOTHING;
    }
    const all = this.#keptBack === 0 ? chunk.subarray(0, end) : joined([...this.#pieces, chunk.subarray(0, end)]);
    this.#pieces = [];
    this.#keptBack = 0;
    this.#keep(chunk.subarray(end));
    return all;
  }

  /** What was kept back, and is no longer. */
  rest(): Uint8Array {
    const rest = this.#keptBack === 0 ? NOTHING : joined(this.#pieces);
    this.#pieces = [];
    this.#keptBack = 0;
    return rest;
  }

  /** Of a copy: whoever gave the chunk may write into it again. */
  #keep(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    // Not `slice`: that of a Buffer is no copy.
    this.#pieces.push(new Uint8Array(chunk));
    this.#keptBack += chunk.length;
  }

  /** The last bytes of what is kept back. */
  #tail(): Uint8Array {
    if (this.#keptBack === 0) return NOTHING;
    const tail: number[] = [];
    for (let piece = this.#pieces.length - 1; piece >= 0 && tail.length < OVERLAP; piece -= 1) {
      tail.unshift(...(this.#pieces[piece] as Uint8Array).slice(tail.length - OVERLAP));
    }
    return Uint8Array.from(tail);
  }
}

/** Pieces as one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
