import type { Ending } from '@breakwater/core';
import { StreamInterruptedError } from '../errors.js';
import { classifyThrown } from '../response/classify.js';
import { BegunAnew, type Rescuing } from './broken.js';
import { bytesOf, type ChunkReader, type RawChunk, type RawResult } from './chunks.js';
import type { CommittedStream } from './committed.js';
import { endingOfLeft, forgotten, isEmpty, NO_ANSWER, TOLD_ERROR, usedBy } from './ending.js';
import { EventsOnly, mayTellError } from './events-only.js';
import { KeptBytes } from './kept.js';
import { Silence } from './silence.js';
import { Transcript } from './transcript.js';

type Chunk = IteratorResult<Uint8Array, undefined>;

const NO_MORE: Chunk = Object.freeze({ done: true, value: undefined });

/** Where bytes come from, and whose they are. */
interface Source {
  readonly reader: ChunkReader;
  readonly target: string;
  readonly endpoint: string;
}

/** A stream at the place where it broke off. */
interface Break {
  readonly said: Transcript;
  readonly cause: unknown;
  /** An event that told of an error, which is the caller's if nobody goes on. */
  readonly told?: Uint8Array;
}

/**
 * The body of a committed stream: the same bytes, watched. It ends without an error only if the answer was whole; nothing is parsed
 * on the way, only at an end that may not be one.
 */
export class CommittedBody implements AsyncIterableIterator<Uint8Array, undefined> {
  /** How the stream ended; never rejects. */
  readonly ending: Promise<Ending>;
  readonly #stream: CommittedStream;
  readonly #kept = new KeptBytes();
  readonly #silence: Silence | undefined;
  /** Only where somebody may have to go on with it. */
  readonly #events: EventsOnly | undefined;
  /** Its own response, or that of whoever goes on with it. */
  #source: Source;
  #stalled: string | undefined;
  #replayed = 0;
  #over = false;
  #isRead = false;
  #end: (ending: Ending) => void = () => {};

  constructor(stream: CommittedStream) {
    const { reader, target, endpoint = '', idle, rescuer } = stream;
    this.#stream = stream;
    this.#source = { reader, target, endpoint };
    this.#events = rescuer && new EventsOnly();
    this.#silence = idle && new Silence(idle.ms, idle.clock, () => this.#stall(idle.ms));
    for (const chunk of stream.chunks) this.#kept.add(chunk);
    this.ending = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { resource, hasContent } = stream;
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
    if (this.#over) return Promise.resolve(NO_MORE);
    const { chunks } = this.#stream;
    if (this.#replayed < chunks.length) {
      const value = chunks[this.#replayed] as Uint8Array;
      this.#replayed += 1;
      return this.#pass(value);
    }
    this.#silence?.waiting();
    return this.#source.reader.read().then(this.#received, this.#broke);
  }

  /** A chunk as far as it may be passed on; where that is nothing, the next. */
  #pass(value: Uint8Array): Promise<Chunk> {
    const whole = this.#events ? this.#events.push(value) : value;
    return whole.length === 0 ? this.next() : Promise.resolve({ done: false, value: whole });
  }

  async return(): Promise<Chunk> {
    this.#isRead = true;
    this.#leave();
    await this.#source.reader.cancel().catch(() => undefined);
    return NO_MORE;
  }

  readonly #received = (result: RawResult): Chunk | Promise<Chunk> => {
    if (result.done) return this.#ended(this.#stalled ?? 'it was cut off without a finish');
    const value = bytesOf(result.value as RawChunk);
    this.#silence?.heard(value);
    if (this.#events) {
      if (mayTellError(value) && tellsError(value, this.#stream)) return this.#told(value);
      this.#kept.add(value);
      const whole = this.#events.push(value);
      if (whole !== value) return whole.length === 0 ? this.next() : { done: false, value: whole };
    } else this.#kept.add(value);
    return value === result.value ? (result as Chunk) : { done: false, value };
  };

  readonly #broke = (cause: unknown): Chunk | Promise<Chunk> => {
    if (this.#stream.signal.aborted || isAbort(cause)) {
      this.#leave();
      throw cause;
    }
    if (cause instanceof BegunAnew) this.#stream.rescuer?.begunAnew(this.#source.target);
    // What it says is not repeated: a user's own `fetch` may quote an address with a key in it.
    const { code } = classifyThrown(cause);
    return this.#ended(code ? `the connection broke, ${code}` : 'the connection broke', { cause });
  };

  /** The bytes have ended. When everything of the answer was here, what broke afterwards is no concern of the caller's. */
  #ended(reason: string, broken?: { readonly cause: unknown }): Chunk | Promise<Chunk> {
    if (this.#over) return NO_MORE;
    const said = this.#read();
    const cause = broken?.cause;
    // An error that the provider told of itself was passed on; the caller needs no second one.
    if (said.toldError()) return this.#last(TOLD_ERROR, '');
    const lacksUsage = broken !== undefined && this.#stream.asksUsage === true && !said.toldUsage();
    if (!said.isWhole() || lacksUsage) return this.#goOn(reason, { said, cause });
    if (isEmpty(said, this.#stream)) return this.#goOn(NO_ANSWER.message, { said, cause });
    const missing = said.missingOfTerminator();
    if (missing === '' && said.isCutInEvent()) return this.#goOn('it was cut off inside an event', { said, cause });
    // Half a terminator would be taken for an event that cannot be read.
    return this.#last({ kind: 'ok', ...usedBy(said) }, missing);
  }

  /** The end, and what is still to be passed on before it. */
  #last(ending: Ending, missing: string): Chunk {
    const rest = this.#events?.rest();
    this.#finish(ending);
    const value = new TextEncoder().encode(missing);
    const all = rest && rest.length > 0 ? concatenated(rest, value) : value;
    return all.length === 0 ? NO_MORE : { done: false, value: all };
  }

  /** The provider told of an error inside the stream. The event is the caller's only where nobody goes on. */
  #told(event: Uint8Array): Chunk | Promise<Chunk> {
    return this.#goOn(TOLD_ERROR.message, { said: this.#read(), cause: undefined, told: event });
  }

  /** It has been silent for too long: its reader is let go of, which ends the read that somebody waits for. */
  #stall(ms: number): void {
    this.#stream.idle?.onStalled();
    this.#stalled = `it was silent for ${ms} ms (idleMs)`;
    void this.#source.reader.cancel().catch(() => undefined);
  }

