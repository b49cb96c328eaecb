/** A stretch of time, in milliseconds since the Unix epoch; `until` is the first moment that is no more in it. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

const DAY_MS = 86_400_000;

/** The day of UTC that a moment lies in. */
export function dayOf(wall: number): Stretch {
  const from = Math.floor(wall / DAY_MS) * DAY_MS;
  return { from, until: from + DAY_MS };
}

/** The month of UTC that a moment lies in. */
export function monthOf(wall: number): Stretch {
  const date = new Date(wall);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  return { from: Date.UTC(year, month, 1), until: Date.UTC(year, month + 1, 1) };
}

/** A moment as people and machines read it: `2026-11-22T01:20:03Z`. */
export const isoText = (wall: number): string => new Date(wall).toISOString().replace(/\.\d+Z$/, 'Z');
