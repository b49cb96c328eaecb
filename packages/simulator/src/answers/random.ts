/** A source of numbers in [0, 1). */
export type Random = () => number;

/**
 * A number in [0, 2^32) that stands for a text.
 * Source: "FNV-1a", Fowler, Noll and Vo, 32 bits.
 */
function fingerprint(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  return state >>> 0;
}

/**
 * A generator that is the same for the same seed and the same texts; not for secrets.
 * Source: "splitmix32", a 32-bit form of Steele, Lea and Flood's SplitMix (2014).
 */
export function randomOf(seed: number, ...texts: string[]): Random {
  // Without a separator between the texts, ('ab', 'c') and ('a', 'bc') would draw the same numbers.
  let state = fingerprint([seed, ...texts].join('\u0000'));
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
  };
}

/** A whole number from `low` to `high`, both included. */
export function drawInteger(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}
