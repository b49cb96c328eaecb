import type { FailureKind } from '../outcome/outcome.js';
import type { AttemptStamp, EventStamp } from './stamp.js';

/** The events of streams that were handed over, by name. */
export interface StreamEvents {
  /** The first content of a streamed answer is here: from now on the answer is this target's. */
  'stream.committed': AttemptStamp & { readonly firstTokenMs: number };
  'stream.broken': AttemptStamp & { readonly message: string; readonly durationMs: number };
  /** So many events of a stream could not be read, and were left out of what was passed on. */
  'stream.malformed': AttemptStamp & { readonly count: number };
  /** A stream has brought nothing for so long, while somebody waited for it; or so few tokens a second. */
  'stream.stalled': AttemptStamp & {
    readonly silentMs?: number | undefined;
    readonly tokensPerSecond?: number | undefined;
  };
  /**
   * A stream that was handed over is over for good, behind the ends of its attempts; `ok` also where its reader left. It came in so many
   * `chunks` after it was handed over, and took so long since the call began.
   */
  'stream.ended': EventStamp & Readonly<{ kind: FailureKind | 'ok'; durationMs: number; chunks: number | undefined }>;
  /** A stream that broke off goes on from another target. */
  'stream.rescued': EventStamp & {
    readonly from: string;
    readonly to: string;
    readonly how: 'continue' | 'restart';
    /** How the other was asked to go on. */
    readonly form: 'prefill' | 'instruction' | 'prompt' | 'anew';
    readonly afterMs: number;
  };
  /** A stream that broke off begins anew: what came before is to be thrown away. Told before its first new chunk. */
  'stream.restarted': EventStamp & { readonly from: string; readonly to: string };
}

/** Those of one attempt. */
export type StreamEvent = 'stream.committed' | 'stream.broken' | 'stream.malformed' | 'stream.stalled';
