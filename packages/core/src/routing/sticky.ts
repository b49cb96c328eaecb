import { costOf } from './cost.js';
import type { Candidate, Occasion } from './strategy.js';

/** A target whose cost is so many times the best one is not stuck to. */
const DEAREST = 2;
/** Nor one that has so many times its share of the calls under way, and one call more. */
const FULLEST = 1.25;

/**
 * The candidate where calls with this key meet. Each key ranks all candidates by a hash of both: the highest rank has it, as long as it
 * is neither much dearer than the best nor has much more than its share to do; else the next rank that is fit has it. When a candidate
 * goes, only its own keys move; weights are the shares of keys. Undefined when no candidate is fit.
 *
 * Sources: rendezvous hashing (Thaler and Ravishankar 1996), with weights by the logarithmic method (Schindelhauer and Schomaker 2005)
 * and bounded loads (Mirrokni, Thorup and Zadimoghaddam 2016).
 */
export function homeOf<Kind extends Candidate>(
  key: string,
  candidates: readonly Kind[],
  { streamed, now }: Occasion,
): Kind | undefined {
  let lowest = Number.POSITIVE_INFINITY;
  let inFlight = 0;
  let weights = 0;
  for (const candidate of candidates) {
    const reading = candidate.reading(streamed, now);
    lowest = Math.min(lowest, costOf(reading));
    inFlight += reading.inFlight;
    weights += candidate.weight;
  }
  const seed = hashed(key, FNV_OFFSET);
  let home: Kind | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    const reading = candidate.reading(streamed, now);
    const share = (inFlight * candidate.weight) / weights;
    if (costOf(reading) > lowest * DEAREST || reading.inFlight > share * FULLEST + 1) continue;
    const rank = rankOf(candidate, seed);
    if (rank <= highest) continue;
    highest = rank;
    home = candidate;
  }
  return home;
}

/** Whether calls with this key would meet at one of these candidates, were all of them fit. */
export function isFirstFor(key: string, one: Candidate, candidates: readonly Candidate[]): boolean {
  const seed = hashed(key, FNV_OFFSET);
  const rank = rankOf(one, seed);
  return candidates.every((other) => rankOf(other, seed) <= rank);
}

/** How high a key that was hashed to this seed ranks a candidate. */
function rankOf({ id, weight }: Candidate, seed: number): number {
  // Between 0 and 1, neither of them included.
  const drawn = (spread(hashed(id, seed)) + 0.5) / 2 ** 32;
  return -weight / Math.log(drawn);
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the code units of a text, going on from a hash. */
function hashed(text: string, from: number): number {
  let hash = from;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash;
}

/** Lets every bit of a hash change every other one: the finalizer of MurmurHash3 (Austin Appleby, public domain). */
function spread(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
