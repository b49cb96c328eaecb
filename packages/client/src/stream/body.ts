import type { Ending } from '@breakwater/core';
import { StreamInterruptedError } from '../errors.js';
import { classifyThrown } from '../response/classify.js';
import { BegunAnew, type Broken, isAbort, type Rescuing, type Source } from './broken.js';
import { bytesOf, type RawChunk, type RawResult } from './chunks.js';
import type { CommittedStream } from './committed.js';
import { endingOfLeft, forgotten, isEmpty, NO_ANSWER, TOLD_ERROR, usedBy } from './ending.js';
import { errorAt } from './error-event.js';
import { EventsOnly, joined } from './events-only.js';
import { KeptBytes } from './kept.js';
import type { Transcript } from './transcript.js';
import { type Stall, type Watch, watchOf } from './watch.js';

type Chunk = IteratorResult<Uint8Array, undefined>;

const NO_MORE: Chunk = Object.freeze({ done: true, value: undefined });

/** How a stream broke off: an event that told of an error is the caller's if nobody goes on. */
interface Break {
  readonly cause?: unknown;
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
  /** Watches its own response; whoever goes on with it is watched where they are read. */
  #watch: Watch | undefined;
  /** Only where somebody may have to go on with it. */
  readonly #events: EventsOnly | undefined;
  /** Its own response, or that of whoever goes on with it. */
  #source: Source;
  #stalled: string | undefined;
  /** An event that tells of an error, behind others that are passed on first. */
  #told: Uint8Array | undefined;
  #replayed = 0;
  #over = false;
  #isRead = false;
  #isRescued = false;
  #end: (ending: Ending) => void = () => {};

  constructor(stream: CommittedStream) {
    const { reader, target, endpoint = '', watched, rescuer, resource } = stream;
    this.#stream = stream;
    this.#source = { reader, target, endpoint };
    this.#events = rescuer && new EventsOnly();
    this.#watch = watched && watchOf({ ...watched, resource, onStalled: (stall) => this.#stall(stall) });
    for (const chunk of stream.chunks) this.#kept.add(chunk);
    this.ending = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { hasContent } = stream;
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
    if (this.#told) return Promise.resolve(this.#brokenBy(this.#told));
    this.#watch?.waiting();
    return this.#source.reader.read().then(this.#received, this.#broke);
  }

  /** What was read before it was handed over is passed on like what comes. */
  async #pass(value: Uint8Array): Promise<Chunk> {
    return this.#events ? this.#screened(this.#events.push(value)) : { done: false, value };
  }

  async return(): Promise<Chunk> {
    this.#isRead = true;
    this.#leave();
    this.#stream.rescuer?.left();
    await this.#source.reader.cancel().catch(() => undefined);
    return NO_MORE;
  }

  readonly #received = (result: RawResult): Chunk | Promise<Chunk> => {
    if (result.done) return this.#ended(this.#stalled ?? 'it was cut off without a finish');
    const value = bytesOf(result.value as RawChunk);
    this.#watch?.heard(value);
    this.#kept.add(value);
    const whole = this.#events ? this.#events.push(value) : value;
    if (this.#events && (whole.length === 0 || errorAt(whole, this.#stream.resource) >= 0))
      return this.#screened(whole);
    return whole === result.value ? (result as Chunk) : { done: false, value: whole };
  };

  /** Whole events as far as they may be passed on: up to one that tells of an error. Where that is nothing, what comes next. */
  #screened(whole: Uint8Array): Chunk | Promise<Chunk> {
    if (whole.length === 0) return this.next();
    const at = errorAt(whole, this.#stream.resource);
    if (at < 0) return { done: false, value: whole };
    const told = whole.slice(at);
    this.#kept.drop(told.length + (this.#events?.keptBack ?? 0));
    if (at === 0) return this.#brokenBy(told);
    this.#told = told;
    return { done: false, value: whole.subarray(0, at) };
  }

