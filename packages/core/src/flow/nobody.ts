import type { Failure } from '../outcome/outcome.js';
import { toldMs } from '../targets/target.js';
import type { Call } from './call.js';
import type { PassedOver } from './step.js';

/** The failure of a call for which nobody could be asked: who was passed over and why, or that nobody serves its model. */
export function nobody({ model, endpoint }: Call<unknown>, skipped: readonly PassedOver[]): Failure<never> {
  if (skipped.length === 0) {
    const place = endpoint === undefined ? 'no endpoint serves' : `endpoint "${endpoint}" does not serve`;
    return { kind: 'no_target', message: `${place} the model "${model ?? ''}"` };
  }
  const message = `every target is resting: ${skipped.map(restOf).join(', ')}`;
  const soonest = toldMs(Math.min(...skipped.map((skip) => skip.leftMs)));
  return { kind: 'no_target', message, ...(soonest !== undefined && { retryAfterMs: soonest }) };
}

function restOf({ target, reason, because, leftMs }: PassedOver): string {
  const ms = toldMs(leftMs);
  const left = ms === undefined ? 'until somebody closes it' : `${ms} ms left`;
  return `${target.id} (${reason}${because ? ` after ${because}` : ''}, ${left})`;
}
