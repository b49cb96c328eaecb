import { durationText } from '../base/duration.js';
import type { ExplainedReason, ExplainedTarget } from './explanation.js';
import { percentText } from './explanation-words.js';

/** What there is to say of a target besides its numbers. */
export function notesOf({ reasons, share, isTrial, isProbe, afterMs, order }: ExplainedTarget): string[] {
  const notes = reasons.map(reasonText);
  if (order !== undefined && reasons.length > 0)
    notes.push(afterMs ? `waited for: ${durationText(afterMs)}` : 'asked all the same');
  if (share < 1) notes.push(`slow start: ${percentText(share)} of its calls`);
  if (isTrial && reasons.length === 0)
    notes.push('failed, and was not asked for a while: that counts for nothing in the next call');
  if (isProbe) notes.push('its next call is a probe of its breaker');
  return notes;
}

function reasonText(reason: ExplainedReason): string {
  const { leftMs } = reason;
  if (reason.reason === 'limit')
    return `no room: ${what(reason)}${leftMs === undefined ? '' : `, ${durationText(leftMs)} left`}`;
  const left = leftMs === undefined ? 'until somebody closes it' : `${durationText(leftMs)} left`;
  return `${what(reason)}, ${left}`;
}

function what({ reason, scope, state, because }: ExplainedReason): string {
  if (reason === 'health') return 'its probes fail';
  if (reason === 'limit') return because ?? '';
  if (reason === 'cooldown') return 'cooling down';
  if (reason === 'quarantine') return `quarantined (${because})`;
  const breaker = scope === 'transport' ? 'breaker of its connections' : 'breaker';
  return state === 'open' ? `${breaker} open` : `${breaker} half-open, its probes are out`;
}
