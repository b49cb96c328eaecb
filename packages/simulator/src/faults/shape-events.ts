import type { StreamEvent } from '../answers/answer.js';
import type { Fault, FaultOf } from './fault.js';
import type { Piece, Transmission } from './shape.js';

type Placed = FaultOf<'cut' | 'stall' | 'malformed-event' | 'stream-error'>;

/** After how many tokens a fault strikes that does not say where. */
const DEFAULT_AFTER_TOKENS = 3;

/** A stream as it is sent, with the fault done to it; faults that strike elsewhere leave it whole. */
export function shapeEvents(events: readonly StreamEvent[], fault: Fault | undefined): Transmission {
  const pieces = events.map(toPiece);
  switch (fault?.kind) {
    case 'cut':
      return { pieces: upTo(events, fault), end: fault.clean === true ? 'end' : 'destroy' };
    case 'stall':
      return { pieces: upTo(events, fault), end: 'hang' };
    case 'malformed-event': {
      const before = upTo(events, fault);
      return { pieces: [...before, broken(before), ...pieces.slice(before.length)], end: 'end' };
    }
    case 'stream-error':
      return { pieces: [...upTo(events, { afterTokens: 0, ...fault }), errorPiece(events, fault)], end: 'end' };
    case 'no-done':
      return { pieces: events.filter(({ part }) => part !== 'terminator').map(toPiece), end: 'end' };
    case 'no-choices':
      return { pieces: withoutChoices(events).map(toPiece), end: 'end' };
    default:
      return { pieces, end: 'end' };
  }
}

/** A JSON body with the fault done to what it says. */
export function shapeJson(body: unknown, fault: Fault | undefined): unknown {
  if (fault?.kind === 'stream-error') return { error: errorFields(fault) };
  if (fault?.kind !== 'no-choices' || typeof body !== 'object' || body === null) return body;
  const emptied = ['choices', 'output', 'data'].filter((key) => key in body).map((key) => [key, []]);
  return { ...body, ...Object.fromEntries(emptied) };
}

function toPiece({ name, data, tokens }: StreamEvent): Piece {
  const text = data === '[DONE]' ? data : JSON.stringify(data);
  return { bytes: `${name === undefined ? '' : `event: ${name}\n`}data: ${text}\n\n`, tokens };
}

/** The pieces before the fault's place; never one that finishes the answer, or a cut stream would look complete. */
function upTo(events: readonly StreamEvent[], fault: Partial<Placed>): Piece[] {
  const { afterBytes, afterEvents } = fault;
  const ending = events.findIndex(({ part }) => part === 'ending' || part === 'terminator');
  const unfinished = (ending < 0 ? events : events.slice(0, ending)).map(toPiece);
  if (fault.afterTokens !== undefined || (afterEvents === undefined && afterBytes === undefined)) {
    return upToTokens(unfinished, fault.afterTokens ?? DEFAULT_AFTER_TOKENS);
  }
  return afterEvents !== undefined ? unfinished.slice(0, afterEvents) : upToBytes(unfinished, afterBytes ?? 0);
}

function upToTokens(pieces: readonly Piece[], most: number): Piece[] {
  let tokens = 0;
  const end = pieces.findIndex((piece) => {
    tokens += piece.tokens;
    return tokens > most;
  });
  return pieces.slice(0, end < 0 ? pieces.length : end);
}

function upToBytes(pieces: readonly Piece[], most: number): Piece[] {
  let left = most;
  return pieces.flatMap(({ bytes, tokens }) => {
    const part = Buffer.from(bytes).subarray(0, Math.max(0, left));
    left -= part.length;
    return part.length > 0 ? [{ bytes: part, tokens }] : [];
  });
}

/** The last event once more, without its tail: what a proxy makes of an event that it cuts at a packet's end. */
function broken(before: readonly Piece[]): Piece {
  const last = Buffer.from(before.at(-1)?.bytes ?? 'data: {"id":"lost"}').toString();
  return { bytes: `${last.trimEnd().slice(0, -2)}\n\n`, tokens: 0 };
}

function errorFields({
  code = 'server_error',
  message = 'The server had an error while processing your request.',
}: FaultOf<'stream-error'>) {
  return { message, type: 'server_error', param: null, code };
}

function errorPiece(events: readonly StreamEvent[], fault: FaultOf<'stream-error'>): Piece {
  const error = errorFields(fault);
  // The Responses API names its events, its error too; the older ones send bare data.
  const named = events.some(({ name }) => name !== undefined);
  const data = named ? { ...error, type: 'error', error, sequence_number: 0 } : { error };
  return toPiece({ ...(named && { name: 'error' }), data, tokens: 0, part: 'ending' });
}

function withoutChoices(events: readonly StreamEvent[]): StreamEvent[] {
  return events
    .filter(({ part }) => part !== 'content')
    .map((event) => {
      const { data } = event;
      if (data === '[DONE]') return event;
      if ('response' in data)
        return { ...event, data: { ...data, response: { ...(data.response as object), output: [] } } };
      return 'choices' in data ? { ...event, data: { ...data, choices: [] } } : event;
    });
}
