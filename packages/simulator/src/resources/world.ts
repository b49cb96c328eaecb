/** A file as a region keeps it. */
export interface StoredFile {
  readonly shown: { readonly id: string; readonly [field: string]: unknown };
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** What a region knows and keeps; nothing of it is shared with other regions, as with real ones. */
export interface World {
  readonly seed: number;
  readonly answerTokens: readonly [number, number];
  readonly models: readonly string[];
  readonly files: Map<string, StoredFile>;
  readonly responses: Map<string, Readonly<Record<string, unknown>>>;
  /** A new id with this prefix; the same seed gives the same ids in the same order. */
  identify(prefix: string): string;
  /** Seconds since the Unix epoch. */
  seconds(): number;
}
