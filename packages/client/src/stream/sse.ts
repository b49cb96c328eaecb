/** One server-sent event. */
export interface SseEvent {
  /** Its `event:` field; empty when it has none. */
  readonly name: string;
  /** Its `data:` lines, joined by line breaks. */
  readonly data: string;
}

const NONE: Iterable<SseEvent> = Object.freeze([]);

/**
 * Splits bytes into server-sent events, wherever the bytes were cut. Comments and events without data are left out.
 * Source: WHATWG HTML, "9.2.6 Interpreting an event stream".
 */
export class SseReader {
  readonly #decoder = new TextDecoder();
  /** The event under way, in the pieces it came in: a picture comes in hundreds, and joining them for each would take longer than all else. */
  #pieces: string[] = [];
  /** A CR at the end may be the first half of a CRLF: it is looked at when the next bytes are here. */
  #held = '';
  #isAtLineEnd = false;
  #hasSpoken = false;

  /** Whether a whole event has come, or a comment: who sends either is at work. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  /** The events that are whole now; each is read when it is asked for. */
  push(bytes: Uint8Array): Iterable<SseEvent> {
    const text = this.#held + this.#decoder.decode(bytes, { stream: true });
    this.#held = text.endsWith('\r') ? '\r' : '';
    const ready = withPlainLineEnds(this.#held === '' ? text : text.slice(0, -1));
    if (ready === '') return NONE;
    const isOpen = !(this.#isAtLineEnd && ready.startsWith('\n')) && !ready.includes(BLANK_LINE);
    this.#pieces.push(ready);
    this.#isAtLineEnd = ready.endsWith('\n');
    return isOpen ? NONE : this.#split();
  }

  /** The event that was left open when the bytes ended; it counts only for looking at what had arrived. */
  rest(): SseEvent | undefined {
    return eventIn(this.#pieces.join(''));
  }

  #split(): Iterable<SseEvent> {
    const blocks = this.#pieces.join('').split(BLANK_LINE);
    const rest = blocks.pop() ?? '';
    this.#pieces = [rest];
    this.#isAtLineEnd = rest.endsWith('\n');
    this.#hasSpoken ||= blocks.some((block) => SPOKEN.test(block));
    return eventsIn(blocks);
  }
}

/** A comment, or data. */
const SPOKEN = /^:|^(?:.*\n)*data:/;

function* eventsIn(blocks: readonly string[]): Iterable<SseEvent> {
  for (const block of blocks) {
    const event = eventIn(block);
    if (event) yield event;
  }
}

const BLANK_LINE = '\n\n';

/** The same text with its line ends as LF. */
export const withPlainLineEnds = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);

/** What stands between the blank lines of a text; the last one may be cut. */
export function blocksOf(text: string): readonly string[] {
  return withPlainLineEnds(text).split(BLANK_LINE);
}

/** The event in one block, undefined when it has no data. */
export function eventIn(block: string): SseEvent | undefined {
  let name = '';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(line.charAt(colon + 1) === ' ' ? colon + 2 : colon + 1);
    const field = line.slice(0, colon);
    if (field === 'data') data.push(value);
    else if (field === 'event') name = value;
  }
  return data.length > 0 ? { name, data: data.join('\n') } : undefined;
}