  readonly #broke = (cause: unknown): Chunk | Promise<Chunk> => {
    if (this.#stream.signal.aborted || (this.#isRescued && isAbort(cause))) {
      this.#leave();
      throw cause;
    }
    if (cause instanceof BegunAnew) {
      this.#stream.rescuer?.begunAnew(this.#source.target);
      return this.#ended(cause.message, { cause });
    }
    // Whoever goes on tells why they broke off in an error of ours.
    if (cause instanceof StreamInterruptedError) return this.#ended(cause.reason, { cause: cause.cause });
    // What it says is not repeated: a user's own `fetch` may quote an address with a key in it.
    const { code } = classifyThrown(cause);
    return this.#ended(this.#stalled ?? (code ? `the connection broke, ${code}` : 'the connection broke'), { cause });
  };

  /** The bytes have ended. When everything of the answer was here, what broke afterwards is no concern of the caller's. */
  #ended(reason: string, broken?: Break): Chunk | Promise<Chunk> {
    if (this.#over) return NO_MORE;
    const said = this.#read();
    if (said.toldError()) return this.#endedInError();
    const isInOrder = broken === undefined && this.#stalled === undefined;
    const lacksUsage = !isInOrder && this.#stream.asksUsage === true && !said.toldUsage();
    if (!said.isWhole() || lacksUsage) return this.#goOn(reason, broken);
    if (isEmpty(said, this.#stream)) return this.#goOn(NO_ANSWER.message, broken);
    const missing = said.missingOfTerminator();
    if (missing === '' && said.isCutInEvent()) return this.#goOn('it was cut off inside an event', broken);
    // Half a terminator would be taken for an event that cannot be read.
    return this.#last({ kind: 'ok', ...usedBy(said) }, missing);
  }

  /** An error that the provider told of itself was passed on, the caller needs no second one; but for one with no blank line behind it. */
  #endedInError(): Chunk | Promise<Chunk> {
    const told = this.#events?.rest();
    if (!told || told.length === 0) return this.#last(TOLD_ERROR, '');
    this.#kept.drop(told.length);
    return this.#brokenBy(told);
  }

  /** The end, and what is still to be passed on before it. */
  #last(ending: Ending, missing: string): Chunk {
    const rest = this.#events?.rest();
    this.#finish(ending);
    const value = new TextEncoder().encode(missing);
    const all = rest && rest.length > 0 ? joined([rest, value]) : value;
    return all.length === 0 ? NO_MORE : { done: false, value: all };
  }

  /** The provider told of an error inside the stream. The event is the caller's only where nobody goes on. */
  #brokenBy(told: Uint8Array): Chunk | Promise<Chunk> {
    this.#told = undefined;
    return this.#goOn(TOLD_ERROR.message, { told });
  }

  /** It is silent, or too slow: its reader is let go of, which ends the read that somebody waits for. */
  #stall(stall: Stall): void {
    this.#stream.watched?.onStalled(stall);
    this.#stalled = stall.reason;
    void this.#source.reader.cancel().catch(() => undefined);
  }

  /** It broke off: somebody else goes on with it, or it ends in an error. */
  #goOn(reason: string, broken: Break = {}): Chunk | Promise<Chunk> {
    const { rescuer } = this.#stream;
    // What had come of the event in which it broke off was never passed on.
    const rest = this.#events?.rest();
    if (rest) this.#kept.drop(rest.length);
    const said = this.#read();
    // Behind its finish there is nothing to go on with: more of it would be more than the answer.
    if (rescuer && !said.isWhole()) return this.#rescued(rescuer, { reason, said, ...broken });
    return this.#givenUp(reason, { said, ...broken });
  }

  async #rescued(rescuer: Rescuing, broken: Break & Pick<Broken, 'reason' | 'said'>): Promise<Chunk> {
    const { reason, said } = broken;
    // The one who broke off is told at once, and not when another has come to the end.
    this.#end({ kind: 'stream_error_late', message: reason, ...usedBy(said) });
    this.#watch?.end();
    this.#watch = undefined;
    this.#stalled = undefined;
    const { reader, ...place } = this.#source;
    void reader.cancel().catch(() => undefined);
    // What is learned from its end has to be known when others are chosen from.
    await this.ending;
    const rescue = await rescuer.rescue({ ...place, reason, said, route: this.#stream.route?.() });
    if (this.#over) {
      if ('reader' in rescue) void rescue.reader.cancel().catch(() => undefined);
      return NO_MORE;
    }
    if ('left' in rescue) {
      this.#leave();
      throw rescue.left;
    }
    if ('because' in rescue) return this.#givenUp(`${reason}; not rescued: ${rescue.because}`, broken);
    if (rescue.isAnew) this.#kept.clear();
    this.#source = rescue;
    this.#isRescued = true;
    return this.next();
  }

  /** Nobody goes on with it. */
  #givenUp(reason: string, { said, cause, told }: Break & Pick<Broken, 'said'>): Chunk {
    if (told) {
      this.#finish(TOLD_ERROR);
      return { done: false, value: told };
    }
    const error = new StreamInterruptedError({ target: this.#source.target, reason, partial: said.partial(), cause });
    this.#finish({ kind: 'stream_error_late', message: reason, ...usedBy(said) });
    this.#stream.onInterrupted?.(error);
    throw error;
  }

  #leave(): void {
    if (this.#over) return;
    this.#finish(this.#told ? TOLD_ERROR : endingOfLeft(this.#read(), this.#stream));
  }

  #read(): Transcript {
    return this.#kept.read(this.#stream.resource);
  }

  #finish(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    this.#watch?.end();
    forgotten?.unregister(this);
    this.#kept.clear();
    this.#end(ending);
  }
}
