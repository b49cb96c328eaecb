import type { Failure, FailureKind } from '../outcome/outcome.js';
import { VERDICTS } from '../outcome/verdict.js';
import type { Target } from '../targets/target.js';

/** A failure, and where it happened. */
export interface Failed<Reply> {
  readonly target: Target;
  readonly failure: Failure<Reply>;
  /** Whether going on from it has been paid for. */
  paid: boolean;
}

/** What no wait and no other place would have mended; unless another model has been asked since, it is what there is to know. */
const LAST_WORDS: ReadonlySet<FailureKind> = new Set(['content_policy', 'context_window']);

/** Whether the last failure of a call is the one to show, whatever failed before it. */
export const isFinal = (kind: FailureKind): boolean => VERDICTS[kind].next === 'never' || LAST_WORDS.has(kind);

/**
 * Whether a failure is rather shown than the one from before: the first that came from a provider is, because it is about the target
 * that was asked for. Of several of one target it is the latest, as with the official client: its request id and its wait are the
 * current ones. A request that could not be made is shown where no provider has said anything, our own clock where nothing else is there.
 */
export function isRatherShown<Reply>({ target, failure }: Failed<Reply>, before: Failed<Reply> | undefined): boolean {
  if (failure.kind === 'attempt_timeout') return false;
  if (!before) return true;
  const wasSent = before.failure.kind !== 'unsendable';
  return wasSent === (failure.kind !== 'unsendable') ? before.target === target : !wasSent;
}
