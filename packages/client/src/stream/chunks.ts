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
