import type { Failure, Outcome, Ticket } from '@breakwater/core';
import type { Reading } from './request/read.js';
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
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('text/event-stream')) {
    return commitStream(response, { resource: reading.resource, target, signal: ticket.signal, commit });
  }
  if (reading.streamed && reading.movable) return malformed(response, `${type || 'nothing'} instead of a stream`);
  if (isEmptyByDesign(response, reading) || !isText(type, reading))
    return { kind: 'ok', reply: response, status: response.status };
  return receiveWhole(response, type, reading);
}

async function receiveWhole(response: Response, type: string, { resource }: Reading): Promise<Outcome<Response>> {
  const text = await response.text();
  const isJson = type.includes('json');
  // Transcripts may be asked for as plain text or subtitles; everything else that can be asked anywhere is JSON.
  const fault = isJson ? faultIn(text, resource) : resource && resource !== 'audio.text' ? 'not JSON' : undefined;
  // Resources that are not known here may answer with an empty body, and mean it.
  if (fault && resource) return malformed(response, `${fault} (${type || 'no content type'})`);
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
  void response.body?.cancel().catch(() => undefined);
  return { kind: 'malformed', status: response.status, message: `HTTP ${response.status} with ${what}` };
}

/** Resources that only do something answer with nothing; one that was asked for text has failed if it does. */
function isEmptyByDesign({ status, headers }: Response, { resource }: Reading): boolean {
  return status === 204 || status === 205 || (resource === undefined && headers.get('content-length') === '0');
}

/** Audio, images and files are passed on as they come, unread. */
function isText(type: string, { resource }: Reading): boolean {
  if (resource === 'audio.speech') return false;
  return type === '' || type.includes('json') || (resource !== undefined && type.startsWith('text/'));
}
