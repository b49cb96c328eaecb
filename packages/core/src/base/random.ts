/** A source of numbers in [0, 1), handed in so that the same seed leads to the same trail. */
export type Random = () => number;

/** The platform's own dice; called late, because Workers forbid randomness while a module loads. */
export const systemRandom: Random = () => Math.random();

/**
 * A small seeded generator for tests and simulations; not for secrets.
 * Source: "mulberry32", Tommy Ettinger, public domain.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
