import type { Answer } from '../answers/answer.js';
import type { Fault } from '../faults/fault.js';
import { shapeBody, type Transmission } from '../faults/shape.js';
import { shapeEvents, shapeJson } from '../faults/shape-events.js';
import type { Exchange } from './exchange.js';

/** How fast an answer is written. */
interface Pace {
  /** 0 writes without pause. */
  readonly msPerToken: number;
  /** How much later than due the first token comes. */
  readonly firstTokenDelayMs: number;
}

/** An answer on its way, with what may be done to it. */
interface Sending {
  readonly answer: Answer;
  readonly pace: Pace;
  readonly fault: Fault | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends an answer with its pace and its fault; comes back when it is over, or at once if the client goes. */
export async function send(exchange: Exchange, { answer, pace, fault, headers }: Sending): Promise<void> {
  if (answer.form === 'events') {
    open(exchange, 200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    return transmit(exchange, shapeEvents(answer.events, fault), pace);
  }
  const tokens = answer.form === 'json' ? (answer.tokens ?? 0) : 0;
  await exchange.pause(pace.firstTokenDelayMs + tokens * pace.msPerToken);
  if (exchange.gone) return;
  if (answer.form === 'bytes') {
    const { bytes, contentType } = answer;
    open(exchange, 200, { ...headers, 'content-type': contentType, ...lengthOf(bytes.length, fault) });
    return transmit(exchange, shapeBody(bytes, fault), pace);
  }
  const body = shapeJson(answer.body, fault);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  open(exchange, answer.status, {
    ...headers,
    'content-type': type,
    ...lengthOf(Buffer.byteLength(text), fault),
    ...answer.headers,
  });
  return transmit(exchange, shapeBody(text, fault), pace);
}

/** Sends status and headers; the body may follow later, or never. */
export function open({ response, entry }: Exchange, status: number, headers: Readonly<Record<string, string>>): void {
  entry.status = status;
  response.writeHead(status, headers);
}

/** A clean cut must end properly, so it cannot promise a length; a broken body has another one. */
function lengthOf(length: number, fault: Fault | undefined): Record<string, string> {
  const changes = fault?.kind === 'malformed-event' || (fault?.kind === 'cut' && fault.clean === true);
  return changes ? {} : { 'content-length': String(length) };
}

async function transmit(exchange: Exchange, { pieces, end }: Transmission, pace: Pace): Promise<void> {
  let started = false;
  // Due times are counted from the start: pauses of less than a millisecond add up instead of being rounded each.
  let dueAt = performance.now();
  for (const { bytes, tokens } of pieces) {
    if (tokens > 0) {
      dueAt += tokens * pace.msPerToken + (started ? 0 : pace.firstTokenDelayMs);
      started = true;
      const waitMs = dueAt - performance.now();
      if (waitMs >= 1) {
        // Headers would otherwise wait in the buffer for the first piece.
        exchange.response.flushHeaders();
        await exchange.pause(waitMs);
      }
    }
    if (exchange.gone) return;
    await exchange.write(bytes);
  }
  if (exchange.gone) return;
  if (end === 'end') exchange.response.end();
  else if (end === 'destroy') exchange.destroy();
  else exchange.response.flushHeaders();
}
