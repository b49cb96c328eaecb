import {
  type Clock,
  type Failure,
  type Outcome,
  type Patience,
  patiently,
  type Ticket,
  VERDICTS,
} from '@breakwater/core';
import type { Reading, Resource } from './request/read.js';
import { bufferedResponse } from './response/buffered.js';
import { classifyRefusal } from './response/classify.js';
import { failureInAnswer } from './response/failed-response.js';
import { officialError } from './response/official-error.js';
import { limitsIn } from './response/rate-headers.js';
import { usageOf } from './response/usage.js';
import { AS_IT_IS, type LookedThrough, lookThrough } from './response/well-formed.js';
import type { Rescuing } from './stream/broken.js';
import { bytesOf, type ChunkReader } from './stream/chunks.js';
import { commitStream } from './stream/commit.js';
import type { StreamFloor } from './stream/watch.js';

/** What receiving needs to know of the attempt. */
export interface Reception {
  readonly reading: Reading;
  readonly ticket: Ticket;
  readonly target: string;
  /** The id of its endpoint. */
  readonly endpoint: string;
  /** Who goes on with a stream that breaks off. */
  readonly rescuer: Rescuing | undefined;
  /** What a stream has to keep to behind its first content. */
  readonly floor: StreamFloor | undefined;
  readonly commit: 'first-content' | 'headers';
  readonly clock: Clock;
  /** Whether the user has an answer of their own for when nobody answers in time. */
  readonly hasLastResort: boolean;
}

/** How long the body of a refusal is waited for, once its status and headers are there: at most so long, and so much of what is left. */
const REFUSAL_BODY_MS = 1_000;
const A_PART_OF_IT = 0.25;
/** … and so much of what is left where the refusal ends the call. */
const MOST_OF_IT = 0.9;
/** How long the end of a body is waited for whose text is whole. */
const END_MS = 100;
const LONGEST_ERROR = 100_000;

/**
 * Turns a response into an outcome. A whole answer is read here, because a target that breaks off in the middle of its body has
 * failed as much as one that never answered, and another one can still be asked. Not an async function: what it passes on would be
 * waited for three turns longer, and it throws only where it is waited for.
 */
export function receive(response: Response, reception: Reception): Outcome<Response> | Promise<Outcome<Response>> {
  reception.ticket.headersArrived();
  if (!response.ok) return receiveRefusal(response, reception);
  const { reading } = reception;
  const { resource } = reading;
  // What is not known here is passed on as it comes, like everything the official client has without a router.
  if (!resource) return { kind: 'ok', reply: response, status: response.status };
  const type = (response.headers.get('content-type') ?? '').toLowerCase();
  // No resource answers with a page; somebody on the way did.
  if (PAGE.test(type)) return malformed(response, type);
  const isEvents = type.includes('text/event-stream');
  if (reading.streamed ? !type.includes('json') : isEvents && mayBeEvents(reading)) {
    return commitStream(response, reception);
  }
  if (!reading.streamed && isEvents) return malformed(response, 'a stream that nobody asked for');
  if (!reading.streamed && isUnread(type, resource)) {
    return isEmpty(response)
      ? malformed(response, 'an empty body')
      : { kind: 'ok', reply: response, status: response.status };
  }
  return receiveWhole(response, type, { reading: { ...reading, resource }, clock: reception.clock });
}

async function receiveWhole(
  response: Response,
  type: string,
  { reading, clock }: { reading: Reading & { resource: Resource }; clock: Clock },
): Promise<Outcome<Response>> {
  const text = await response.text();
  const { fault, parsed } = lookAt(text, type, reading);
  const { status, headers } = response;
  const { resource, movable } = reading;
  const failure = failureInAnswer(text, { fault, resource, answered: { status, movable }, headers });
  // An error in place of an answer is thrown: handed over, it would pass for an answer.
  if (fault) return failure ?? malformed(response, fault);
  return {
    ...(failure ?? { kind: 'ok', status }),
    usage: parsed && usageOf(parsed),
    limits: () => limitsIn(headers, clock.wall()),
    reply: bufferedResponse(text, response, IS_JSON.test(type) ? parsed : undefined),
  };
}

/** Looks at a whole answer of this type. */
function lookAt(
  text: string,
  type: string,
  { resource, streamed }: Pick<Reading, 'resource' | 'streamed'>,
): LookedThrough {
  if (streamed) return { fault: `${type} instead of a stream` };
  const isJson = type.includes('json');
  // Transcripts may be asked for as plain text or subtitles; everything else that can be asked anywhere is JSON, but for speech.
  if (!isJson && resource === 'audio.text') return AS_IT_IS;
  if (isJson && resource !== 'audio.speech') {
    const seen = lookThrough(text, resource);
    return seen.fault ? { fault: `${seen.fault} (${type})` } : seen;
  }
  if (isJson) return { fault: `JSON (${type})` };
  // What it is called is all that was looked at: the text may well be JSON.
  return { fault: type === '' ? 'text without a content type' : `${type} instead of JSON` };
}

