import type { Random } from '../base/random.js';
import type { Mark, Permit, Transition } from '../breaker/breaker.js';
import type { Flight } from '../latency/flight.js';
import type { Cooldown } from '../limits/cooldown.js';
import type { FailureKind } from '../outcome/outcome.js';
import { VERDICTS } from '../outcome/verdict.js';
import type { TargetKey } from '../targets/keys.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Target } from '../targets/target.js';

/** The first rest of a rate-limited target that did not say how long; measured: a shorter one sends a fifth more attempts in vain. */
const RATE_LIMIT_FLOOR_MS = 2_000;
/** The first rest of an overloaded target that did not say how long. */
const OVERLOAD_FLOOR_MS = 1_000;

/** What never counts against a target, whatever a tracker says: it was not asked, or its caller left. */
const NOBODYS: ReadonlySet<FailureKind> = new Set(['caller_abort', 'no_target', 'unsendable']);

/** A mistake of the caller's that no status tells of was found before anything was sent. */
const isNobodys = (kind: FailureKind, status: number | undefined): boolean =>
  NOBODYS.has(kind) || (kind === 'caller_error' && status === undefined);

/** What an outcome changed, to be announced by the flow. */
export type Change =
  | { readonly what: 'breaker'; readonly scope: 'target' | 'transport'; readonly transition: Transition }
  | {
      readonly what: 'cooldown';
      readonly cooldown: Cooldown;
      readonly forMs: number;
      readonly key: string | undefined;
    }
  | {
      readonly what: 'quarantine';
      readonly scope: 'credential' | 'target';
      readonly forMs: number;
      readonly reason: string;
      readonly key: string | undefined;
    }
  | { readonly what: 'released'; readonly scope: 'credential' | 'target'; readonly key: string | undefined }
  | { readonly what: 'up' };

/** One thing to learn. */
export interface Lesson {
  readonly target: Target;
  readonly permit: Permit;
  readonly flight: Flight;
  /** The leave of the way to the endpoint. */
  readonly transport: Permit;
  /** The name of the credential that was used. */
  readonly credential: string;
  /** Which of several keys that was; undefined where there was nothing to choose. */
  readonly key: TargetKey | undefined;
  readonly kind: FailureKind | 'ok';
  readonly status: number | undefined;
  /** What a failure was made of, for trackers. */
  readonly error: unknown;
  readonly retryAfterMs: number | undefined;
  /** Whether the same model is still to be asked elsewhere: then it has not failed yet, only this place has. */
  readonly isElsewhere: boolean;
  /** Whether it was capacity that was bought, and is full at the moment. */
  readonly isBackpressure: boolean;
  /** The provider's own word on trying the same target again. */
  readonly repeatable: boolean | undefined;
  /** How long the target took to answer, in milliseconds; of a stream until its first content. */
  readonly durationMs: number;
  /** When the attempt began. */
  readonly startedAt: number;
  readonly now: number;
}

/** Tells the breaker, the cooldown and the quarantines what came back, and answers with what that changed. */
export function learn(registry: TargetRegistry, random: Random, lesson: Lesson): readonly Change[] {
  const { target, permit, kind, now } = lesson;
  const verdict = VERDICTS[kind];
  const changes: Change[] = [];
  // How a target does is measured by the outcome table, whatever the user's breaker counts.
  target.meter.end(lesson.flight, verdict.breaker, now);
  const transition = permit.settle(markOf(lesson), now, lesson);
  if (transition) changes.push({ what: 'breaker', scope: 'target', transition });
  if (transition?.what === 'state' && transition.to === 'closed') target.meter.recovered();
  const ofTransport = lesson.transport.settle(transportMarkOf(lesson), now, lesson);
  if (ofTransport) changes.push({ what: 'breaker', scope: 'transport', transition: ofTransport });
  if (target.health.heard(kind === 'ok', now)) changes.push({ what: 'up' });
  if (kind === 'ok') forgive(registry, lesson, changes);
  // Capacity that was bought and is full for a moment is still the first choice for the next call.
  if (kind !== 'ok' && verdict.rest === 'target' && !lesson.isBackpressure) {
    const isCertain = kind === 'rate_limit';
    const floorMs = isCertain ? RATE_LIMIT_FLOOR_MS : OVERLOAD_FLOOR_MS;
    // A key's rate is its own; what is overloaded is so for all of them.
    const { cooldown } = (verdict.isOfTheKey ? lesson.key : undefined) ?? target;
    const cause = { kind, retryAfterMs: lesson.retryAfterMs, floorMs, isCertain };
    const leftMs = cooldown.leftMs(now);
    const forMs = cooldown.start(cause, now, random);
    const key = verdict.isOfTheKey ? lesson.credential : undefined;
    // Who was in flight with the first that was refused has nothing new to tell.
    if (forMs > leftMs) changes.push({ what: 'cooldown', cooldown, forMs, key });
  }
  // Who says that the very same may be sent again has not refused the key, nor the model.
  const isClosed = verdict.rest === 'credential' || verdict.rest === 'model-at-endpoint';
  if (isClosed && lesson.repeatable !== true) changes.push(...quarantine(registry, lesson));
  return changes;
}

/** What the call says of its target: by the outcome table, or by the user's own word on what counts. */
function markOf({ target, kind, status, error, isElsewhere }: Lesson): Mark {
  if (isElsewhere && kind !== 'ok') return 'ignored';
  if (kind === 'ok' || !target.tracker || isNobodys(kind, status)) return VERDICTS[kind].breaker;
  return target.tracker.counts({ kind, status, error }) ? 'failure' : 'ignored';
}

/** A refused connection speaks against the way to an endpoint, an answer for it, and a caller's own mistake is in nobody's books. */
function transportMarkOf({ kind, status }: Lesson): Mark {
  if (kind === 'connect') return 'failure';
  const isAnswer = kind === 'ok' || (status !== undefined && VERDICTS[kind].breaker === 'failure');
  return isAnswer ? 'success' : 'ignored';
}

function quarantine(registry: TargetRegistry, lesson: Lesson): readonly Change[] {
  const { target, credential, key, kind, retryAfterMs, now } = lesson;
  const reason = kind === 'quota' || kind === 'not_found' ? kind : 'auth';
  const scope = reason === 'not_found' ? 'target' : 'credential';
  const place = scope === 'target' ? (key ?? target).quarantine : registry.credential(credential);
  const forMs = place.start(reason, now, retryAfterMs);
  const name = scope === 'target' ? key?.name : credential;
  return forMs > 0 ? [{ what: 'quarantine', scope, forMs, reason, key: name }] : [];
}

/** An answer proves the key and the model, whatever was believed of them before it was asked for. */
function forgive(registry: TargetRegistry, lesson: Lesson, changes: Change[]): void {
  const { target, credential, key, startedAt, now } = lesson;
  target.cooldown.forgive(startedAt);
  if (target.quarantine.forgive(startedAt, now)) changes.push({ what: 'released', scope: 'target', key: undefined });
  if (key) {
    key.answered(now);
    key.cooldown.forgive(startedAt);
    if (key.quarantine.forgive(startedAt, now)) changes.push({ what: 'released', scope: 'target', key: key.name });
  }
  const ofCredential = registry.knownCredential(credential);
  if (ofCredential?.forgive(startedAt, now)) changes.push({ what: 'released', scope: 'credential', key: credential });
}
