import type { Failure, FailureKind } from './outcome.js';

/** What a failure means: whose fault it was, who has to rest for it, and what may be tried next. */
export interface Verdict {
  /** What the target's breaker is told. `ignored` is neither good nor bad: it says nothing about the target's health. */
  readonly breaker: 'success' | 'failure' | 'ignored';
  /**
   * When the same target may be asked again within one call: `never`; `once` before a different model is tried; `rested`, when
   * its cooldown is over; `last`, when nothing untried is left. All but `never` end at `maxRetries`.
   */
  readonly repeat: 'never' | 'once' | 'rested' | 'last';
  /** Where the call may go on to: any other target, one with another credential, another model, a model named for it, nowhere. */
  readonly next: 'anywhere' | 'other-credential' | 'other-model' | 'named' | 'never';
  /** Who rests: nobody, the target for a while (cooldown), the credential or the target until something changes (quarantine). */
  readonly rest: 'nobody' | 'target' | 'credential' | 'model-at-endpoint';
  /** Whether the provider may have done (and billed) the work; a failover after such work is charged to the retry budget. */
  readonly executed: 'yes' | 'maybe' | 'no';
  /** Whether it may be about the key that was used: then another key of the same endpoint may do better, and is asked at once. @default false */
  readonly isOfTheKey?: boolean;
}

const nobodysFault = { breaker: 'ignored', repeat: 'never', rest: 'nobody', executed: 'no' } as const;
const targetsFault = { breaker: 'failure', next: 'anywhere', rest: 'nobody', executed: 'maybe' } as const;

/**
 * The outcome table: the single place that says what each kind of failure means. Rate limits, dead keys and the caller's own
 * mistakes never count against a target's health: breakers that count them open for everybody because of one caller.
 */
export const VERDICTS: Readonly<Record<FailureKind | 'ok', Verdict>> = Object.freeze({
  ok: { breaker: 'success', repeat: 'never', next: 'never', rest: 'nobody', executed: 'yes' },
  caller_abort: { ...nobodysFault, next: 'never', executed: 'maybe' },
  caller_error: { ...nobodysFault, next: 'never' },
  no_target: { ...nobodysFault, next: 'never' },
  // A limit of the user's own, or one that is known: nothing was sent.
  limit_exceeded: { ...nobodysFault, next: 'never' },
  // The request could not even be made for this target (its key function failed, say); for another one it may.
  unsendable: { ...nobodysFault, next: 'anywhere', isOfTheKey: true },
  // Silence is not asked twice: the second silence would cost as much as the first.
  attempt_timeout: { ...targetsFault, repeat: 'never' },
  connect: { ...targetsFault, repeat: 'last', executed: 'no' },
  reset: { ...targetsFault, repeat: 'once' },
  server_error: { ...targetsFault, repeat: 'once' },
  overloaded: { ...targetsFault, repeat: 'last', rest: 'target', executed: 'no' },
  request_timeout: { ...targetsFault, repeat: 'once' },
  malformed: { ...targetsFault, repeat: 'never', executed: 'yes' },
  stream_error_early: { ...targetsFault, repeat: 'once' },
  stream_error_late: { ...targetsFault, repeat: 'never', next: 'never', executed: 'yes' },
  rate_limit: { ...nobodysFault, repeat: 'rested', next: 'anywhere', rest: 'target', isOfTheKey: true },
  quota: { ...nobodysFault, next: 'other-credential', rest: 'credential', isOfTheKey: true },
  auth: { ...nobodysFault, next: 'other-credential', rest: 'credential', isOfTheKey: true },
  not_found: { ...nobodysFault, next: 'anywhere', rest: 'model-at-endpoint', isOfTheKey: true },
  // It is the address that is not there, or not for this key or from here: what else the target serves is not touched by that.
  not_served: { ...nobodysFault, next: 'anywhere', isOfTheKey: true },
  // The same model has the same window everywhere, so only another model can help.
  context_window: { ...nobodysFault, next: 'other-model' },
  // Routing around a safety system is the caller's decision: only to a model named for exactly that.
  content_policy: { ...nobodysFault, next: 'named', executed: 'yes' },
  conflict: { ...nobodysFault, repeat: 'once', next: 'anywhere', executed: 'maybe' },
});

/**
 * Whether a failure may be about the key that was used, and not about the place where it was. What was bought, and is full, is full for every
 * key.
 */
export function isKeysFault({ kind, limitedBy }: Pick<Failure<unknown>, 'kind' | 'limitedBy'>): boolean {
  return VERDICTS[kind].isOfTheKey === true && limitedBy?.isProvisioned !== true;
}
