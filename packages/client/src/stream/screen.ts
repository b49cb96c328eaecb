import type { Resource } from '../request/read.js';
import { meaningOf } from './content.js';
import { errorAt } from './error-event.js';
import { eventEnds } from './event-ends.js';
import { EventsOnly, joined } from './events-only.js';
import { eventIn, withPlainLineEnds } from './sse.js';

const LF = 10;
const CR = 13;
const SPACE = 32;
const OPEN_BRACE = 0x7b;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const NOTHING = new Uint8Array(0);
const decoder = new TextDecoder();
/** `data:`, which every line begins with that holds a part of an answer. */
const [D, A, T, COLON] = [0x64, 0x61, 0x74, 0x3a];
const DATA = 5;
/** Events of a stream end alike, in so many ways at the most. */
const MOST_ENDS = 4;

/**
 * What of a stream may be passed on: whole events, up to one that tells of an error, without those that cannot be read. Nothing of an
 * ordinary chunk is parsed or copied.
 */
export class Screen {
  readonly #resource: Resource | undefined;
  readonly #events = new EventsOnly();
  /** The last two bytes of what could be read; what ends in another way is looked at. `[DONE]` does so once. */
  readonly #ends: number[] = [];
  #told: Uint8Array | undefined;
  #malformed = 0;

  constructor(resource: Resource | undefined) {
    this.#resource = resource;
  }

  /** The event that tells of an error, and what came with it: the last that there is to pass on. */
  get told(): Uint8Array | undefined {
    return this.#told;
  }

  /** What may be passed on of a chunk; empty for nothing yet. */
  push(chunk: Uint8Array): Uint8Array {
    // Behind an error there is nothing to pass on.
    if (this.#told) return NOTHING;
    const whole = this.#events.push(chunk);
    if (whole.length === 0) return whole;
    const sound = this.#looksSound(whole, 0, whole.length) ? whole : this.#sound(whole);
    const at = errorAt(sound, this.#resource);
    if (at < 0) return sound;
    // Not `slice`: that of a Buffer is no copy.
    this.#told = new Uint8Array(sound.subarray(at));
    return sound.subarray(0, at);
  }

  /** What was kept back, and is no longer: the beginning of an event, or one with no blank line behind it. */
  rest(): Uint8Array {
    return this.#events.rest();
  }

  /** Tells how many events could not be read since that was told. */
  tellMalformed(hear: ((count: number) => void) | undefined): void {
    if (this.#malformed === 0) return;
    hear?.(this.#malformed);
    this.#malformed = 0;
  }

  /** Whether every line of data begins as JSON does, and ends as others did that could be read: one that was cut hardly ever does. */
  #looksSound(bytes: Uint8Array, from: number, until: number): boolean {
    // What is shorter than the name of a field is no line of data.
    for (let start = from; start + DATA < until; ) {
      const lineEnd = bytes.indexOf(LF, start);
      const end = lineEnd < 0 ? until : lineEnd;
      if (isData(bytes, start) && !this.#isSoundLine(bytes, start, end)) return false;
      start = end + 1;
    }
    return true;
  }

  #isSoundLine(bytes: Uint8Array, start: number, end: number): boolean {
    return isOpened(bytes, start + DATA) && this.#ends.includes(endOf(bytes, end));
  }

  /** The events that can be read. */
  #sound(whole: Uint8Array): Uint8Array {
    const sound: Uint8Array[] = [];
    let from = 0;
    let start = 0;
    for (const end of eventEnds(whole)) {
      if (!this.#looksSound(whole, start, end) && !this.#isSound(whole.subarray(start, end))) {
        sound.push(whole.subarray(from, start));
        from = end;
      }
      start = end;
    }
    return from === 0 ? whole : joined([...sound, whole.subarray(from)]);
  }

  /** Whether an event can be read, for which it is parsed. The next that ends like it will not have to be. */
  #isSound(event: Uint8Array): boolean {
    if (isMalformed(event, this.#resource)) {
      this.#malformed += 1;
      return false;
    }
    this.#learn(endOf(event, event.length));
    return true;
  }

  #learn(end: number): void {
    if (this.#ends.includes(end)) return;
    this.#ends.push(end);
    if (this.#ends.length > MOST_ENDS) this.#ends.shift();
  }
}

function isMalformed(block: Uint8Array, resource: Resource | undefined): boolean {
  const event = eventIn(withPlainLineEnds(decoder.decode(block)));
  return event !== undefined && meaningOf(event, resource).what === 'malformed';
}

function isData(bytes: Uint8Array, at: number): boolean {
  const isWord = bytes[at] === D && bytes[at + 1] === A && bytes[at + 2] === T && bytes[at + 3] === A;
  return isWord && bytes[at + 4] === COLON;
}

/** Whether an object begins there. */
function isOpened(bytes: Uint8Array, from: number): boolean {
  let first = from;
  while (bytes[first] === SPACE) first += 1;
  return bytes[first] === OPEN_BRACE;
}

/** The last two bytes of a line, or of an event, as a number. */
function endOf(bytes: Uint8Array, until: number): number {
  let last = until - 1;
  while (last > 1 && isBlank(bytes[last])) last -= 1;
  return (likeOf(bytes[last - 1]) << 8) | likeOf(bytes[last]);
}

/** A digit stands for all of them: some servers number their events. */
const likeOf = (byte = 0): number => (byte >= DIGIT_0 && byte <= DIGIT_9 ? DIGIT_0 : byte);

const isBlank = (byte: number | undefined): boolean => byte === LF || byte === CR || byte === SPACE;
