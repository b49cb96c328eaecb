import type { FailureKind } from '../outcome/outcome.js';
import type { TokenUsage } from '../outcome/usage.js';

/** How an attempt ended, for its event. */
export interface AttemptEnded {
  readonly kind: FailureKind | 'ok';
  readonly status: number | undefined;
  readonly message: string;
  readonly durationMs: number;
  readonly usage: TokenUsage | undefined;
  readonly costUSD: number | undefined;
  readonly tags: readonly string[] | undefined;
  /** The name of the key that was used; undefined where there was none to choose. */
  readonly key: string | undefined;
  /** When that was, by the engine's clock. */
  readonly now: number;
}

/** How a call was answered, for its event. */
export interface RequestSucceeded {
  readonly target: string;
  readonly attempts: number;
  readonly durationMs: number;
  readonly rerouted: boolean;
  readonly usage: TokenUsage | undefined;
  readonly costUSD: number | undefined;
}
