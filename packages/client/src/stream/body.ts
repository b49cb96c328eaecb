import type { Ending } from '@breakwater/core';
import { StreamInterruptedError } from '../errors.js';
import { classifyThrown } from '../response/classify.js';
import { BegunAnew, type Break, type Broken, isAbort, type Rescuing, type Source } from './broken.js';
import { bytesOf, type RawChunk, type RawResult } from './chunks.js';
import type { CommittedStream } from './committed.js';
import { meaningOfEnd } from './end-of-bytes.js';
import { brokenOff, endingOfLeft, type Forgotten, forgettable, forgotten, toldEnding, usedBy } from './ending.js';
import { joined } from './events-only.js';
import { KeptBytes } from './kept.js';
import { leftWith } from './left-with.js';
import { Screen } from './screen.js';
import { StreamEnd } from './stream-end.js';
import { toldErrorIn } from './told-error.js';
import { hasContent, type Transcript } from './transcript.js';
import { Turns } from './turns.js';
import { type Stall, StreamWatch } from './watch.js';

type Chunk = IteratorResult<Uint8Array, undefined>;

const NO_MORE: Chunk = Object.freeze({ done: true, value: undefined });

/**
 * The body of a committed stream: the same bytes, watched. It ends without an error only if the answer was whole; nothing is parsed
 * on the way, only at an end that may not be one.
 */
