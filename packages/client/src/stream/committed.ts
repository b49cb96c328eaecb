import type { Route } from '@breakwater/core';
import type { StreamInterruptedError } from '../errors.js';
import type { Resource } from '../request/read.js';
import type { Rescuing } from './broken.js';
import type { ChunkReader } from './chunks.js';
import type { Watched } from './watch.js';

/** What is known of a stream when it is handed over. */
export interface CommittedStream {
  readonly reader: ChunkReader;
  /** What was read to find its first content. */
  readonly chunks: Uint8Array[];
  readonly resource: Resource | undefined;
  readonly target: string;
  /** The id of its endpoint. @default none, where nobody asks */
  readonly endpoint?: string;
  /** Finds somebody to go on with it when it breaks off; undefined where nobody is to. */
  readonly rescuer?: Rescuing | undefined;
  /** What it has to keep to while somebody waits for it. @default nothing */
  readonly watched?: Omit<Watched, 'resource' | 'hasContent'> | undefined;
  /** Whether content was seen: a reader who leaves before has not been served. */
  readonly hasContent: boolean;
  /** Whether it is to tell at its end what it used. */
  readonly asksUsage?: boolean | undefined;
  /** How many choices its answer has. @default 1 */
  readonly choices?: number;
  /** Whether any server could answer its request. @default true */
  readonly movable?: boolean;
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal;
  /** The way it has gone so far. @default it is not known */
  route?(): Route | undefined;
  /** Hears of events that could not be read, and were left out. */
  onMalformed?(count: number): void;
  /** Hears of the error that the caller is about to be given. */
  onInterrupted?(error: StreamInterruptedError): void;
}
