import type { EventName, Listener, Router } from 'breakwater';

/** The part of a client that is looked at: breakwater's `OpenAI` and `AzureOpenAI`, made with a `router`. */
export interface WatchedClient {
  /** Listens to an event; the answer undoes it. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;
  readonly router: Pick<Router, 'endpoints' | 'stats' | 'status' | 'target'>;
}
