import type { Place } from '../limits/waiting-line.js';

/** No line. */
export const NOWHERE: readonly Place[] = Object.freeze([]);

/** Who may wait in lines. */
interface Waiting {
  places: readonly Place[];
}

/** Waits in these lines from now on, and no more in others. The new places stand before the old ones are left: else others would get by. */
export function waitIn(one: Waiting, places: readonly Place[]): void {
  const before = one.places;
  one.places = places;
  for (const place of before) place.leave();
}

/** Waits in no line any more: it has its room, or needs none. */
export function leaveLines(one: Waiting): void {
  if (one.places !== NOWHERE) waitIn(one, NOWHERE);
}
