import type { Ending } from '@breakwater/core';
import type { ChunkReader } from './chunks.js';
import type { CommittedStream } from './committed.js';
import type { KeptBytes } from './kept.js';
import type { Screen } from './screen.js';
import type { StreamEnd } from './stream-end.js';
import { type ToldError, toldErrorIn } from './told-error.js';
import type { Transcript } from './transcript.js';

const LATE = 'stream_error_late';
const NO_ANSWER = 'it ended without an answer';

/** What a stream used: what it told, else what can be counted in it. */
export function usedBy(said: Transcript): Pick<Ending, 'usage' | 'emitted'> {
  const usage = said.usage();
  return usage ? { usage } : { emitted: () => said.count() };
}

/** A stream broke off. */
export const brokenOff = (message: string, said: Transcript): Ending => ({ kind: LATE, message, ...usedBy(said) });

/** A stream ended in such an error. */
export const toldEnding = ({ kind, message }: ToldError, said: Transcript): Ending => ({
  kind,
  message,
  ...usedBy(said),
});

type Committed = Pick<CommittedStream, 'hasContent' | 'resource' | 'movable'>;

/** What a stream that its reader left tells of its target. */
export function endingOfLeft(said: Transcript, { told }: Pick<Screen, 'told'>, committed: Committed): Ending {
  // The official client leaves at an error event, which may have its terminator behind it: that is no reader who has had enough.
  if (told) return toldEnding(toldErrorIn(told, committed), said);
  // Leaving at the terminator is how every whole stream ends.
  if (isEmpty(said, committed)) return brokenOff(NO_ANSWER, said);
  const isServed = committed.hasContent || said.hasTerminator() || said.hasContent() || said.isWhole();
  return { kind: isServed ? 'ok' : 'caller_abort', ...usedBy(said) };
}

/** Why a stream whose bytes have ended is not whole; undefined where it is. */
export function faultIn(
  said: Transcript,
  stream: CommittedStream,
  isInOrder: boolean,
): 'unfinished' | typeof NO_ANSWER | undefined {
  const lacksUsage = !isInOrder && stream.asksUsage === true && !said.toldUsage();
  // Where the answer does not tell its end by itself, the connection does.
  const isCut = !isInOrder && !said.hasKnownEnd() && !said.hasLastEvent();
  if (!said.isWhole(stream.choices) || lacksUsage || isCut) return 'unfinished';
  return isEmpty(said, stream) ? NO_ANSWER : undefined;
}

/** Whether it came to its terminator without anything in between; looked up only when no content was seen before. */
function isEmpty(said: Transcript, { hasContent }: Pick<Committed, 'hasContent'>): boolean {
  return !hasContent && said.hasTerminator() && !said.hasContent();
}

/** What is known of a body that is gone. Nothing in here may lead back to it. */
export interface Forgotten extends Required<Pick<CommittedStream, 'resource' | 'movable' | 'hasContent'>> {
  /** Its own, or that of whoever goes on with it. */
  readonly reader: ChunkReader;
  readonly kept: KeptBytes;
  readonly screen: Screen;
  readonly end: StreamEnd;
  /** Its signal is not to tell of an abort any more. */
  readonly stopListening: () => void;
}

/** What has to be known of a stream when its body is gone. */
export function forgettable(
  { reader, resource, movable = true, hasContent }: CommittedStream,
  own: Pick<Forgotten, 'kept' | 'screen' | 'end' | 'stopListening'>,
): Forgotten {
  return { reader, resource, movable, hasContent, ...own };
}

/**
 * A stream that nobody reads and nobody holds any more is let go of with its connection, as the platform does it; it cannot see to that
 * by itself, because there is a reader on its stream. It counts like one that was left at that place.
 */
export const forgotten =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<Forgotten>(({ reader, kept, screen, end, stopListening, ...stream }) => {
        stopListening();
        void reader.cancel().catch(() => undefined);
        end.tell(endingOfLeft(kept.read(stream.resource), screen, stream));
      });
