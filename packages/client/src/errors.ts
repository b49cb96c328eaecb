import type { Route, Skipped } from '@breakwater/core';
import { APIConnectionError, APIConnectionTimeoutError, OpenAIError, RateLimitError } from 'openai';

/** Marks our errors across copies of the package (ESM and CJS, two versions), where `instanceof` fails. */
const BRAND = Symbol.for('breakwater.error');

const isBranded = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && (error as { [BRAND]?: unknown })[BRAND] === code;

function brand(error: object, code: string): void {
  Object.defineProperty(error, BRAND, { value: code });
}

/** Options that cannot be used. It lists every fault, one line each. */
export class OptionsError extends OpenAIError {
  readonly code = 'BREAKWATER_OPTIONS';
  /** One line for each fault: the option, what it must be, and what it is. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `${faults.length === 1 ? 'An option cannot be used' : `${faults.length} options cannot be used`}:\n  ${faults.join('\n  ')}`,
    );
    this.name = 'OptionsError';
    this.faults = faults;
    brand(this, this.code);
  }
}

/** What the errors about routing tell besides their message. */
export interface RoutingErrorParts {
  readonly route: Route;
  readonly skipped: readonly Skipped[];
  readonly retryAfterMs?: number | undefined;
}

/** Nobody could be asked: every target is resting, or none serves the model. Nothing was sent. */
export class NoTargetError extends APIConnectionError {
  override readonly code = 'BREAKWATER_NO_TARGET';
  /** Milliseconds until the first of the targets may be asked again; undefined when none serves the model, or only somebody's hand closes their breakers. */
  readonly retryAfterMs: number | undefined;
  readonly attempts: Route['attempts'];
  /** Each target that was passed over, with the reason. */
  readonly skipped: readonly Skipped[];

  constructor(message: string, { route, skipped, retryAfterMs }: RoutingErrorParts) {
    super({ message });
    this.name = 'NoTargetError';
    this.retryAfterMs = retryAfterMs;
    this.attempts = route.attempts;
    this.skipped = skipped;
    brand(this, this.code);
  }
}

/** The last attempt took longer than its limit (`router.timeouts`, or a share of `timeout`), and there was nowhere left to go. */
export class AttemptTimeoutError extends APIConnectionTimeoutError {
  override readonly code = 'BREAKWATER_ATTEMPT_TIMEOUT';
  readonly target: string | undefined;

  constructor(message: string, { route }: Pick<RoutingErrorParts, 'route'>) {
    super({ message });
    this.name = 'AttemptTimeoutError';
    this.target = route.target;
    brand(this, this.code);
  }
}

/** There was no room in a limit, the user's own or one that is known of the provider's; nothing was sent. */
export class LimitExceededError extends RateLimitError {
  override readonly code = 'BREAKWATER_LIMIT_EXCEEDED';
  /** Milliseconds until there is room; undefined when that is not known. */
  readonly retryAfterMs: number | undefined;
  /** The targets without room, and which limit it is at each. */
  readonly skipped: readonly Skipped[];

  constructor(
    message: string,
    { retryAfterMs, skipped }: { retryAfterMs: number | undefined; skipped: readonly Skipped[] },
  ) {
    super(429, undefined, message, new Headers());
    this.name = 'LimitExceededError';
    this.retryAfterMs = retryAfterMs;
    this.skipped = skipped;
    brand(this, this.code);
  }
}

/** What had arrived of an answer when its stream broke. */
export interface PartialAnswer {
  /** The text of the first choice so far. */
  readonly text: string;
  /** Every event so far, parsed; the oldest are missing when the stream was longer than a megabyte. */
  readonly events: readonly unknown[];
  /** Whether its beginning is missing: of a stream no more than the last megabyte of events is kept. @default false */
  readonly isAbridged?: boolean;
}

/** A stream ended before its answer did. What had arrived is in `partial`; it must not be taken for the whole answer. */
export class StreamInterruptedError extends APIConnectionError {
  override readonly code = 'BREAKWATER_STREAM_INTERRUPTED';
  readonly target: string;
  /** Not enumerable: an error that is logged or turned to JSON must not tell the answer. */
  declare readonly partial: PartialAnswer;
  /** Why it ended, in the words of the message. Not enumerable, for they stand there. */
  declare readonly reason: string;

  constructor(parts: { target: string; reason: string; partial: PartialAnswer; cause?: unknown }) {
    const arrived = parts.partial.isAbridged ? 'The last megabyte of what had arrived' : 'What had arrived';
    const message = `${parts.target}: the stream ended before the answer did (${parts.reason}). ${arrived} is in error.partial.`;
    super({ message, cause: parts.cause instanceof Error ? parts.cause : undefined });
    this.name = 'StreamInterruptedError';
    this.target = parts.target;
    Object.defineProperty(this, 'partial', { value: parts.partial });
    Object.defineProperty(this, 'reason', { value: parts.reason });
    brand(this, this.code);
  }
}

/** Whether an error is an {@link OptionsError}, also one of another copy of the package. */
export const isOptionsError = (error: unknown): error is OptionsError => isBranded(error, 'BREAKWATER_OPTIONS');
/** Whether an error is a {@link NoTargetError}, also one of another copy of the package. */
export const isNoTargetError = (error: unknown): error is NoTargetError => isBranded(error, 'BREAKWATER_NO_TARGET');
/** Whether an error is an {@link AttemptTimeoutError}, also one of another copy of the package. */
export const isAttemptTimeoutError = (error: unknown): error is AttemptTimeoutError =>
  isBranded(error, 'BREAKWATER_ATTEMPT_TIMEOUT');
/** Whether an error is a {@link LimitExceededError}, also one of another copy of the package. */
export const isLimitExceededError = (error: unknown): error is LimitExceededError =>
  isBranded(error, 'BREAKWATER_LIMIT_EXCEEDED');
/** Whether an error is a {@link StreamInterruptedError}, also one of another copy of the package. */
export const isStreamInterruptedError = (error: unknown): error is StreamInterruptedError =>
  isBranded(error, 'BREAKWATER_STREAM_INTERRUPTED');
