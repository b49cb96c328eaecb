import { OpenAI as Breakwater, type RouterOptions } from 'breakwater';
import { OpenAI } from 'openai';

/** A client in the comparison. */
export interface Contestant {
  readonly name: 'breakwater' | 'openai';
  readonly client: OpenAI;
  /** What a caller adds to each request. */
  requestOptions(): { signal?: AbortSignal };
  /** How many HTTP requests it has sent so far, refused connections included. */
  sent(): number;
}

/** What both clients are given. */
export interface Terms {
  readonly router: RouterOptions;
  /** How long the caller of either waits for an answer, in milliseconds. */
  readonly timeoutMs: number;
  /** The first endpoint: the plain client has no other. */
  readonly first: { readonly baseURL: string; readonly apiKey: string };
}

/** Makes breakwater's client. Its `timeout` is for the whole call. */
export function breakwater({ router, timeoutMs, first }: Terms): Contestant & { readonly client: Breakwater } {
  const { fetch, sent } = countingFetch();
  const client = new Breakwater({ ...first, timeout: timeoutMs, fetch, router });
  return { name: 'breakwater', client, requestOptions: () => ({}), sent };
}

/**
 * Makes the plain client, with its own two retries. Its `timeout` is for each try, and there are three of them: a signal gives its
 * caller the same patience as breakwater's.
 */
export function plainOpenAI({ timeoutMs, first }: Terms): Contestant {
  const { fetch, sent } = countingFetch();
  const client = new OpenAI({ ...first, timeout: timeoutMs, fetch });
  return { name: 'openai', client, requestOptions: () => ({ signal: AbortSignal.timeout(timeoutMs) }), sent };
}

function countingFetch(): { fetch: typeof globalThis.fetch; sent: () => number } {
  let count = 0;
  const fetch: typeof globalThis.fetch = (input, init) => {
    count += 1;
    return globalThis.fetch(input, init);
  };
  return { fetch, sent: () => count };
}
