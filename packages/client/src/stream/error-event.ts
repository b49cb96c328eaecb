import type { Resource } from '../request/read.js';
import { nextEventEnd } from './event-ends.js';
import { Transcript } from './transcript.js';

/** `error`: it stands in every event that tells of one, as the name of the event or of a field. */
const ERROR = [0x65, 0x72, 0x72, 0x6f, 0x72] as const;
const R = ERROR[4];
const LENGTH = ERROR.length;

/** How far the search may go on from a byte that stands where the last of the word would: as far as would bring its own place there. */
const SKIPS = new Uint8Array(256).fill(LENGTH);
for (let at = 0; at < LENGTH - 1; at += 1) SKIPS[ERROR[at] as number] = LENGTH - 1 - at;

/** Where in whole events the first one begins that tells of an error; -1 where none does. The word alone may be one of the answer. */
export function errorAt(bytes: Uint8Array, resource: Resource | undefined): number {
  if (!hasWord(bytes)) return -1;
  for (let start = 0; start < bytes.length; ) {
    const end = nextEventEnd(bytes, start);
    const event = bytes.subarray(start, end);
    if (hasWord(event) && new Transcript(new TextDecoder().decode(event), resource).toldError()) return start;
    start = end;
  }
  return -1;
}

/** Whether the word stands anywhere. Every chunk is looked through, so most bytes of it are passed over (Horspool's search). */
function hasWord(bytes: Uint8Array): boolean {
  const { length } = bytes;
  for (let at = LENGTH - 1; at < length; ) {
    const byte = bytes[at] as number;
    if (byte === R && bytes[at - 1] === 0x6f && bytes[at - 2] === R && bytes[at - 3] === R && bytes[at - 4] === 0x65)
      return true;
    at += SKIPS[byte] as number;
  }
  return false;
}
