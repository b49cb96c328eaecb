import type { ReadyMadeClient } from '../providers/options.js';
import type { Reading, RequestFacts } from './read.js';

/** What the official client knows of a request besides what goes on the wire. */
export interface WireFacts extends RequestFacts {
  readonly query?: unknown;
  /** The headers the caller gave for this one request. */
  readonly headers?: unknown;
}

/** A request as somebody (the official client, another SDK) made it, before it is dressed for a target. */
export interface Wire {
  readonly url: string;
  readonly init: RequestInit;
  readonly facts: WireFacts;
  readonly reading: Reading;
  /** The base URL that `url` was made from. */
  readonly baseURL: string;
  /** Whether the model stands in the URL (Azure): then another model means another URL. */
  readonly modelInPath: boolean;
  /** Makes the request anew with an official client; absent for requests of other SDKs. */
  readonly rebuild?: Rebuild | undefined;
}

/** Builds a request with an official client, the way that client builds its own; without one, with the client that made it. */
export type Rebuild = (
  client: ReadyMadeClient | undefined,
  changes: { body: unknown; headers: Headers; retryCount: number },
) => Promise<Dressed>;

/** A request ready to be sent to one target. */
export interface Dressed {
  readonly url: string;
  /** Made for this one attempt: whoever sends it may complete it. */
  readonly init: RequestInit;
}
