import type { Breaker } from '../breaker/breaker.js';
import type { TargetRegistry } from '../targets/registry.js';
import { type Target, toldMs } from '../targets/target.js';
import type { ExplainedReason } from './explanation.js';
import type { Obstacles } from './obstacles.js';

/** Everything that speaks against asking a target now, and not only what lasts longest. Changes nothing. */
export function reasonsAgainst(
  target: Target,
  { registry, obstacles, now }: { registry: TargetRegistry; obstacles: Obstacles; now: number },
): readonly ExplainedReason[] {
  const reasons: ExplainedReason[] = [];
  const key = obstacles.keyAt(target, now);
  const ofCredential = registry.knownCredential(obstacles.credentialAt(target, now));
  for (const quarantine of [target.quarantine, key?.quarantine, ofCredential]) {
    const leftMs = quarantine?.leftMs(now) ?? 0;
    if (quarantine && leftMs > 0)
      reasons.push({ reason: 'quarantine', because: quarantine.reason, leftMs: toldMs(leftMs) });
  }
  for (const scope of ['target', 'transport'] as const) {
    const breaker = scope === 'target' ? target.breaker : target.transport;
    if (breaker.peek(now) === 'rejected') reasons.push({ reason: 'breaker', scope, ...rejection(breaker, now) });
  }
  const coolingMs = obstacles.cooldownAt(target, now).leftMs(now);
  if (coolingMs > 0) reasons.push({ reason: 'cooldown', leftMs: toldMs(coolingMs) });
  const limit = obstacles.limit(target, now);
  if (limit?.shortage) {
    const { limiter, dimension } = limit.shortage;
    reasons.push({ reason: 'limit', because: `${dimension} of ${limiter.scope}`, leftMs: toldMs(limit.leftMs) });
  }
  const sickness = target.sickness(now);
  if (sickness) reasons.push({ reason: 'health', leftMs: toldMs(sickness.leftMs) });
  return reasons;
}

function rejection(breaker: Breaker, now: number): Pick<ExplainedReason, 'state' | 'leftMs'> {
  const state = breaker.snapshot(now).state === 'half-open' ? 'half-open' : 'open';
  return { state, leftMs: toldMs(breaker.retryAfterMs(now)) };
}
