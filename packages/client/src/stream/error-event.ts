import type { Resource } from '../request/read.js';
import { eventEnds } from './event-ends.js';
import { Transcript } from './transcript.js';

/** The letters of `error`: it stands in every event that tells of one, as the name of the event or of a field. */
const E = 0x65;
const R = 0x72;
const O = 0x6f;
const LENGTH = 5;

/** Where in whole events the first one begins that tells of an error; -1 where none does. The word alone may be one of the answer. */
export function errorAt(bytes: Uint8Array, resource: Resource | undefined): number {
  if (!hasWord(bytes)) return -1;
  let start = 0;
  for (const end of eventEnds(bytes)) {
    const event = bytes.subarray(start, end);
    if (hasWord(event) && new Transcript(new TextDecoder().decode(event), resource).toldError()) return start;
    start = end;
  }
  return -1;
}

/**
 * Whether the word stands anywhere. Every chunk is looked through, so most bytes of it are passed over: as many as would bring the
 * letter that was found to its place in the word (Horspool's search).
 */
function hasWord(bytes: Uint8Array): boolean {
  const { length } = bytes;
  for (let at = LENGTH - 1; at < length; ) {
    const byte = bytes[at];
    if (byte === R) {
      if (bytes[at - 1] === O && bytes[at - 2] === R && bytes[at - 3] === R && bytes[at - 4] === E) return true;
      at += 2;
    } else if (byte === O) at += 1;
    else at += byte === E ? LENGTH - 1 : LENGTH;
  }
  return false;
}