/** The body is read for its error code, and kept for the caller, who may have to be shown it. */
async function receiveRefusal(response: Response, reception: Reception): Promise<Failure<Response>> {
  const { reading, clock, ticket } = reception;
  const { status, headers } = response;
  const body = await refusalText(response, { ms: refusalMs(response, reception), clock, signal: ticket.signal });
  const failure = classifyRefusal({ status, headers, body, movable: reading.movable, wall: clock.wall() });
  const limits = () => limitsIn(headers, clock.wall());
  const refused: Failure<Response> = { ...failure, limits, reply: bufferedResponse(body, response) };
  // Made when somebody asks for it, which only trackers of classes do.
  return Object.defineProperty(refused, 'cause', { get: () => officialError({ status, headers, body }) });
}

/**
 * The text of a refusal, or as much of it as comes in time: status and headers say what was refused and for how long, and a body that
 * never ends would be taken for silence. It is decided as soon as what has arrived is whole.
 */
async function refusalText(response: Response, patience: Patience): Promise<string> {
  // Once it is being read a platform body can only be let go by its reader.
  const reader = typeof response.body?.getReader === 'function' ? response.body.getReader() : undefined;
  if (!reader) {
    const text = await patiently(
      response.text().catch(() => ''),
      patience,
    );
    if (text === undefined) letGo(response);
    return text ?? '';
  }
  let arrived = '';
  let reading: Promise<string> | undefined;
  const whole = new Promise<string>((resolve) => {
    const hear = (text: string) => {
      arrived = text;
      if (isWholeJson(text)) resolve(text);
    };
    reading = readAll(reader, hear).catch(() => arrived);
    void reading.then(resolve);
  });
  const text = await patiently(whole, patience);
  // The end of the body usually follows at once, and then the connection can serve again.
  const end = reading && patiently(reading, { ...patience, ms: text === undefined ? 0 : END_MS });
  void end?.then((ended) => (ended === undefined ? reader.cancel() : undefined)).catch(() => undefined);
  return text ?? arrived;
}

/** How long the body of a refusal is waited for, by what its status alone says: where it ends the call, only the body says why. */
function refusalMs({ status, headers }: Response, { reading, clock, ticket }: Reception): number {
  const { kind } = classifyRefusal({ status, headers, body: '', movable: reading.movable, wall: clock.wall() });
  const leftMs = ticket.leftMs();
  // The status in hand must be told before a clock takes the attempt for a silent one.
  if (VERDICTS[kind].next === 'never') return leftMs * MOST_OF_IT;
  return Math.min(REFUSAL_BODY_MS, leftMs * A_PART_OF_IT);
}

async function readAll(reader: ChunkReader, hear: (text: string) => void): Promise<string> {
  const decoder = new TextDecoder();
  for (let text = ''; ; hear(text)) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return text + decoder.decode();
    text += decoder.decode(bytesOf(value), { stream: true });
  }
}

/** Whether a text is JSON as it stands. What is longer than any error, or does not look finished, is not read for it. */
function isWholeJson(text: string): boolean {
  if (text.length > LONGEST_ERROR || !/[}\]]\s*$/.test(text.slice(-20))) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function malformed(response: Response, what: string): Failure<Response> {
  letGo(response);
  return { kind: 'malformed', status: response.status, message: `HTTP ${response.status} with ${what}` };
}

/** What the official client takes for JSON; everything else it hands over as text. */
const IS_JSON = /^application\/(?:[^;]*\+)?json\b/;

const PAGE = /html|^(?:application|text)\/xml/;

/** Speech is asked for as events in a param of its own; and a request whose model is not seen has a body that could not be read. */
function mayBeEvents({ resource, model }: Reading): boolean {
  return resource === 'audio.speech' || (model === undefined && resource !== 'moderations');
}

/** Audio and images are passed on as they come; every other answer is text, so what comes instead is none. */
function isUnread(type: string, resource: Resource): boolean {
  if (resource === 'audio.speech') return !type.includes('json');
  const mayBeBytes = resource === 'images' || resource === 'audio.text';
  return mayBeBytes && type !== '' && !type.includes('json') && !type.startsWith('text/');
}

/** Whether there is nothing in it, as far as that can be told without reading; what a user's own `fetch` left out tells nothing. */
function isEmpty({ status, body, headers }: Response): boolean {
  return status === 204 || body === null || headers.get('content-length') === '0';
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
