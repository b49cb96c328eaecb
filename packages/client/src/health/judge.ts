import type { FailureKind, ProbeResult } from '@breakwater/core';
import { classifyRefusal } from '../response/classify.js';

/** What the address of a list of models answered, with as much of its body as was read. */
type Listed = Pick<Response, 'status' | 'headers'>;

/** Refusals that come from an endpoint which is there, and that say nothing more of it. */
const UNCLEAR: ReadonlySet<FailureKind> = new Set(['rate_limit', 'quota', 'conflict']);
const BAD: ReadonlySet<FailureKind> = new Set(['server_error', 'overloaded', 'request_timeout']);

/**
 * What an answer to `GET /models` says of the endpoint. A key is refused only where that is certain, as for calls: one that is
 * restricted to chats may not list models, and whoever answers with a page has not looked at it.
 */
export function judge({ status, headers }: Listed, body: string, wall: number): ProbeResult {
  // Not every platform shows where a redirect leads to, nor its status.
  const isElsewhere = status === 0 || (status >= 300 && status < 400);
  if (isElsewhere) return { verdict: 'unsupported', status, message: 'a redirect, which a key does not follow' };
  if (status < 300) {
    // A proxy gone wrong, or a site that answers everything with its front page.
    const isPage = /html/i.test(headers.get('content-type') ?? '');
    return isPage ? { verdict: 'unclear', status, message: `HTTP ${status} with a page` } : { verdict: 'good', status };
  }
  const { kind, message, retryAfterMs } = classifyRefusal({ status, headers, body, movable: true, wall });
  if (kind === 'auth') return { verdict: 'refused', status, kind, message, retryAfterMs };
  if (UNCLEAR.has(kind)) return { verdict: 'unclear', status, kind, message };
  // 501: there is no such thing here, which is no illness.
  return { verdict: BAD.has(kind) && status !== 501 ? 'bad' : 'unsupported', status, message };
}
