import type { CommittedBody } from './body.js';

/**
 * A committed body as the `ReadableStream` of a response. Who iterates it or takes a plain reader, as the official client does, reads
 * straight from the source; everything else (`tee`, `pipeTo`, a server that hands it on) goes through the stream's own queue.
 */
export function readableOf(body: CommittedBody): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await body.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await body.return();
      },
    },
    { highWaterMark: 0 },
  );
  let reading = false;
  const isLocked = () => reading || nativeLocked.call(stream) === true;
  const getReader = (options?: ReadableStreamGetReaderOptions) => {
    // A second reader, or one of another kind, is the platform's business: it knows what to refuse.
    if (options?.mode !== undefined || isLocked()) return nativeReader.call(reading ? taken(stream) : stream, options);
    reading = true;
    return directReader(body, () => {
      reading = false;
    });
  };
  return Object.defineProperties(stream, {
    [Symbol.asyncIterator]: { value: () => body, configurable: true },
    getReader: { value: getReader, configurable: true },
    locked: { get: isLocked, configurable: true },
  });
}

const nativeReader = ReadableStream.prototype.getReader as (
  this: ReadableStream,
  options?: ReadableStreamGetReaderOptions,
) => ReadableStreamReader<Uint8Array>;
const nativeLocked = Object.getOwnPropertyDescriptor(ReadableStream.prototype, 'locked')?.get as () => boolean;

/** The stream, locked for the platform as well, so that a second reader is refused in its own words. */
function taken(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  if (nativeLocked.call(stream) !== true) nativeReader.call(stream);
  return stream;
}

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
      return body.ending.then(() => undefined);
    },
  } as ReadableStreamDefaultReader<Uint8Array>;
}
