/** What a body may yield: bytes, and where a user's own `fetch` made it, text as well. */
export type RawChunk = Uint8Array | ArrayBuffer | string;

/** What a reader gives. */
export interface RawResult {
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

/** A reader of any body; a user's own `fetch` may give one that can only be iterated. Undefined where it can be neither read nor iterated. */
export function readerOf(body: Response['body'] | undefined): ChunkReader | undefined {
  if (!body) return undefined;
  if (typeof body.getReader === 'function') return body.getReader();
  return Symbol.asyncIterator in body ? iterated(body as AsyncIterable<RawChunk>) : undefined;
}

/** What is iterated can be left only between two chunks; as with any other reader, leaving ends the read that is under way. */
function iterated(body: AsyncIterable<RawChunk>): ChunkReader {
  const iterator = body[Symbol.asyncIterator]();
  let leave: (() => void) | undefined;
  return {
    read: () =>
      new Promise((resolve, reject) => {
        leave = () => resolve({ done: true });
        iterator.next().then(({ done = false, value }) => resolve(done ? { done } : { done, value }), reject);
      }),
    cancel: async () => {
      leave?.();
      await iterator.return?.();
    },
  };
}
