import type { State } from './states.js';

/** Whole milliseconds until an instant, 0 when it is past; for what never comes the largest number that JSON can hold exactly. */
export const leftMs = (until: number, now: number): number =>
  Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.ceil(until - now)));

/** When a wait is over. One that reads as endless is endless: counted down, it would read as a number of milliseconds a moment later. */
export const endOf = (openForMs: number, now: number): number =>
  openForMs >= Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : now + openForMs;

/** A wait that nobody asked for may be shortened from its beginning; an endless one is somebody's to end. */
export const firmEnd = (until: number, now: number): number => (until === Number.POSITIVE_INFINITY ? until : now);

/** A provider that asks for more than a day is asked again the next day all the same. */
const LONGEST_ASKED_MS = 24 * 60 * 60_000;

/** How long a provider asked to be left alone. NaN is no wait: it would never be over. */
export const firmMsOf = (retryAfterMs: number | undefined): number =>
  Math.min(LONGEST_ASKED_MS, Math.max(0, retryAfterMs || 0));

/** Whether nobody but the breaker itself wants its calls refused. */
export const mayBePassed = (state: State, now: number): boolean =>
  state.state === 'open' ? now >= state.firmUntil : state.state !== 'forced-open';

/** A call with nowhere else to go may try an open breaker when it has been open for so long, in milliseconds. */
const CAREFUL_EVERY_MS = 1_000;
/** … and looks again after so long while a probe is under way. */
const PROBE_LOOK_MS = 100;

/** Milliseconds until a call that has nowhere else to go may ask, of a state that others may ask in `retryAfterMs`. */
export function carefulInMs(state: State, retryAfterMs: number, now: number): number {
  if (state.state === 'half-open') return Math.min(PROBE_LOOK_MS, retryAfterMs);
  if (state.state !== 'open') return retryAfterMs;
  return Math.min(retryAfterMs, leftMs(Math.max(state.firmUntil, state.since + CAREFUL_EVERY_MS), now));
}
