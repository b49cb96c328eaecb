import type { Fault } from './fault.js';

/** A piece of a body and the tokens it is paced by. */
export interface Piece {
  readonly bytes: string | Uint8Array;
  readonly tokens: number;
}

/** What goes over the wire: the pieces of the body, then a proper end, a destroyed socket or nothing any more. */
export interface Transmission {
  readonly pieces: readonly Piece[];
  readonly end: 'end' | 'destroy' | 'hang';
}

/** A body in one piece as it is sent; a cut or a stall strikes in its middle unless `afterBytes` says where. */
export function shapeBody(body: string | Uint8Array, fault: Fault | undefined): Transmission {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const whole: Transmission = { pieces: [{ bytes, tokens: 0 }], end: 'end' };
  switch (fault?.kind) {
    case 'cut':
    case 'stall': {
      const most = Math.max(0, bytes.length - 1);
      const part = bytes.subarray(0, Math.min(most, fault.afterBytes ?? Math.floor(bytes.length / 2)));
      const end = fault.kind === 'stall' ? 'hang' : fault.clean === true ? 'end' : 'destroy';
      return { pieces: [{ bytes: part, tokens: 0 }], end };
    }
    case 'malformed-event':
      return { pieces: [{ bytes: Buffer.concat([bytes.subarray(0, -1), Buffer.from(',"')]), tokens: 0 }], end: 'end' };
    default:
      return whole;
  }
}
