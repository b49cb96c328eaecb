import type { PartialAnswer } from '../errors.js';
import type { Resource } from '../request/read.js';
import { type Meaning, meaningOf } from './content.js';
import { SseReader } from './sse.js';

/** So much of a stream is kept, in bytes. */
const MOST_KEPT = 1024 * 1024;
const FIRST_ROOM = 4 * 1024;
/** The terminator is looked for in so many bytes at the end before anything is parsed. */
const TERMINATOR_ROOM = 64;
/** On a line of its own: an answer may quote it. */
const TERMINATOR = /(?:^|[\r\n])data: ?\[DONE\]\s*$/;
/** The terminator as it is written; a stream may be cut inside it. */
const TERMINATORS = ['data: [DONE]', 'data:[DONE]'];
/** How an error looks that is not quoted in an answer. */
const ERROR = /"error"|event: ?error/;
/** An error event that made the reader leave stands at the end. */
const ERROR_ROOM = 16 * 1024;

/**
 * The bytes of a stream that have passed, to tell at its end whether it was whole, and what had arrived when it broke. They are copied
 * into one block, so that the chunks themselves can go; nothing is parsed unless somebody asks.
 */
export class KeptBytes {
  readonly #resource: Resource | undefined;
  #block = new Uint8Array(FIRST_ROOM);
  #length = 0;

  constructor(resource: Resource | undefined) {
    this.#resource = resource;
  }

  /** Keeps a chunk; of a stream longer than a megabyte the older half is forgotten. */
  add(chunk: Uint8Array): void {
    if (this.#length + chunk.byteLength > this.#block.byteLength) this.#makeRoom(chunk.byteLength);
    const fitting = chunk.byteLength > this.#block.byteLength ? chunk.subarray(-this.#block.byteLength) : chunk;
    this.#block.set(fitting, this.#length);
    this.#length += fitting.byteLength;
  }

  /** Lets go of everything. */
  clear(): void {
    this.#block = new Uint8Array(0);
    this.#length = 0;
  }

  /** Whether the bytes end with `[DONE]`. */
  hasTerminator(): boolean {
    return TERMINATOR.test(this.#end(TERMINATOR_ROOM));
  }

  /** Whether the answer is all there. Streams of resources without a terminator that is known here are when their bytes end in order. */
  isWhole(): boolean {
    const resource = this.#resource;
    if (resource !== 'chat.completions' && resource !== 'completions' && resource !== 'responses') return true;
    if (this.hasTerminator()) return true;
    const meanings = this.#meanings();
    return (
      meanings.some(({ what }) => what === 'done') ||
      (resource === 'responses' ? meanings.some(isEnd) : allFinished(meanings))
    );
  }

  /** Whether anything of the answer is among them. */
  hasContent(): boolean {
    return this.#meanings().some(({ what }) => what === 'content');
  }

  /** Whether the provider told of an error inside the stream, as the last thing it did but for its terminator. */
  toldError(): boolean {
    return ERROR.test(this.#end(ERROR_ROOM)) && this.#meanings().some(({ what }) => what === 'error');
  }

  /** What is missing of a terminator in which the bytes were cut, and of the line break behind it; empty when that is not so. */
  missingOfTerminator(): string {
    const line = /[^\r\n]*$/.exec(this.#end(TERMINATOR_ROOM))?.[0] ?? '';
    const terminator = line === '' ? undefined : TERMINATORS.find((whole) => whole.startsWith(line));
    return terminator === undefined ? '' : `${terminator.slice(line.length)}\n\n`;
  }

  /** Whether the bytes end inside an event that cannot be read. */
  isCutInEvent(): boolean {
    const reader = new SseReader();
    reader.push(this.#block.subarray(0, this.#length));
    const rest = reader.rest();
    return rest !== undefined && meaningOf(rest, this.#resource).what === 'malformed';
  }

  /** What had arrived. */
  partial(): PartialAnswer {
    let text = '';
    const events: unknown[] = [];
    for (const meaning of this.#meanings()) {
      if (meaning.what === 'content') text += meaning.text;
      if (meaning.what === 'content' || meaning.what === 'nothing') events.push(meaning.parsed);
    }
    return { text, events };
  }

  #makeRoom(more: number): void {
    const wanted = this.#length + more;
    if (wanted > MOST_KEPT) this.#forget(wanted - MOST_KEPT);
    const room = Math.min(MOST_KEPT, Math.max(this.#block.byteLength * 2, this.#length + more));
    if (room <= this.#block.byteLength) return;
    const block = new Uint8Array(room);
    block.set(this.#block.subarray(0, this.#length));
    this.#block = block;
  }

  #forget(atLeast: number): void {
    const from = Math.min(this.#length, Math.max(atLeast, MOST_KEPT / 2));
    this.#block.copyWithin(0, from, this.#length);
    this.#length -= from;
  }

  #end(bytes: number): string {
    return new TextDecoder().decode(this.#block.subarray(Math.max(0, this.#length - bytes), this.#length));
  }

  #meanings(): Meaning[] {
    const events = new SseReader().push(this.#block.subarray(0, this.#length));
    return events.map((event) => meaningOf(event, this.#resource));
  }
}

const isEnd = (meaning: Meaning): boolean => meaning.what === 'content' && meaning.isEnd;

/** Whether every choice that was begun has its finish reason. */
function allFinished(meanings: readonly Meaning[]): boolean {
  const open = new Set<unknown>();
  const finished = new Set<unknown>();
  for (const meaning of meanings) {
    if (meaning.what !== 'content' && meaning.what !== 'nothing') continue;
    const { choices } = meaning.parsed as { choices?: readonly { index?: number; finish_reason?: unknown }[] };
    for (const { index = 0, finish_reason } of choices ?? []) (finish_reason == null ? open : finished).add(index);
  }
  for (const index of finished) open.delete(index);
  return finished.size > 0 && open.size === 0;
}
