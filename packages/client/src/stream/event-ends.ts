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

/** Behind which byte the next event ends; the end of all where none does. */
export function nextEventEnd(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < bytes.length && !isEventEnd(bytes, at)) at += 1;
  return Math.min(at + 1, bytes.length);
}

/** Whether an event ends with this byte: a line end behind another. */
function isEventEnd(bytes: Uint8Array, at: number): boolean {
  const last = bytes[at];
  const before = bytes[at - 1];
  if (last === LF) return before === LF || (before === CR && (bytes[at - 2] === LF || bytes[at - 2] === CR));
  return last === CR && before === CR;
}
