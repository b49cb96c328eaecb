import type { Ending } from '@breakwater/core';
import { StreamInterruptedError } from '../errors.js';
import type { Resource } from '../request/read.js';
import { classifyThrown } from '../response/classify.js';
import { KeptBytes } from './kept.js';
import type { Transcript } from './transcript.js';

/** What a body may yield: bytes, and where a user's own `fetch` made it, text as well. */
export type RawChunk = Uint8Array | ArrayBuffer | string;

interface RawResult {
  readonly done: boolean;
  readonly value?: RawChunk | undefined;
}

/** Reads the chunks of a body; every `ReadableStream`'s own reader is one. */
export interface ChunkReader {
  read(): Promise<RawResult>;
  cancel(reason?: unknown): Promise<unknown>;
}

/** The bytes of a chunk; the official client takes the same forms. */
export function bytesOf(chunk: RawChunk): Uint8Array {
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk);
  return chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : chunk;
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
  /** Whether it is to tell at its end what it used. */
  readonly asksUsage?: boolean | undefined;
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal;
  /** Hears of the error that the caller is about to be given. */
  onInterrupted?(error: StreamInterruptedError): void;
}

type Chunk = IteratorResult<Uint8Array, undefined>;

/**
 * The body of a committed stream: the same bytes, watched. It ends without an error only if the answer was whole; nothing is parsed
 * on the way, only at an end that may not be one.
 */
export class CommittedBody implements AsyncIterableIterator<Uint8Array, undefined> {
  /** How the stream ended; never rejects. */
  readonly ending: Promise<Ending>;
  readonly #stream: CommittedStream;
  readonly #kept = new KeptBytes();
  #replayed = 0;
  #over = false;
  #isRead = false;
  #end: (ending: Ending) => void = () => {};

  constructor(stream: CommittedStream) {
    this.#stream = stream;
    for (const chunk of stream.chunks) this.#kept.add(chunk);
    this.ending = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { reader, resource, hasContent } = stream;
    forgotten?.register(this, { reader, resource, hasContent, kept: this.#kept, end: this.#end }, this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Whether anybody has begun to read. */
  get isRead(): boolean {
    return this.#isRead;
  }

  next(): Promise<Chunk> {
    this.#isRead = true;
    if (this.#over) return Promise.resolve({ done: true, value: undefined });
    const { chunks, reader } = this.#stream;
    if (this.#replayed < chunks.length) {
      const value = chunks[this.#replayed] as Uint8Array;
      this.#replayed += 1;
      return Promise.resolve({ done: false, value });
    }
    return reader.read().then(this.#received, this.#broke);
  }

  async return(): Promise<Chunk> {
    this.#isRead = true;
    this.#leave();
    await this.#stream.reader.cancel().catch(() => undefined);
    return { done: true, value: undefined };
  }

  readonly #received = (result: RawResult): Chunk => {
    if (!result.done) {
      const value = bytesOf(result.value as RawChunk);
      this.#kept.add(value);
      return value === result.value ? (result as Chunk) : { done: false, value };
    }
    return this.#ended('it was cut off without a finish');
  };

  readonly #broke = (cause: unknown): Chunk => {
    if (this.#stream.signal.aborted) {
      this.#leave();
      throw cause;
    }
    // What it says is not repeated: a user's own `fetch` may quote an address with a key in it.
    const { code } = classifyThrown(cause);
    return this.#ended(code ? `the connection broke, ${code}` : 'the connection broke', { cause });
  };

  /** The bytes have ended. When everything of the answer was here, what broke afterwards is no concern of the caller's. */
  #ended(reason: string, broken?: { readonly cause: unknown }): Chunk {
    if (this.#over) return { done: true, value: undefined };
    const said = this.#read();
    const cause = broken?.cause;
    // An error that the provider told of itself was passed on; the caller needs no second one.
    if (said.toldError()) {
      this.#finish(TOLD_ERROR);
      return { done: true, value: undefined };
    }
    const lacksUsage = broken !== undefined && this.#stream.asksUsage === true && !said.toldUsage();
    if (!said.isWhole() || lacksUsage) throw this.#interrupted(reason, { said, cause });
    if (isEmpty(said, this.#stream)) throw this.#interrupted(NO_ANSWER.message, { said, cause });
    const missing = said.missingOfTerminator();
    if (missing === '' && said.isCutInEvent())
      throw this.#interrupted('it was cut off inside an event', { said, cause });
    this.#finish({ kind: 'ok', ...usedBy(said) });
    // Half a terminator would be taken for an event that cannot be read.
    return missing === ''
      ? { done: true, value: undefined }
      : { done: false, value: new TextEncoder().encode(missing) };
  }

  #leave(): void {
    if (this.#over) return;
    this.#finish(endingOfLeft(this.#read(), this.#stream));
  }

  #read(): Transcript {
    return this.#kept.read(this.#stream.resource);
  }

  #finish(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    forgotten?.unregister(this);
    this.#kept.clear();
    this.#end(ending);
  }

  #interrupted(reason: string, { said, cause }: { said: Transcript; cause: unknown }): StreamInterruptedError {
    const { target } = this.#stream;
    const error = new StreamInterruptedError({ target, reason, partial: said.partial(), cause });
    this.#finish({ kind: 'stream_error_late', message: reason, ...usedBy(said) });
    this.#stream.onInterrupted?.(error);
    return error;
  }
}

const TOLD_ERROR = { kind: 'stream_error_late', message: 'an error inside the stream' } as const satisfies Ending;
const NO_ANSWER = { kind: 'stream_error_late', message: 'it ended without an answer' } as const satisfies Ending;

/** What a stream used: what it told, else what can be counted in it. */
function usedBy(said: Transcript): Pick<Ending, 'usage' | 'emitted'> {
  const usage = said.usage();
  return usage ? { usage } : { emitted: () => said.count() };
}

type Committed = Pick<CommittedStream, 'hasContent'>;

/** What a stream that its reader left tells of its target. */
function endingOfLeft(said: Transcript, committed: Committed): Ending {
  // Leaving at the terminator is how every whole stream ends. The official client leaves at an error event too, which may have its
  // terminator behind it: that is no reader who has had enough.
  if (said.toldError()) return TOLD_ERROR;
  if (isEmpty(said, committed)) return NO_ANSWER;
  const isServed = committed.hasContent || said.hasTerminator() || said.hasContent() || said.isWhole();
  return { kind: isServed ? 'ok' : 'caller_abort', ...usedBy(said) };
}

/** Whether it came to its terminator without anything in between; looked up only when no content was seen before. */
function isEmpty(said: Transcript, { hasContent }: Committed): boolean {
  return !hasContent && said.hasTerminator() && !said.hasContent();
}

/** What is known of a body that is gone. Nothing in here may lead back to it. */
interface Forgotten extends Pick<CommittedStream, 'reader' | 'resource' | 'hasContent'> {
  readonly kept: KeptBytes;
  readonly end: (ending: Ending) => void;
}

/**
 * A stream that nobody reads and nobody holds any more is let go of with its connection, as the platform does it; it cannot see to that
 * by itself, because there is a reader on its stream. It counts like one that was left at that place.
 */
const forgotten =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<Forgotten>(({ reader, resource, hasContent, kept, end }) => {
        end(endingOfLeft(kept.read(resource), { hasContent }));
        void reader.cancel().catch(() => undefined);
      });
