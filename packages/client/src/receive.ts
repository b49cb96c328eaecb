import { type Clock, type Failure, type Outcome, patiently, type Ticket } from '@breakwater/core';
import type { Reading, Resource } from './request/read.js';
import { bufferedResponse } from './response/buffered.js';
import { classifyRefusal } from './response/classify.js';
import { failureInAnswer } from './response/failed-response.js';
import { faultIn } from './response/well-formed.js';
import { bytesOf, type ChunkReader } from './stream/body.js';
import { commitStream } from './stream/commit.js';

/** What receiving needs to know of the attempt. */
export interface Reception {
  readonly reading: Reading;
  readonly ticket: Ticket;
  readonly target: string;
  readonly commit: 'first-content' | 'headers';
  readonly clock: Clock;
}

/** How long the body of a refusal is waited for, once its status and headers are there. */
const REFUSAL_BODY_MS = 1_000;

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
  const type = (response.headers.get('content-type') ?? '').toLowerCase();
  // No resource answers with a page; somebody on the way did.
  if (PAGE.test(type)) return malformed(response, type);
  const isEvents = type.includes('text/event-stream');
  if (reading.streamed ? !type.includes('json') : isEvents && mayBeEvents(reading)) {
    const { movable } = reading;
    return commitStream(response, { resource, target, signal: ticket.signal, commit, movable });
  }
  if (reading.streamed) return malformed(response, `${type} instead of a stream`);
  if (isEvents) return malformed(response, 'a stream that nobody asked for');
  if (isUnread(type, resource)) return { kind: 'ok', reply: response, status: response.status };
  return receiveWhole(response, type, { resource, movable: reading.movable });
}

async function receiveWhole(
  response: Response,
  type: string,
  { resource, movable }: { resource: Resource; movable: boolean },
): Promise<Outcome<Response>> {
  const text = await response.text();
  // Transcripts may be asked for as plain text or subtitles; everything else that can be asked anywhere is JSON.
  const fault = type.includes('json') ? faultIn(text, resource) : resource === 'audio.text' ? undefined : 'not JSON';
  const { status } = response;
  const failure = failureInAnswer(text, { fault, resource, answered: { status, movable } });
  if (fault && !failure) return malformed(response, `${fault} (${type || 'no content type'})`);
  return { ...(failure ?? { kind: 'ok', status }), reply: bufferedResponse(text, response) };
}

/** The body is read for its error code, and kept for the caller, who may have to be shown it. */
async function receiveRefusal(response: Response, { reading, clock, ticket }: Reception): Promise<Failure<Response>> {
  const body = await refusalText(response, { clock, signal: ticket.signal });
  const { status, headers } = response;
  const failure = classifyRefusal({ status, headers, body, movable: reading.movable, wall: clock.wall() });
  return { ...failure, reply: bufferedResponse(body, response) };
}

/**
 * The text of a refusal, or nothing when it does not come soon: status and headers say what was refused and for how long, and a body
 * that never ends would be taken for silence.
 */
async function refusalText(
  response: Response,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<string> {
  // Once it is being read a platform body can only be let go by its reader.
  const reader = typeof response.body?.getReader === 'function' ? response.body.getReader() : undefined;
  const reading = (reader ? readAll(reader) : response.text()).catch(() => '');
  const text = await patiently(reading, { ms: REFUSAL_BODY_MS, clock, signal });
  if (text !== undefined) return text;
  if (reader) reader.cancel().catch(() => undefined);
  else letGo(response);
  return '';
}

async function readAll(reader: ChunkReader): Promise<string> {
  const decoder = new TextDecoder();
  for (let text = ''; ; ) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return text + decoder.decode();
    text += decoder.decode(bytesOf(value), { stream: true });
  }
}

function malformed(response: Response, what: string): Failure<Response> {
  letGo(response);
  return { kind: 'malformed', status: response.status, message: `HTTP ${response.status} with ${what}` };
}

const PAGE = /html|^(?:application|text)\/xml/;

/** Speech is asked for as events in a param of its own; and a request whose model is not seen has a body that could not be read. */
function mayBeEvents({ resource, model }: Reading): boolean {
  return resource === 'audio.speech' || (model === undefined && resource !== 'moderations');
}

/** Audio and images are passed on as they come; every other answer is text, so what comes instead is none. */
function isUnread(type: string, resource: Resource): boolean {
  if (resource === 'audio.speech') return true;
  const mayBeBytes = resource === 'images' || resource === 'audio.text';
  return mayBeBytes && type !== '' && !type.includes('json') && !type.startsWith('text/');
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
