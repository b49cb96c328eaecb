import { OpenAI as Breakwater, type ClientOptions } from 'breakwater';
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

/** Makes breakwater's client. Its `timeout` is for the whole call. */
export function breakwater(options: ClientOptions, timeoutMs: number): Contestant & { readonly client: Breakwater } {
  const { fetch, sent } = countingFetch(options);
  const client = new Breakwater({ ...options, timeout: timeoutMs, fetch });
  return { name: 'breakwater', client, requestOptions: () => ({}), sent };
}

/**
 * Makes the plain client, with its own two retries. Its `timeout` is for each try, and there are three of them: a signal gives its
 * caller the same patience as breakwater's.
 */
export function plainOpenAI(options: ClientOptions, timeoutMs: number): Contestant {
  const { fetch, sent } = countingFetch(options);
  const client = new OpenAI({ ...options, timeout: timeoutMs, fetch });
  return { name: 'openai', client, requestOptions: () => ({ signal: AbortSignal.timeout(timeoutMs) }), sent };
}

function countingFetch({ fetch: sending = globalThis.fetch }: ClientOptions) {
  let count = 0;
  const fetch: typeof globalThis.fetch = (input, init) => {
    count += 1;
    return sending(input, init);
  };
  return { fetch, sent: (): number => count };
}
