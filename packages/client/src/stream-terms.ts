import type { Ticket } from '@breakwater/core';
import type { CallTerms, Harbour } from './harbour.js';
import { DEFAULTS, type TimeoutOptions } from './options.js';
import type { Wire } from './request/wire.js';
import type { Rescuing } from './stream/broken.js';
import type { PlainCall } from './stream/rescue/rescue-call.js';
import { Rescuer } from './stream/rescue/rescuer.js';
import type { StreamFloor } from './stream/watch.js';

/** What becomes of a stream behind its first content. */
export interface StreamTerms {
  /** Who goes on with it when it breaks off; undefined where that is not wanted, or cannot be. */
  readonly rescuer: Rescuing | undefined;
  /** What it has to keep to; undefined for nothing. */
  readonly floor: StreamFloor | undefined;
}

/** The call that an attempt is of. */
interface Attempted {
  readonly harbour: Harbour;
  readonly wire: Wire;
  readonly terms: CallTerms;
  readonly callOf: (wire: Wire) => PlainCall;
}

/** The terms of what is no stream. */
export const NO_STREAM: StreamTerms = Object.freeze({ rescuer: undefined, floor: undefined });

/** The terms of the stream that an attempt may be answered with. */
export function streamTermsOf(attempted: Attempted, ticket: Ticket): StreamTerms {
  const { harbour, terms, wire } = attempted;
  return {
    rescuer: rescuerOf(attempted, ticket),
    floor: floorOf(wire, terms.router.timeouts, harbour.options.timeouts),
  };
}

/** Those of the request over those of the client. */
function floorOf(
  { reading: { resource } }: Wire,
  own: TimeoutOptions = {},
  { idleMs, minimumTokensPerSecond }: TimeoutOptions,
): StreamFloor | undefined {
  const isText = resource === 'chat.completions' || resource === 'completions';
  const silence = own.idleMs ?? idleMs ?? (isText ? DEFAULTS.idleMs : undefined);
  const pace = own.minimumTokensPerSecond ?? minimumTokensPerSecond;
  if (silence === undefined && pace === undefined) return undefined;
  return { idleMs: silence, minimumTokensPerSecond: pace };
}

function rescuerOf(parts: Attempted, ticket: Ticket): Rescuer | undefined {
  const { wire, terms, harbour } = parts;
  const { movable, repeatable } = wire.reading;
  const how = terms.router.rescue ?? harbour.options.rescue;
  // What a hook of the client has signed is good for that one request alone.
  if (how === 'error' || !movable || !repeatable || wire.isRest || wire.isHooked) return undefined;
  return new Rescuer({ ...parts, how, requestId: () => ticket.requestId() });
}
