import { DeliveryError } from './delivery-error.js';

/** Sends a request, as the platform's `fetch` does. */
export type SinkFetch = (url: string, init: RequestInit) => Promise<Response>;

/** What is posted, and how. */
export interface Post {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: unknown;
  readonly signal: AbortSignal;
  readonly fetch?: SinkFetch | undefined;
}

/** What may be well the next time. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);
/** Nobody is left alone for longer, in milliseconds. */
const LONGEST_REST_MS = 300_000;

/**
 * Posts JSON, and answers with a response of status 2xx. A redirect is not followed: it would take the headers, and what they hold, to
 * somebody else.
 * @throws DeliveryError for anything else
 */
export async function post({ url, headers, body, signal, fetch = globalThis.fetch }: Post): Promise<Response> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal,
  });
  if (response.ok) return response;
  const { status } = response;
  // Nobody reads it: the connection is to be free for others. That may fail as well, and changes nothing.
  void response.body?.cancel().catch(() => {});
  if (status === 0 || (status >= 300 && status < 400))
    throw new DeliveryError('it answered with a redirect, which is not followed', { isFinal: true });
  const isFinal = status < 500 && !PASSING.has(status);
  throw new DeliveryError(`it answered with status ${status}`, { isFinal, retryAfterMs: restOf(response) });
}

function restOf({ headers }: Response): number {
  const seconds = Number(headers.get('retry-after') ?? 0);
  return seconds > 0 ? Math.min(LONGEST_REST_MS, 1_000 * seconds) : 0;
}
