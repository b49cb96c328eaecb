import type { Ending } from '@breakwater/core';
import type { CommittedStream } from './committed.js';
import type { KeptBytes } from './kept.js';
import type { Transcript } from './transcript.js';

/** The provider told of an error inside the stream. */
export const TOLD_ERROR = {
  kind: 'stream_error_late',
  message: 'an error inside the stream',
} as const satisfies Ending;
/** There was nothing in it. */
export const NO_ANSWER = { kind: 'stream_error_late', message: 'it ended without an answer' } as const satisfies Ending;

/** What a stream used: what it told, else what can be counted in it. */
export function usedBy(said: Transcript): Pick<Ending, 'usage' | 'emitted'> {
  const usage = said.usage();
  return usage ? { usage } : { emitted: () => said.count() };
}

type Committed = Pick<CommittedStream, 'hasContent'>;

/** What a stream that its reader left tells of its target. */
export function endingOfLeft(said: Transcript, committed: Committed): Ending {
  // Leaving at the terminator is how every whole stream ends. The official client leaves at an error event too, which may have its
  // terminator behind it: that is no reader who has had enough.
  if (said.toldError()) return TOLD_ERROR;
  if (isEmpty(said, committed)) return NO_ANSWER;
  const isServed = committed.hasContent || said.hasTerminator() || said.hasContent() || said.isWhole();
  return { kind: isServed ? 'ok' : 'caller_abort', ...usedBy(said) };
}

/** Whether it came to its terminator without anything in between; looked up only when no content was seen before. */
export function isEmpty(said: Transcript, { hasContent }: Committed): boolean {
  return !hasContent && said.hasTerminator() && !said.hasContent();
}

/** What is known of a body that is gone. Nothing in here may lead back to it. */
interface Forgotten extends Pick<CommittedStream, 'reader' | 'resource' | 'hasContent'> {
  readonly kept: KeptBytes;
  readonly end: (ending: Ending) => void;
}

/**
 * A stream that nobody reads and nobody holds any more is let go of with its connection, as the platform does it; it cannot see to that
 * by itself, because there is a reader on its stream. It counts like one that was left at that place.
 */
export const forgotten =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<Forgotten>(({ reader, resource, hasContent, kept, end }) => {
        end(endingOfLeft(kept.read(resource), { hasContent }));
        void reader.cancel().catch(() => undefined);
      });
