import type { BreakerMode } from '../breaker/breaker.js';
import type { WindowStats } from '../breaker/windows.js';
import type { ProbeVerdict } from '../health/health.js';
import type { LimitDimension } from '../limits/limit.js';
import type { FailureKind } from '../outcome/outcome.js';
import type { TokenUsage } from '../outcome/usage.js';
import type { PeriodName } from '../spending/period.js';
import type { AlertStamp } from './alert.js';
import type { AttemptStamp, EventStamp, TargetStamp } from './stamp.js';
import type { StreamEvents } from './stream-events.js';

interface AttemptEnd extends AttemptStamp, Bill {
  readonly durationMs: number;
  /** The tags of the request. */
  readonly tags?: readonly string[] | undefined;
  /** The name of the key that it was sent with, `key#2`; undefined where there was none to choose. */
  readonly key?: string | undefined;
}

interface Bill {
  /** What it used; undefined when it did not tell. */
  readonly usage?: TokenUsage | undefined;
  /** In US dollars; undefined without `usage`, and where the price is not known. */
  readonly costUSD?: number | undefined;
}

interface FailureStamp {
  readonly kind: FailureKind;
  readonly status?: number | undefined;
}

interface BreakerStamp extends EventStamp, TargetStamp {
  /** `transport` for the breaker that stands for all connections to the endpoint. */
  readonly scope: 'target' | 'transport';
  readonly from: string;
  readonly to: string;
  /** What moved it, in words. */
  readonly reason: string;
  readonly stats: WindowStats;
}

interface KeyStamp {
  /** The name of the key that it is about, `key#2`, and never the key; undefined for what is about the target whatever its key. */
  readonly key: string | undefined;
}

interface LimitStamp {
  /** What the limit holds for, in words: `the client`, `the model gpt-4.1`, `seoul/gpt-4.1`. */
  readonly scope: string;
  readonly dimension: LimitDimension;
  /** Milliseconds until there is room; undefined when that is not known. */
  readonly waitMs: number | undefined;
}

/** What is of an endpoint and all its models. */
interface EndpointStamp extends EventStamp {
  readonly endpoint: string;
  readonly region: string | undefined;
}

