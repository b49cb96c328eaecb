const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A length of time for people: two or three digits and a unit, such as `80 ms`, `4.2 s`, `10 min`. Every message for people tells times
 * so; what programs read keeps its milliseconds.
 */
export function durationText(ms: number): string {
  if (ms >= Number.MAX_SAFE_INTEGER) return 'as long as nobody changes it';
  if (ms >= 2 * DAY) return `${Math.round(ms / DAY)} days`;
  if (ms >= 2 * HOUR) return `${Math.round(ms / HOUR)} h`;
  if (ms >= 2 * MINUTE) return `${Math.round(ms / MINUTE)} min`;
  if (ms >= 10 * SECOND) return `${Math.round(ms / SECOND)} s`;
  // What would be rounded to a whole second is told as one.
  if (ms >= SECOND - 0.5) return `${Number((ms / SECOND).toFixed(1))} s`;
  return `${ms >= 10 ? Math.round(ms) : Number(ms.toPrecision(2))} ms`;
}