export class CommittedBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #stream: CommittedStream;
  /** What was passed on, or is about to be. */
  readonly #kept = new KeptBytes();
  #screen: Screen;
  /** What was read before it was handed over, as far as it may be passed on. */
  readonly #ready: Uint8Array[];
  /** Watches its own response; whoever goes on with it is watched where they are read. */
  #watch: StreamWatch | undefined;
  /** Its own response, or that of whoever goes on with it. */
  #source: Source;
  #hasContent: boolean;
  #stalled: string | undefined;
  #over = false;
  /** Whether anybody has begun to read. */
  isRead = false;
  #isRescued = false;
  /** The pieces that came after it was handed over. */
  #chunks = 0;
  readonly #turns = new Turns<Chunk>();
  readonly end = new StreamEnd();
  /** What is left to do when it is gone. */
  readonly #ifForgotten: Forgotten;

  constructor(stream: CommittedStream) {
    const { reader, target, endpoint = '', watched, resource, hasContent, signal } = stream;
    this.#stream = stream;
    this.#source = { reader, target, endpoint };
    this.#hasContent = hasContent;
    this.#screen = new Screen(resource);
    this.#watch =
      watched && new StreamWatch({ ...watched, resource, hasContent, onStalled: (stall) => this.#stall(stall) });
    this.#ready = stream.chunks.map((chunk) => this.#screened(chunk)).filter(({ length }) => length > 0);
    const stopListening = leftWith(signal, this, CommittedBody.#abort);
    this.#ifForgotten = forgettable(stream, { kept: this.#kept, screen: this.#screen, end: this.end, stopListening });
    forgotten?.register(this, this.#ifForgotten, this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Chunk> {
    this.isRead = true;
    return this.#turns.isFree ? this.#take() : this.#turns.wait(() => this.#take());
  }

  #take(): Promise<Chunk> {
    if (this.#over) return Promise.resolve(NO_MORE);
    const value = this.#ready.shift();
    if (value) return Promise.resolve({ done: false, value });
    this.#screen.tellMalformed(this.#stream.onMalformed);
    const { told } = this.#screen;
    if (told) return this.#brokenBy(told);
    this.#watch?.waiting();
    return this.#turns.begin(this.#source.reader.read().then(this.#received, this.#broke));
  }

  async return(): Promise<Chunk> {
    this.isRead = true;
    // Whoever goes on with it comes to their own end before.
    const letGo = this.#source.reader.cancel().catch(() => undefined);
    this.#leave();
    this.#stream.rescuer?.left();
    await letGo;
    return NO_MORE;
  }

  readonly #received = (result: RawResult): Chunk | Promise<Chunk> => {
    this.#turns.end();
    if (result.done) return this.#ended(this.#stalled ?? 'it was cut off without a finish');
    this.#chunks += 1;
    const bytes = bytesOf(result.value as RawChunk);
    this.#watch?.heard(bytes);
    const value = this.#screened(bytes);
    if (value.length === 0) return this.#take();
    if (!this.#hasContent && hasContent(value, this.#stream.resource)) {
      this.#hasContent = true;
      this.#watch?.firstContent();
    }
    return value === result.value ? (result as Chunk) : { done: false, value };
  };

  /** What may be passed on of a chunk, and is remembered. */
  #screened(chunk: Uint8Array): Uint8Array {
    const value = this.#screen.push(chunk);
    this.#kept.add(value);
    return value;
  }

  readonly #broke = (cause: unknown): Chunk | Promise<Chunk> => {
    this.#turns.end();
    const { signal, rescuer } = this.#stream;
    if (signal.aborted || rescuer?.isLeft || (this.#isRescued && isAbort(cause))) {
      this.#leave(cause);
      throw cause;
    }
    if (cause instanceof BegunAnew) {
      rescuer?.begunAnew(this.#source.target);
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
    const isInOrder = broken === undefined && this.#stalled === undefined;
    const end = meaningOfEnd({ kept: this.#kept, rest: this.#screen.rest(), stream: this.#stream, isInOrder });
    if ('told' in end) return this.#brokenBy(end.told);
    return 'said' in end ? this.#last(end.said, end.pieces) : this.#goOn(end.fault ?? reason, broken);
  }

  /** The end, and what is still to be passed on before it. */
  #last(said: Transcript, pieces: readonly Uint8Array[]): Chunk {
    this.#finish({ kind: 'ok', ...usedBy(said) });
    const value = joined(pieces);
    return value.length === 0 ? NO_MORE : { done: false, value };
  }

  /** The provider told of an error inside the stream. The event is the caller's only where nobody goes on. */
  #brokenBy(bytes: Uint8Array): Promise<Chunk> {
    const told = { ...toldErrorIn(bytes, this.#stream), bytes };
    return Promise.resolve(this.#goOn(told.message, { told }));
  }

  /** It is silent, or too slow: its reader is let go of, which ends the read that somebody waits for. */
  #stall(stall: Stall): void {
    this.#stream.watched?.onStalled(stall);
    this.#stalled = stall.reason;
    void this.#source.reader.cancel().catch(() => undefined);
  }

  /** It broke off: somebody else goes on with it, or it ends in an error. */
  #goOn(reason: string, broken: Break = {}): Chunk | Promise<Chunk> {
    const { rescuer, choices } = this.#stream;
    const said = this.#read();
    // Behind its finish there is nothing to go on with: more of it would be more than the answer.
    if (!rescuer || said.isWhole(choices) || broken.told?.isFinal) return this.#givenUp(reason, { said, ...broken });
    return this.#turns.begin(this.#rescued(rescuer, { reason, said, ...broken }));
  }

  async #rescued(rescuer: Rescuing, broken: Break & Pick<Broken, 'reason' | 'said'>): Promise<Chunk> {
    const { reason, said } = broken;
    // The one who broke off is told at once, and not when another has come to the end. Of whoever goes on its own stream tells.
    if (!this.#isRescued) this.end.goOn(brokenOff(reason, said));
    this.#watch?.end();
    this.#watch = undefined;
    this.#stalled = undefined;
    this.#screen = new Screen(this.#stream.resource);
    const { reader, ...place } = this.#source;
    void reader.cancel().catch(() => undefined);
    // What is learned from its end has to be known when others are chosen from.
    await this.end.first;
    const rescue = await rescuer.rescue({ ...place, reason, said, route: this.#stream.route?.() });
    this.#turns.end();
    if (this.#over) {
      if ('reader' in rescue) void rescue.reader.cancel().catch(() => undefined);
      return NO_MORE;
    }
    if ('left' in rescue) {
      this.#leave(rescue.left);
      throw rescue.left;
    }
    if ('because' in rescue) return this.#givenUp(`${reason}; not rescued: ${rescue.because}`, broken);
    if (rescue.isAnew) this.#kept.clear();
    this.#source = rescue;
    this.#isRescued = true;
    Object.assign(this.#ifForgotten, { reader: rescue.reader, screen: this.#screen });
    return this.#take();
  }

  /** Nobody goes on with it. */
  #givenUp(reason: string, { said, cause, told }: Break & Pick<Broken, 'said'>): Chunk {
    void this.#source.reader.cancel().catch(() => undefined);
    if (told) {
      this.#finish(toldEnding(told, said));
      return { done: false, value: told.bytes };
    }
    const error = new StreamInterruptedError({ target: this.#source.target, reason, partial: said.partial(), cause });
    this.#finish(brokenOff(reason, said), error);
    this.#stream.onInterrupted?.(error);
    throw error;
  }

  /** The caller has left; whoever reads is told so by the bytes. Static, because what hears of it must not hold the body. */
  static #abort(body: CommittedBody): void {
    body.#watch?.end();
    body.end.tell(body.#endingOfLeft());
  }

  #leave(failure?: unknown): void {
    this.#finish(this.#endingOfLeft(), failure);
  }

  #endingOfLeft(): Ending {
    return endingOfLeft(this.#read(), this.#screen, this.#stream);
  }

  #read(): Transcript {
    return this.#kept.read(this.#stream.resource);
  }

  #finish(ending: Ending, failure?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#screen.tellMalformed(this.#stream.onMalformed);
    this.#watch?.end();
    this.#ifForgotten.stopListening();
    forgotten?.unregister(this);
    this.#kept.clear();
    this.end.tell({ ...ending, chunks: this.#chunks }, failure);
  }
}
