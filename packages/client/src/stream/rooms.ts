const KB = 1024;
/** The sizes of rooms, in bytes: doubled, an answer of 60 KB would be copied twice as often. */
const SIZES = [4 * KB, 16 * KB, 64 * KB] as const;
/** So many rooms of a size wait for the next stream: 1.3 MB in all. */
const MOST_WAITING = 16;

const waiting = SIZES.map((): Uint8Array<ArrayBuffer>[] => []);

/**
 * Room for so many bytes, and with more in it than that. Rooms are lent again and again: to clear 84 KB for each answer, and to collect
 * it, takes longer than everything else that is done for its chunks.
 */
export function takeRoom(atLeast: number): Uint8Array<ArrayBuffer> {
  const size = SIZES.findIndex((room) => room >= atLeast);
  return waiting[size]?.pop() ?? new Uint8Array(SIZES[size] ?? atLeast);
}

/** Gives a room back. Whoever gives it must hold it alone, and not look into it again. */
export function giveRoom(room: Uint8Array<ArrayBuffer>): void {
  const others = waiting[SIZES.indexOf(room.byteLength as (typeof SIZES)[number])];
  if (others && others.length < MOST_WAITING) others.push(room);
}
