import { type Clock, type Ending, type Outcome, patiently, type Route, type Ticket } from '@breakwater/core';
import { APIError } from 'openai';
import type { Reading } from '../request/read.js';
import { showOrigin } from '../response/buffered.js';
import { classifyStreamError, classifyThrown } from '../response/classify.js';
import { limitsIn } from '../response/rate-headers.js';
import { rememberRoute, routeOf } from '../response/route-of.js';
import { CommittedBody } from './body.js';
import type { Rescuing } from './broken.js';
import { bytesOf, type ChunkReader, readerOf } from './chunks.js';
import { type Meaning, meaningOf } from './content.js';
import { CommittedReadable } from './readable.js';
import { type SseEvent, SseReader } from './sse.js';
import type { Stall, StreamFloor } from './watch.js';

/** What committing needs to know of the attempt. */
export interface StreamTerms {
  readonly reading: Pick<Reading, 'resource' | 'movable' | 'asksUsage' | 'choices'>;
  readonly target: string;
  readonly endpoint?: string;
  readonly rescuer?: Rescuing | undefined;
  readonly floor?: StreamFloor | undefined;
  readonly ticket: Pick<Ticket, 'signal' | 'callLeftMs'> & Partial<Pick<Ticket, 'stalled' | 'malformed'>>;
  readonly clock: Clock;
  readonly commit: 'first-content' | 'headers';
  /** Whether the user has an answer of their own for when nobody answers in time. */
  readonly hasLastResort: boolean;
}

/** So much of what is left of the call is waited for the first content of a stream that has nothing to show yet. */
const MOST_OF_IT = 0.9;

/** What has been read of a stream that is to be handed over. */
interface Begun {
  readonly reader: ChunkReader;
  readonly chunks: Uint8Array[];
  readonly hasContent: boolean;
}

/**
 * Reads a streamed answer until its first content. Before that nothing has been shown to anybody, so a failure is an ordinary one
 * and the call goes on elsewhere; from then on the stream is this target's, and everything read so far is played again.
 */
export async function commitStream(response: Response, terms: StreamTerms): Promise<Outcome<Response>> {
  const reader = readerOf(response.body);
  if (!reader) return { kind: 'malformed', status: response.status, message: 'a stream without a body' };
  const begun = { reader, chunks: [], hasContent: false };
  if (terms.commit === 'headers') return handOver(response, begun, terms);
  try {
    return await untilContent(response, begun, terms);
  } catch (thrown) {
    return {
      ...classifyThrown(thrown),
      kind: 'stream_error_early',
      message: 'the stream broke before its first content',
    };
  }
}

async function untilContent(response: Response, begun: Begun, terms: StreamTerms): Promise<Outcome<Response>> {
  const { reader, chunks } = begun;
  const events = new SseReader();
  let lastMoment: number | undefined;
  for (;;) {
    const reading = reader.read();
    if (events.hasSpoken) lastMoment ??= lastMomentOf(terms);
    const result = lastMoment === undefined ? await reading : await inTime(reading, lastMoment, terms);
    if (!result) return handOver(response, { ...begun, reader: goingOn(reader, reading) }, terms);
    const bytes = result.done || result.value === undefined ? undefined : bytesOf(result.value);
    // Of a copy: a user's own `fetch` may write into the same memory again.
    if (bytes) chunks.push(new Uint8Array(bytes));
    for (const event of bytes ? events.push(bytes) : lastOf(events, terms)) {
      const decision = decide(meaningOf(event, terms.reading.resource), response, terms);
      if (decision === 'commit') return handOver(response, { reader, chunks, hasContent: true }, terms);
      if (decision === 'wait') continue;
      void reader.cancel().catch(() => undefined);
      return decision;
    }
    if (!bytes) return endedEarly(response);
  }
}

/** The last event may have no blank line behind it; what cannot be read was cut. */
function lastOf(events: SseReader, { reading: { resource } }: StreamTerms): readonly SseEvent[] {
  const rest = events.rest();
  return rest === undefined || meaningOf(rest, resource).what === 'malformed' ? [] : [rest];
}

/**
 * When a stream that is at work without having anything to show is handed over as it is, by the clock: a little before the time of the
 * call is over, because the signal that ends the call ends the stream too. Undefined where somebody else could answer then.
 */
function lastMomentOf({ ticket, clock, hasLastResort }: StreamTerms): number | undefined {
  const leftMs = hasLastResort ? undefined : ticket.callLeftMs();
  return leftMs === undefined ? undefined : clock.now() + leftMs * MOST_OF_IT;
}

/** The next chunk, or undefined when the moment has come. An attempt that was aborted has been decided, whatever comes of it. */
function inTime(reading: ReturnType<ChunkReader['read']>, moment: number, { ticket, clock }: StreamTerms) {
  return patiently(reading, { ms: moment - clock.now(), clock, signal: ticket.signal });
}

/** The same reader, for whoever goes on from a read that is under way. */
function goingOn(reader: ChunkReader, underWay: ReturnType<ChunkReader['read']>): ChunkReader {
  let next: typeof underWay | undefined = underWay;
  return {
    read: () => {
      const reading = next ?? reader.read();
      next = undefined;
      return reading;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

/** A ready `Response` around the committed stream, and the promise of how it ends. */
function handOver(response: Response, begun: Begun, terms: StreamTerms): Outcome<Response> {
  const { reading, target, endpoint = '', rescuer, floor, clock, ticket } = terms;
  const { resource, asksUsage, choices, movable } = reading;
  const { signal } = ticket;
  const route = (): Route | undefined => routeOf(reply);
  const onInterrupted = (error: Error) => rememberRoute(error, route());
  const watched = floor && {
    floor,
    floorBefore: before(floor, ticket),
    clock,
    onStalled: (stall: Stall) => ticket.stalled?.(stall),
  };
  const onMalformed = (count: number) => ticket.malformed?.(count);
  const parts = { ...begun, resource, asksUsage, choices, movable, target, endpoint, rescuer, watched, signal };
  const body = new CommittedBody({ ...parts, route, onMalformed, onInterrupted });
  const { status, statusText, headers } = response;
  const reply = new Response(new CommittedReadable(body), { status, statusText, headers });
  showOrigin(reply, response);
  // The platform does not see a reader that passes its own queue by.
  Object.defineProperty(reply, 'bodyUsed', { get: () => body.isRead });
  const ending: Promise<Ending> = body.end.first;
  return { kind: 'ok', reply, status, ending, limits: () => limitsIn(headers, clock.wall()) };
}

/** Before its first content a model may think for as long as its call may take; who says nothing even then does not answer any more. */
function before({ idleMs }: StreamFloor, ticket: StreamTerms['ticket']): StreamFloor | undefined {
  return idleMs === undefined ? undefined : { idleMs: Math.max(idleMs, ticket.callLeftMs() ?? 0) };
}

function decide(
  meaning: Meaning,
  { status, headers }: Response,
  { reading: { movable } }: StreamTerms,
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
