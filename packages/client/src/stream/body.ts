import type { Ending } from '@breakwater/core';
import { type PartialAnswer, StreamInterruptedError } from '../errors.js';
import type { Resource } from '../request/read.js';
import { meaningOf } from './content.js';
import { SseReader } from './sse.js';

/** Reads the chunks of a body; every `ReadableStream`'s own reader is one. */
export interface ChunkReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<unknown>;
}

/** What is known of a stream when it is handed over. */
export interface CommittedStream {
  readonly reader: ChunkReader;
  /** What was read to find its first content. */
  readonly chunks: Uint8Array[];
  readonly resource: Resource | undefined;
  readonly target: string;
  /** Whether content was seen: a reader who leaves before has not been served. */
  readonly hasContent: boolean;
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal;
  /** Hears of the error that the caller is about to be given. */
  onInterrupted?(error: StreamInterruptedError): void;
}

/** So much of a stream is kept, in bytes, to tell whether it was whole and what had arrived when it broke. */
const MOST_KEPT = 1024 * 1024;
/** The end of a stream is looked for in so many bytes before anything is parsed. */
const TERMINATOR_ROOM = 64;
/** It stands on a line of its own: in an answer that quotes it the line breaks are escaped. */
const TERMINATOR = /[\r\n]data: ?\[DONE\]/;

type Chunk = IteratorResult<Uint8Array, undefined>;

/**
 * The body of a committed stream: the same bytes, watched. It ends without an error only if the answer was whole; nothing is parsed
 * on the way, only at an end that may not be one.
 */
export class CommittedBody implements AsyncIterableIterator<Uint8Array, undefined> {
  /** How the stream ended; never rejects. */
  readonly ending: Promise<Ending>;
  readonly #stream: CommittedStream;
  readonly #kept: Uint8Array[];
  #keptBytes: number;
  #replayed = 0;
  #replaying: number;
  #over = false;
  #end: (ending: Ending) => void = () => {};

  constructor(stream: CommittedStream) {
    this.#stream = stream;
    this.#kept = [...stream.chunks];
    this.#replaying = stream.chunks.length;
    this.#keptBytes = stream.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    this.ending = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Chunk> {
    if (this.#replayed < this.#replaying) {
      const value = this.#stream.chunks[this.#replayed] as Uint8Array;
      this.#replayed += 1;
      return Promise.resolve({ done: false, value });
    }
    if (this.#over) return Promise.resolve({ done: true, value: undefined });
    return this.#stream.reader.read().then(this.#received, this.#broke);
  }

  async return(): Promise<Chunk> {
    this.#leave();
    await this.#stream.reader.cancel().catch(() => undefined);
    return { done: true, value: undefined };
  }

  /** The same as a stream, for those who do not iterate. Iterating it goes straight to the source, past the stream's own queue. */
  toStream(): ReadableStream<Uint8Array> {
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const { done, value } = await this.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => {
          await this.return();
        },
      },
      { highWaterMark: 0 },
    );
    Object.defineProperty(stream, Symbol.asyncIterator, { value: () => this, configurable: true });
    return stream;
  }

  readonly #received = (result: { done: boolean; value?: Uint8Array | undefined }): Chunk => {
    if (!result.done) {
      this.#keep(result.value as Uint8Array);
      return result as Chunk;
    }
    if (!this.#over && !this.#isWhole()) {
      // An error that the provider told of itself was passed on; the caller needs no second one.
      const told = this.#toldError();
      if (!told) throw this.#interrupted('it was cut off without a finish');
      this.#finish(told);
    }
    this.#finish({ kind: 'ok' });
    return { done: true, value: undefined };
  };

  readonly #broke = (cause: unknown): Chunk => {
    if (this.#stream.signal.aborted) {
      this.#leave();
      throw cause;
    }
    // Everything of the answer was here: what broke afterwards is no concern of the caller's.
    if (!this.#isWhole()) throw this.#interrupted(cause instanceof Error ? cause.message : String(cause), cause);
    this.#finish({ kind: 'ok' });
    return { done: true, value: undefined };
  };

  #leave(): void {
    if (this.#over) return;
    // Leaving at the terminator is how every whole stream ends: nothing is parsed for that.
    if (this.#hasTerminator()) this.#finish({ kind: 'ok' });
    else this.#finish(this.#toldError() ?? { kind: this.#stream.hasContent ? 'ok' : 'caller_abort' });
  }

  /** The official client leaves when it meets an error event, the last thing it was given: that is no reader who has had enough. */
  #toldError(): Ending | undefined {
    const last = this.#kept.at(-1);
    if (!last || !new TextDecoder().decode(last).includes('error')) return undefined;
    const isTold = this.#meanings().some(({ what }) => what === 'error');
    return isTold ? { kind: 'stream_error_late', message: 'an error inside the stream' } : undefined;
  }

  #hasTerminator(): boolean {
    const last = this.#kept.at(-1);
    if (!last) return false;
    const before = last.byteLength <= TERMINATOR_ROOM ? this.#kept.at(-2)?.subarray(-1) : undefined;
    const decoder = new TextDecoder();
    return TERMINATOR.test(decoder.decode(before) + decoder.decode(last.subarray(-TERMINATOR_ROOM)));
  }

  #finish(ending: Ending): void {
    this.#over = true;
    this.#kept.length = 0;
    this.#end(ending);
  }

  #keep(chunk: Uint8Array): void {
    this.#kept.push(chunk);
    this.#keptBytes += chunk.byteLength;
    while (this.#keptBytes > MOST_KEPT && this.#kept.length > 1) {
      this.#keptBytes -= this.#kept.shift()?.byteLength ?? 0;
    }
  }

  #interrupted(reason: string, cause?: unknown): StreamInterruptedError {
    const { target } = this.#stream;
    const partial = this.#partial();
    this.#finish({ kind: 'stream_error_late', message: reason });
    const error = new StreamInterruptedError({ target, reason, partial, cause });
    this.#stream.onInterrupted?.(error);
    return error;
  }

  /** Streams of resources without a terminator that is known here are whole when their bytes end in order. */
  #isWhole(): boolean {
    const { resource } = this.#stream;
    if (this.#hasTerminator()) return true;
    if (resource !== 'chat.completions' && resource !== 'completions' && resource !== 'responses') return true;
    return this.#meanings().some((meaning) => meaning.what === 'done' || (meaning.what === 'content' && meaning.isEnd));
  }

  #partial(): PartialAnswer {
    let text = '';
    const events: unknown[] = [];
    for (const meaning of this.#meanings()) {
      if (meaning.what === 'content') text += meaning.text;
      if (meaning.what === 'content' || meaning.what === 'nothing') events.push(meaning.parsed);
    }
    return { text, events };
  }

  #meanings() {
    const reader = new SseReader();
    return this.#kept.flatMap((chunk) => reader.push(chunk)).map((event) => meaningOf(event, this.#stream.resource));
  }
}
