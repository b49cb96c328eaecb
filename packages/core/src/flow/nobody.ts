import type { Failure } from '../outcome/outcome.js';
import { toldMs } from '../targets/target.js';
import type { Announcer } from './announce.js';
import type { Call, Skipped } from './call.js';
import type { Plan } from './plan.js';
import type { PassedOver } from './step.js';

/** The failure of a call for which nobody could be asked: who was passed over and why, or that nobody serves its model. */
export function nobody({ model, endpoint }: Call<unknown>, skipped: readonly PassedOver[]): Failure<never> {
  if (skipped.length === 0) {
    const place = endpoint === undefined ? 'no endpoint serves' : `endpoint "${endpoint}" does not serve`;
    return { kind: 'no_target', message: `${place} the model "${model ?? ''}"` };
  }
  if (skipped.every(({ reason }) => reason === 'limit')) return noRoom(skipped);
  const message = `every target is resting: ${skipped.map(restOf).join(', ')}`;
  const soonest = toldMs(Math.min(...skipped.map((skip) => skip.leftMs)));
  return { kind: 'no_target', message, ...(soonest !== undefined && { retryAfterMs: soonest }) };
}

/** A target that was passed over, as users are told of it. */
export function toldOf({ target, reason, because, leftMs, shortage }: PassedOver): Skipped {
  const why = because === undefined ? { reason } : { reason, because };
  const limit = shortage && { scope: shortage.limiter.scope, dimension: shortage.dimension };
  return { target: target.id, ...why, ...(limit && { limit }), leftMs: toldMs(leftMs) };
}

/** Announces that a call failed for want of room. */
export function reportNoRoom({ plan, announce }: { plan: Pick<Plan, 'skipped'>; announce: Announcer }): void {
  const full = plan.skipped.find(({ shortage }) => shortage !== undefined);
  if (full?.shortage) announce.limitRejected(full.target, full.shortage);
}

/** The failure of a call that only limits stand in the way of. */
function noRoom(skipped: readonly PassedOver[]): Failure<never> {
  const places = new Set(
    skipped.map(({ target, shortage }) => {
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
    return `${target.id} (no room in ${shortage.limiter.scope}${ms === undefined ? '' : `, ${ms} ms left`})`;
  const left = ms === undefined ? 'until somebody closes it' : `${ms} ms left`;
  return `${target.id} (${reason}${because ? ` after ${because}` : ''}, ${left})`;
}
