import type { ReadyMadeClient } from '../providers/options.js';
import type { Reading, RequestFacts } from './read.js';

/** What the official client knows of a request besides what goes on the wire. */
export interface WireFacts extends RequestFacts {
  readonly query?: unknown;
  /** The headers the caller gave for this one request. */
  readonly headers?: unknown;
  /** Which of the client's keys it is for; absent in the majors that have but one. */
  readonly __security?: { readonly adminAPIKeyAuth?: boolean | undefined } | undefined;
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
  /** Whether its client does something to a request that was built (signs it, say): then it fits no other one, not even its repeat. */
  readonly isHooked?: boolean;
  /**
   * Hands over the headers that were built for this request alone, to be changed; from then on `init` has what they were, in pairs. Undefined
   * where somebody else may have them as well.
   */
  takeHeaders?(): Headers | undefined;
  /** Whether it asks for the rest of an answer: who broke off then is gone on with by whoever asked. */
  readonly isRest?: boolean;
  /** Makes the request anew with an official client; absent for requests of other SDKs. */
  readonly rebuild?: Rebuild | undefined;
}

/** Builds a request with an official client, the way that client builds its own; without one, with the client that made it. */
export type Rebuild = (client: ReadyMadeClient | undefined, changes: Changes) => Promise<Dressed>;

/** What is other than in the request as it was first built. */
export interface Changes {
  readonly body: unknown;
  /** The model in `body`; undefined when it is the one that the caller named. */
  readonly model: string | undefined;
  /** In place of the caller's own, for another client. */
  readonly headers: Headers;
  readonly retryCount: number;
}

/** A request ready to be sent to one target. */
export interface Dressed {
  readonly url: string;
  /** Made for this one attempt: whoever sends it may complete it. */
  readonly init: RequestInit;
}
