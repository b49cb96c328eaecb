import type { CommittedStream } from './committed.js';
import { faultIn } from './ending.js';
import type { KeptBytes } from './kept.js';
import type { Transcript } from './transcript.js';

/** The bytes of a stream have ended. */
export interface EndOfBytes {
  readonly kept: KeptBytes;
  /** What stands behind the last whole event, and has not been passed on. */
  readonly rest: Uint8Array;
  readonly stream: CommittedStream;
  /** Whether they ended as they should, and were not cut off. */
  readonly isInOrder: boolean;
}

/** What an end means: all of the answer is there, and this is still to be passed on; an event that tells of an error; a fault, in words if it has any. */
type Meant =
  | { readonly said: Transcript; readonly pieces: readonly Uint8Array[] }
  | { readonly told: Uint8Array }
  | { readonly fault: string | undefined };

/** What the end of the bytes means for the answer. */
export function meaningOfEnd({ kept, rest, stream, isInOrder }: EndOfBytes): Meant {
  kept.add(rest);
  const said = kept.read(stream.resource);
  const fault = faultIn(said, stream, isInOrder);
  const missing = fault ? '' : said.missingOfTerminator();
  const isSound = !fault && (missing !== '' || !said.isCutInEvent());
  // Half a terminator would be taken for an event that cannot be read.
  if (isSound && !said.toldError()) return { said, pieces: [rest, new TextEncoder().encode(missing)] };
  kept.drop(rest.length);
  if (said.toldError()) return { told: rest };
  if (fault) return { fault: fault === 'unfinished' ? undefined : fault };
  // Of an event behind its end nobody misses anything, where that can be told.
  const before = kept.read(stream.resource);
  const isWhole = before.hasKnownEnd() && faultIn(before, stream, isInOrder) === undefined;
  return isWhole ? { said: before, pieces: [] } : { fault: 'it was cut off inside an event' };
}
