import type { CommittedBody } from './body.js';

/**
 * A committed body as the `ReadableStream` of a response. Who iterates it or takes a plain reader, as the official client does, reads
 * straight from the source; everything else (`tee`, `pipeTo`, a server that hands it on) goes through the stream's own queue.
 */
export class CommittedReadable extends ReadableStream<Uint8Array> {
  readonly #body: CommittedBody;
  #isRead = false;

  constructor(body: CommittedBody) {
    super(sourceOf(body), QUEUE);
    this.#body = body;
  }

  override get locked(): boolean {
    return this.#isRead || super.locked;
  }

  override [Symbol.asyncIterator](): Iterated {
    return this.#body as AsyncIterator<Uint8Array> as Iterated;
  }

  override getReader(options: { mode: 'byob' }): ReadableStreamBYOBReader;
  override getReader(): ReadableStreamDefaultReader<Uint8Array>;
  override getReader(options?: ReadableStreamGetReaderOptions): ReadableStreamReader<Uint8Array>;
  override getReader(options?: ReadableStreamGetReaderOptions): ReadableStreamReader<Uint8Array> {
    // A second reader, or one of another kind, is the platform's business: it knows what to refuse.
    if (options?.mode !== undefined || this.locked) {
      if (this.#isRead && !super.locked) super.getReader();
      return super.getReader(options);
    }
    this.#isRead = true;
    return directReader(this.#body, () => {
      this.#isRead = false;
    });
  }
}

type Iterated = ReturnType<ReadableStream<Uint8Array>[typeof Symbol.asyncIterator]>;

const QUEUE = { highWaterMark: 0 };

const sourceOf = (body: CommittedBody): UnderlyingDefaultSource<Uint8Array> => ({
  pull: async (controller) => {
    const { done, value } = await body.next();
    if (done) controller.close();
    else controller.enqueue(value);
  },
  cancel: async () => {
    await body.return();
  },
});

/** A reader that passes the stream's queue by. */
function directReader(body: CommittedBody, release: () => void): ReadableStreamDefaultReader<Uint8Array> {
  let released = false;
  return {
    read: () => (released ? Promise.reject(new TypeError('This reader has been released')) : body.next()),
    cancel: async () => {
      await body.return();
    },
    releaseLock: () => {
      if (!released) release();
      released = true;
    },
    get closed() {
      return body.end.closed;
    },
  } as ReadableStreamDefaultReader<Uint8Array>;
}
