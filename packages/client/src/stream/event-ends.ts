const LF = 10;
const CR = 13;

/** Whether bytes end with the end of an event. */
export function endsWithEvent(bytes: Uint8Array): boolean {
  return isEventEnd(bytes, bytes.length - 1);
}

/** Behind which byte the last event ends; 0 where none does. */
export function lastEventEnd(bytes: Uint8Array): number {
  let at = bytes.length - 1;
  while (at > 0 && !isEventEnd(bytes, at)) at -= 1;
  return at > 0 ? at + 1 : 0;
}

/** Behind which bytes the events end; what stands behind the last blank line counts as one. */
export function eventEnds(bytes: Uint8Array): readonly number[] {
  const ends: number[] = [];
  const next = bytes.includes(CR) ? nextByte : nextLineFeed;
  for (let at = next(bytes, 0); at > 0; at = next(bytes, at)) if (isEventEnd(bytes, at)) ends.push(at + 1);
  if ((ends.at(-1) ?? 0) < bytes.length) ends.push(bytes.length);
  return ends;
}

const nextByte = (bytes: Uint8Array, at: number): number => (at + 1 < bytes.length ? at + 1 : -1);
/** Most servers end their lines with nothing else, and the platform finds them many at a time. */
const nextLineFeed = (bytes: Uint8Array, at: number): number => bytes.indexOf(LF, at + 1);

/** Whether an event ends with this byte: a line end behind another. */
function isEventEnd(bytes: Uint8Array, at: number): boolean {
  const last = bytes[at];
  const before = bytes[at - 1];
  if (last === LF) return before === LF || (before === CR && (bytes[at - 2] === LF || bytes[at - 2] === CR));
  return last === CR && before === CR;
}