  /** It broke off: somebody else goes on with it, or it ends in an error. */
  #goOn(reason: string, broken: Break): Chunk | Promise<Chunk> {
    const { rescuer } = this.#stream;
    if (!rescuer) throw this.#interrupted(reason, broken);
    return this.#rescued(rescuer, reason, broken);
  }

  async #rescued(rescuer: Rescuing, reason: string, broken: Break): Promise<Chunk> {
    // The one who broke off is told at once, and not when another has come to the end.
    this.#end({ kind: 'stream_error_late', message: reason, ...usedBy(broken.said) });
    this.#silence?.end();
    this.#stalled = undefined;
    const { reader, ...place } = this.#source;
    void reader.cancel().catch(() => undefined);
    const rescue = await rescuer.rescue({ ...place, reason, said: broken.said });
    if (this.#over) {
      if ('reader' in rescue) void rescue.reader.cancel().catch(() => undefined);
      return NO_MORE;
    }
    if ('reader' in rescue) {
      this.#source = rescue;
      // What had come of the event in which it broke off was never passed on.
      if (this.#events?.rest().length) this.#kept.dropOpen();
      return this.next();
    }
    if (!broken.told) throw this.#interrupted(`${reason}; not rescued: ${rescue.because}`, broken);
    this.#finish(TOLD_ERROR);
    return { done: false, value: broken.told };
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
    this.#silence?.end();
    forgotten?.unregister(this);
    this.#kept.clear();
    this.#end(ending);
  }

  #interrupted(reason: string, { said, cause }: Break): StreamInterruptedError {
    const { target } = this.#source;
    const error = new StreamInterruptedError({ target, reason, partial: said.partial(), cause });
    this.#finish({ kind: 'stream_error_late', message: reason, ...usedBy(said) });
    this.#stream.onInterrupted?.(error);
    return error;
  }
}

/** Whoever goes on ends with the caller's own abort, which is no fault of theirs. */
const isAbort = (cause: unknown): boolean => cause instanceof Error && cause.name === 'AbortError';

function tellsError(event: Uint8Array, { resource }: CommittedStream): boolean {
  const transcript = new Transcript(new TextDecoder().decode(event), resource);
  return transcript.toldError();
}

function concatenated(one: Uint8Array, other: Uint8Array): Uint8Array {
  const all = new Uint8Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}
