import type { Failure, Outcome, Ticket } from '@breakwater/core';
import type { Reading, Resource } from './request/read.js';
import { bufferedResponse } from './response/buffered.js';
import { classifyRefusal } from './response/classify.js';
import { faultIn } from './response/well-formed.js';
import { commitStream } from './stream/commit.js';

/** What receiving needs to know of the attempt. */
export interface Reception {
  readonly reading: Reading;
  readonly ticket: Ticket;
  readonly target: string;
  readonly commit: 'first-content' | 'headers';
  /** Milliseconds since the Unix epoch. */
  readonly wall: () => number;
}

/**
 * Turns a response into an outcome. A whole answer is read here, because a target that breaks off in the middle of its body has
 * failed as much as one that never answered, and another one can still be asked.
 */
export async function receive(response: Response, reception: Reception): Promise<Outcome<Response>> {
  reception.ticket.headersArrived();
  if (!response.ok) return receiveRefusal(response, reception);
  const { reading, target, commit, ticket } = reception;
  const { resource } = reading;
  // What is not known here is passed on as it comes, like everything the official client has without a router.
  if (!resource) return { kind: 'ok', reply: response, status: response.status };
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('text/event-stream')) {
    return commitStream(response, { resource, target, signal: ticket.signal, commit });
  }
  if (reading.streamed) return malformed(response, `${type || 'nothing'} instead of a stream`);
  if (isUnread(response.status, type, resource)) return { kind: 'ok', reply: response, status: response.status };
  return receiveWhole(response, type, resource);
}

async function receiveWhole(response: Response, type: string, resource: Resource): Promise<Outcome<Response>> {
  const text = await response.text();
  // Transcripts may be asked for as plain text or subtitles; everything else that can be asked anywhere is JSON.
  const fault = type.includes('json') ? faultIn(text, resource) : resource === 'audio.text' ? undefined : 'not JSON';
  if (fault) return malformed(response, `${fault} (${type || 'no content type'})`);
  return { kind: 'ok', reply: bufferedResponse(text, response), status: response.status };
}

/** The body is read for its error code, and kept for the caller, who may have to be shown it. */
async function receiveRefusal(response: Response, { reading, wall }: Reception): Promise<Failure<Response>> {
  const body = await response.text().catch(() => '');
  const { status, headers } = response;
  const failure = classifyRefusal({ status, headers, body, movable: reading.movable, wall: wall() });
  return { ...failure, reply: bufferedResponse(body, response) };
}

function malformed(response: Response, what: string): Failure<Response> {
  letGo(response);
  return { kind: 'malformed', status: response.status, message: `HTTP ${response.status} with ${what}` };
}

/** Audio and images are passed on as they come. */
function isUnread(status: number, type: string, resource: Resource): boolean {
  if (status === 204 || status === 205 || resource === 'audio.speech') return true;
  return type !== '' && !type.includes('json') && !type.startsWith('text/');
}

/** Lets go of a response that nobody will read, whatever a user's own `fetch` calls a body. */
export function letGo(response: Response): void {
  const body = response.body as { cancel?(): Promise<void>; destroy?(): void } | null | undefined;
  try {
    if (typeof body?.cancel === 'function') body.cancel().catch(() => undefined);
    else body?.destroy?.();
  } catch {
    // A locked or broken body is somebody else's by now.
  }
}
