import type { Random } from '../base/random.js';
import type { Permit, Transition } from '../breaker/breaker.js';
import type { FailureKind } from '../outcome/outcome.js';
import { VERDICTS } from '../outcome/verdict.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Target } from '../targets/target.js';

/** The first rest of a rate-limited target that did not say how long; measured: a shorter one sends a fifth more attempts in vain. */
const RATE_LIMIT_FLOOR_MS = 2_000;
/** The first rest of an overloaded target that did not say how long. */
const OVERLOAD_FLOOR_MS = 1_000;

/** What an outcome changed, to be announced by the flow. */
export type Change =
  | { readonly what: 'breaker'; readonly transition: Transition }
  | { readonly what: 'cooldown'; readonly forMs: number }
  | {
      readonly what: 'quarantine';
      readonly scope: 'credential' | 'target';
      readonly forMs: number;
      readonly reason: string;
    }
  | { readonly what: 'released'; readonly scope: 'credential' | 'target' };

/** One thing to learn. */
export interface Lesson {
  readonly target: Target;
  readonly permit: Permit;
  /** The name of the credential that was used. */
  readonly credential: string;
  readonly kind: FailureKind | 'ok';
  readonly retryAfterMs: number | undefined;
  readonly now: number;
}

/** Tells the breaker, the cooldown and the quarantines what came back, and answers with what that changed. */
export function learn(registry: TargetRegistry, random: Random, lesson: Lesson): readonly Change[] {
  const { target, permit, kind, now } = lesson;
  const verdict = VERDICTS[kind];
  const changes: Change[] = [];
  const transition = permit.settle(verdict.breaker, now);
  if (transition) changes.push({ what: 'breaker', transition });
  if (kind === 'ok') forgive(registry, lesson, changes);
  if (verdict.rest === 'target') {
    const isCertain = kind === 'rate_limit';
    const floorMs = isCertain ? RATE_LIMIT_FLOOR_MS : OVERLOAD_FLOOR_MS;
    const forMs = target.cooldown.start({ retryAfterMs: lesson.retryAfterMs, floorMs, isCertain }, now, random);
    changes.push({ what: 'cooldown', forMs });
  }
  if (verdict.rest === 'credential' || verdict.rest === 'model-at-endpoint')
    changes.push(...quarantine(registry, lesson));
  return changes;
}

function quarantine(registry: TargetRegistry, { target, credential, kind, now }: Lesson): readonly Change[] {
  const reason = kind === 'quota' || kind === 'not_found' ? kind : 'auth';
  const scope = reason === 'not_found' ? 'target' : 'credential';
  const place = scope === 'target' ? target.quarantine : registry.credential(credential);
  const forMs = place.start(reason, now);
  return forMs > 0 ? [{ what: 'quarantine', scope, forMs, reason }] : [];
}

/** An answer proves the key and the model, whatever was believed of them. */
function forgive(registry: TargetRegistry, { target, credential }: Lesson, changes: Change[]): void {
  target.cooldown.forgive();
  const places = [
    { scope: 'target', quarantine: target.quarantine },
    { scope: 'credential', quarantine: registry.knownCredential(credential) },
  ] as const;
  for (const { scope, quarantine } of places) {
    if (!quarantine?.reason) continue;
    quarantine.end();
    changes.push({ what: 'released', scope });
  }
}
