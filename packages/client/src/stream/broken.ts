import type { Route } from '@breakwater/core';
import type { ChunkReader } from './chunks.js';
import type { ToldError } from './told-error.js';
import type { Transcript } from './transcript.js';

/** What broke a stream off: an event that told of an error is the caller's if nobody goes on. */
export interface Break {
  readonly cause?: unknown;
  readonly told?: ToldError & { readonly bytes: Uint8Array };
}

/** A stream broke off: who gave it, why, and all that was delivered. */
export interface Broken {
  readonly target: string;
  readonly endpoint: string;
  readonly reason: string;
  readonly said: Transcript;
  /** The way that the stream has gone so far; undefined where nobody was told. */
  readonly route: Route | undefined;
}

/** Where bytes come from, and whose they are. */
export interface Source {
  readonly reader: ChunkReader;
  readonly target: string;
  readonly endpoint: string;
}

/** How a broken stream goes on; else why it does not, or with what its reader has left meanwhile. */
export type Rescue =
  | (Source & {
      /** Whether it begins anew, and what was delivered is no part of it. @default false */
      readonly isAnew?: boolean;
    })
  | { readonly left: unknown }
  | { readonly because: string };

/** Finds somebody to go on with a stream that broke off. */
export interface Rescuing {
  /** Never rejects. */
  rescue(broken: Broken): Promise<Rescue>;
  /** Whether the caller has aborted the call. */
  readonly isLeft: boolean;
  /** The reader has left: nobody is asked any more. */
  left(): void;
  /** Whoever was to go on has begun anew. */
  begunAnew(target: string): void;
}

/** Whoever was to go on has begun anew, in other words: nothing of that can be joined to what was delivered. */
export class BegunAnew extends Error {}

/** Whoever goes on ends with the caller's own abort, which is no fault of theirs. */
export const isAbort = (cause: unknown): boolean => cause instanceof Error && cause.name === 'AbortError';
