import type { Ending, Outcome } from '@breakwater/core';
import { APIError } from 'openai';
import type { Resource } from '../request/read.js';
import { showOrigin } from '../response/buffered.js';
import { classifyStreamError, classifyThrown } from '../response/classify.js';
import { rememberRoute, routeOf } from '../response/route-of.js';
import { bytesOf, type ChunkReader, CommittedBody } from './body.js';
import { type Meaning, meaningOf } from './content.js';
import { readableOf } from './readable.js';
import { SseReader } from './sse.js';

/** What committing needs to know of the attempt. */
export interface StreamTerms {
  readonly resource: Resource | undefined;
  readonly target: string;
  readonly signal: AbortSignal;
  readonly commit: 'first-content' | 'headers';
  /** Whether another server could answer as well. */
  readonly movable: boolean;
}

/**
 * Reads a streamed answer until its first content. Before that nothing has been shown to anybody, so a failure is an ordinary one
 * and the call goes on elsewhere; from then on the stream is this target's, and everything read so far is played again.
 */
export async function commitStream(response: Response, terms: StreamTerms): Promise<Outcome<Response>> {
  const reader = readerOf(response.body);
  if (!reader) return { kind: 'malformed', status: response.status, message: 'a stream without a body' };
  const chunks: Uint8Array[] = [];
  if (terms.commit === 'headers') return handOver(response, { reader, chunks }, terms);
  const events = new SseReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value === undefined) return endedEarly(response);
      const bytes = bytesOf(value);
      chunks.push(bytes);
      for (const event of events.push(bytes)) {
        const decision = decide(meaningOf(event, terms.resource), response, terms);
        if (decision === 'commit') return handOver(response, { reader, chunks }, terms);
        if (decision !== 'wait') {
          void reader.cancel().catch(() => undefined);
          return decision;
        }
      }
    }
  } catch (thrown) {
    return {
      ...classifyThrown(thrown),
      kind: 'stream_error_early',
      message: 'the stream broke before its first content',
    };
  }
}

/** A ready `Response` around the committed stream, and the promise of how it ends. */
function handOver(
  response: Response,
  { reader, chunks }: { reader: ChunkReader; chunks: Uint8Array[] },
  { resource, target, signal, commit }: StreamTerms,
): Outcome<Response> {
  const hasContent = commit === 'first-content';
  const onInterrupted = (error: Error) => rememberRoute(error, routeOf(reply));
  const body = new CommittedBody({ reader, chunks, resource, target, signal, hasContent, onInterrupted });
  const { status, statusText, headers } = response;
  const reply = new Response(readableOf(body), { status, statusText, headers });
  showOrigin(reply, response);
  // The platform does not see a reader that passes its own queue by.
  Object.defineProperty(reply, 'bodyUsed', { get: () => body.isRead });
  const ending: Promise<Ending> = body.ending;
  return { kind: 'ok', reply, status, ending };
}

function decide(
  meaning: Meaning,
  { status, headers }: Response,
  { movable }: StreamTerms,
): 'commit' | 'wait' | Outcome<Response> {
  switch (meaning.what) {
    case 'content':
      return 'commit';
    case 'nothing':
      return 'wait';
    case 'error':
      return {
        ...classifyStreamError(meaning.error, { status, movable }),
        // If nobody else can answer, the caller is shown what the official client makes of such an event.
        cause: new APIError(undefined, meaning.raw as object, undefined, headers),
      };
    case 'done':
      return { kind: 'malformed', status, message: 'a stream without an answer' };
    case 'malformed':
      return { kind: 'malformed', status, message: 'an event that is not JSON, before any content' };
  }
}

function endedEarly(response: Response): Outcome<Response> {
  return { kind: 'stream_error_early', status: response.status, message: 'the stream ended before its first content' };
}

/** A reader of any body; a user's own `fetch` may give one that can only be iterated. */
function readerOf(body: Response['body'] | undefined): ChunkReader | undefined {
  if (!body) return undefined;
  if (typeof body.getReader === 'function') return body.getReader();
  if (!(Symbol.asyncIterator in body)) return undefined;
  const iterator = (body as AsyncIterable<Uint8Array | string>)[Symbol.asyncIterator]();
  return {
    read: async () => {
      const { done = false, value } = await iterator.next();
      return done ? { done } : { done, value };
    },
    cancel: async () => iterator.return?.(),
  };
}
