import { durationText } from '../base/duration.js';
import type { Shortage } from '../limits/target-limits.js';
import type { Failure } from '../outcome/outcome.js';
import { toldMs } from '../targets/target.js';
import type { Announcer } from './announce.js';
import type { Call, Skipped } from './call.js';
import type { Plan } from './plan.js';
import type { PassedOver } from './step.js';

/** The failure of a call for which nobody could be asked: who was passed over and why, or that nobody serves its model. */
export function nobody(
  { model, endpoint }: Call<unknown>,
  { skipped, turnedAway }: Pick<Plan, 'skipped' | 'turnedAway'>,
): Failure<never> {
  if (skipped.length === 0) {
    const place = endpoint === undefined ? 'no endpoint serves' : `endpoint "${endpoint}" does not serve`;
    return { kind: 'no_target', message: `${place} the model "${model ?? ''}"` };
  }
  const full = skipped.filter(({ reason }) => reason === 'limit');
  // Whoever was turned away for want of room is told so, whatever keeps others away.
  if (full.length === skipped.length || (turnedAway && full.length > 0)) return noRoom(full, skipped);
  const message = `every target is resting: ${skipped.map(restOf).join(', ')}`;
  const soonest = toldMs(Math.min(...skipped.map((skip) => skip.leftMs)));
  return { kind: 'no_target', message, ...(soonest !== undefined && { retryAfterMs: soonest }) };
}

/** A target that was passed over, as users are told of it. */
export function toldOf({ target, reason, because, leftMs, shortage }: PassedOver): Skipped {
  const why = because === undefined ? { reason } : { reason, because };
  return { target: target.id, ...why, ...(shortage && { limit: limitOf(shortage) }), leftMs: toldMs(leftMs) };
}

/** Of a limit of tokens it is told how many were wanted: most of them are for an answer that nobody has seen yet. */
function limitOf({ limiter, dimension, demand }: Shortage): NonNullable<Skipped['limit']> {
  const limit = { scope: limiter.scope, dimension };
  if (dimension !== 'tokensPerMinute' && dimension !== 'tokensPerDay') return limit;
  const { tokens, answerTokens } = demand;
  return { ...limit, tokens, ...(answerTokens !== undefined && { answerTokens }) };
}

/** Announces that a call failed for want of room. */
export function reportNoRoom({ plan, announce }: { plan: Plan; announce: Announcer }): void {
  const all = plan.skipped.filter(({ shortage }) => shortage !== undefined);
  const full = all.find(({ target }) => target === plan.turnedAway) ?? all[0];
  if (full?.shortage) announce.limitRejected(full.target, full.shortage);
}

/** The failure of a call that limits stand in the way of. It may come back when any of those that were passed over is. */
function noRoom(full: readonly PassedOver[], skipped: readonly PassedOver[]): Failure<never> {
  const places = new Set(
    full.map(({ target, shortage }) => {
      return `${shortage?.limiter.scope ?? target.id} (${shortage?.dimension ?? 'limit'})`;
    }),
  );
  const message = `no room in the limits of ${[...places].join(', ')}`;
  const soonest = toldMs(Math.min(...skipped.map(({ leftMs }) => leftMs)));
  return { kind: 'limit_exceeded', message, ...(soonest !== undefined && { retryAfterMs: soonest }) };
}

function restOf({ target, reason, because, leftMs, shortage }: PassedOver): string {
  const ms = toldMs(leftMs);
  if (shortage)
    return `${target.id} (no room in ${shortage.limiter.scope}${ms === undefined ? '' : `, ${durationText(ms)} left`})`;
  const left = ms === undefined ? 'until somebody closes it' : `${durationText(ms)} left`;
  const why = because ? `${reason === 'breaker' ? ':' : ' after'} ${because}` : '';
  return `${target.id} (${reason}${why}, ${left})`;
}
