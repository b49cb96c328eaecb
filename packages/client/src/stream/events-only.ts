const LF = 10;
const CR = 13;
/** `data: {"err`, from the brace on: how the providers that tell of an error inside a stream begin it. */
const DATA_ERROR = [0x7b, 0x22, 0x65, 0x72, 0x72];
/** `event: err` likewise. */
const EVENT_ERROR = [0x65, 0x76, 0x65, 0x6e, 0x74, 0x3a];
const NOTHING = new Uint8Array(0);

/**
 * Passes bytes on up to the end of an event, and keeps the beginning of the next one: whoever goes on with a stream that breaks off inside
 * an event could not take that back. Most chunks end with an event, and are passed on as they are.
 */
export class EventsOnly {
  #kept: Uint8Array = NOTHING;

  /** What may be passed on of a chunk; empty for nothing yet. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.#kept.length === 0 && endsWithEvent(chunk)) return chunk;
    const all = this.#kept.length === 0 ? chunk : joined(this.#kept, chunk);
    const end = endOfLastEvent(all);
    this.#kept = end === all.length ? NOTHING : all.slice(end);
    return end === all.length ? all : all.subarray(0, end);
  }

  /** What was kept back, and is no longer. */
  rest(): Uint8Array {
    const rest = this.#kept;
    this.#kept = NOTHING;
    return rest;
  }
}

/** Whether a chunk begins like an event that tells of an error; only then is it worth a closer look. */
export function mayTellError(chunk: Uint8Array): boolean {
  const isNamed = EVENT_ERROR.every((byte, at) => chunk[at] === byte);
  if (isNamed) return true;
  // `data:` with a space behind it or without.
  const brace = chunk[5] === DATA_ERROR[0] ? 5 : 6;
  return chunk[0] === 0x64 && DATA_ERROR.every((byte, at) => chunk[brace + at] === byte);
}

function endsWithEvent(bytes: Uint8Array): boolean {
  return endOfEventAt(bytes, bytes.length - 1);
}

/** Whether an event ends with this byte: a line end behind another. */
function endOfEventAt(bytes: Uint8Array, at: number): boolean {
  const [last, before] = [bytes[at], bytes[at - 1]];
  if (last === LF) return before === LF || (before === CR && (bytes[at - 2] === LF || bytes[at - 2] === CR));
  return last === CR && before === CR;
}

function endOfLastEvent(bytes: Uint8Array): number {
  let at = bytes.length - 1;
  while (at > 0 && !endOfEventAt(bytes, at)) at -= 1;
  return at > 0 ? at + 1 : 0;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const all = new Uint8Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}