/** Every event by name, with its payload. Payloads are frozen, JSON-able, and never hold a prompt, an answer or a key. */
export interface RouterEvents extends StreamEvents {
  /** `resource` is what is asked of the model, such as `chat.completions`; undefined for what has no name here. */
  'request.started': EventStamp &
    Readonly<{ model?: string | undefined; streamed: boolean; resource?: string | undefined }>;
  /** A stream is answered at its first content: what it used is in its `attempt.succeeded`. */
  'request.succeeded': EventStamp &
    Bill & {
      readonly target: string;
      readonly attempts: number;
      readonly durationMs: number;
      /** Whether another target than the first choice answered. */
      readonly rerouted: boolean;
    };
  'request.failed': EventStamp & FailureStamp & { readonly attempts: number; readonly durationMs: number };
  'attempt.started': AttemptStamp;
  'attempt.succeeded': AttemptEnd & { readonly status?: number | undefined };
  'attempt.failed': AttemptEnd & FailureStamp & { readonly message: string };
  'attempt.abandoned': AttemptEnd & FailureStamp;
  /** The call goes on to another target, because of `kind`. */
  failover: EventStamp &
    FailureStamp & {
      readonly from: string;
      readonly to: string;
      readonly attempt: number;
      /** Milliseconds since the call began. */
      readonly elapsedMs: number;
    };
  /** The same target is asked again after `delayMs`, or with another of its keys. */
  retry: AttemptStamp &
    FailureStamp & {
      readonly delayMs: number;
      /** The name of the key that it is asked with; only where there is one to choose. */
      readonly key?: string;
    };
  'target.skipped': EventStamp &
    TargetStamp & {
      readonly reason: 'breaker' | 'cooldown' | 'quarantine' | 'health' | 'limit';
      readonly leftMs: number | undefined;
    };
  'breaker.opened': BreakerStamp & { readonly openForMs: number; readonly level: number };
  'breaker.half-opened': BreakerStamp;
  'breaker.closed': BreakerStamp;
  /** An observing breaker would have opened now, and has not. */
  'breaker.would-open': BreakerStamp & { readonly level: number };
  /** Somebody has set another mode by hand. */
  'breaker.mode-changed': BreakerStamp & { readonly mode: BreakerMode };
  /** A call passed the target over because its breaker is open; without `leftMs` it is open until somebody closes it. */
  'breaker.rejected': EventStamp & TargetStamp & { readonly leftMs: number | undefined };
  'cooldown.started': EventStamp & TargetStamp & FailureStamp & KeyStamp & { readonly forMs: number };
  /**
   * The rest is over. No timer waits for that: the next call that is sent finds out, or a look at the status, so that it may have been over for
   * `overForMs` already. No single call did it.
   */
  'cooldown.ended': EventStamp & TargetStamp & FailureStamp & KeyStamp & { readonly overForMs: number };
  'quarantine.started': EventStamp &
    TargetStamp &
    KeyStamp & { readonly scope: 'credential' | 'target'; readonly reason: string; readonly forMs: number };
  'quarantine.ended': EventStamp & TargetStamp & KeyStamp & { readonly scope: 'credential' | 'target' };
  /** So many failed probes in a row: the endpoint is passed over while there is somebody else. */
  'health.down': EndpointStamp & { readonly probes: number };
  /** The endpoint is asked as before: good probes, or a call that was answered there. */
  'health.up': EndpointStamp & { readonly because: 'probes' | 'call' };
  'health.probed': EndpointStamp & {
    readonly verdict: ProbeVerdict;
    readonly status: number | undefined;
    /** Why it is not well, in words. */
    readonly message: string | undefined;
    /** Milliseconds until the first byte of the answer; absent for a probe of the user's own. */
    readonly roundTripMs: number | undefined;
    readonly durationMs: number;
  };
  /** A call waits for room in a limit. */
  'limit.waiting': EventStamp & TargetStamp & LimitStamp;
  /** A call failed for want of room in a limit. */
  'limit.rejected': EventStamp & TargetStamp & LimitStamp;
  /** An answer told of a limit that was not known before, or has changed. */
  'limit.learned': EventStamp &
    TargetStamp & {
      /** The new numbers, by dimension; absent for what is not limited as far as is known. */
      readonly limits: Readonly<Partial<Record<LimitDimension, number>>>;
    };
  /** The budget of retries (`router.retries.budget`) is empty; nothing about money. */
  'budget.exhausted': EventStamp & { readonly target: string };
  /** The money of `router.budget` for a day or a month is spent; told once for each. */
  'budget.exceeded': EventStamp & {
    readonly period: PeriodName;
    readonly limitUSD: number;
    readonly spentUSD: number;
  };
  /** All that could answer for the model that was asked for are resting, and `target` is asked all the same; told once until it is left. */
  'panic.entered': EventStamp & { readonly model: string; readonly target: string };
  /** A call for the model has found a target that may be asked; the panic has lasted for `forMs`. */
  'panic.left': EventStamp & { readonly model: string; readonly target: string; readonly forMs: number };
  /** A second target is asked beside one that keeps the call waiting. */
  'hedge.sent': EventStamp & { readonly from: string; readonly to: string; readonly delayMs: number };
  /** The second target answered first. */
  'hedge.won': EventStamp & { readonly from: string; readonly to: string };
  /** The first target answered first after all, or the second failed. */
  'hedge.lost': EventStamp & { readonly from: string; readonly to: string };
  /** A call would have been hedged, but nobody else is well enough, or the budget is spent. */
  'hedge.denied': EventStamp & { readonly from: string; readonly reason: 'no target' | 'budget' };
  'lastresort.used': EventStamp & FailureStamp;
  /** Something is wrong that a person should know of, or is no more: told by the rules of `router.alerts`. */
  alert: EventStamp & AlertStamp;
  /** A listener threw or rejected; that changed nothing. */
  'listener.failed': EventStamp & { readonly event: string; readonly message: string };
}

/** The name of an event. */
export type EventName = keyof RouterEvents;

/** The names once more, for the run: one that is missing here, or is no event, does not compile. */
const NAMES: Readonly<Record<EventName, true>> = {
  'request.started': true,
  'request.succeeded': true,
  'request.failed': true,
  'attempt.started': true,
  'attempt.succeeded': true,
  'attempt.failed': true,
  'attempt.abandoned': true,
  failover: true,
  retry: true,
  'target.skipped': true,
  'breaker.opened': true,
  'breaker.half-opened': true,
  'breaker.closed': true,
  'breaker.would-open': true,
  'breaker.mode-changed': true,
  'breaker.rejected': true,
  'cooldown.started': true,
  'cooldown.ended': true,
  'quarantine.started': true,
  'quarantine.ended': true,
  'health.down': true,
  'health.up': true,
  'health.probed': true,
  'limit.waiting': true,
  'limit.rejected': true,
  'limit.learned': true,
  'budget.exhausted': true,
  'budget.exceeded': true,
  'panic.entered': true,
  'panic.left': true,
  'stream.committed': true,
  'stream.broken': true,
  'stream.malformed': true,
  'stream.ended': true,
  'stream.stalled': true,
  'stream.rescued': true,
  'stream.restarted': true,
  'hedge.sent': true,
  'hedge.won': true,
  'hedge.lost': true,
  'hedge.denied': true,
  'lastresort.used': true,
  alert: true,
  'listener.failed': true,
};

/** The name of every event there is. */
export const EVENT_NAMES = Object.freeze(Object.keys(NAMES)) as readonly EventName[];
