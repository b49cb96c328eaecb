/** Each bucket ends five hundredths above the one before, so that its middle is off by two and a half at most. */
const GROWTH = 1.05;
const LOG_GROWTH = Math.log(GROWTH);
/** From a millisecond to thirty-six minutes. */
const BUCKETS = 300;
/** A bucket takes so many; before one more, all of its half are halved, which leaves shares as they are. */
const FULL = 65_535;

/**
 * Quantiles of times, in milliseconds: how many fell into each of 300 buckets that grow by a twentieth. Recording costs the same however
 * many there are, and what is read is off by 2.5 % at most; below a millisecond and above 36 minutes it is those ends. Two halves take
 * turns by time, so that what is read is between one and two half-lives old at the most. Nothing is allocated before the first record.
 *
 * Source: DDSketch (Masson, Rim and Lee 2019).
 */
export class Histogram {
  readonly #halfMs: number;
  /** The half that is written to, then the older one; they change places by changing the offset. */
  #counts: Uint16Array | undefined;
  #newer = 0;
  #newerTotal = 0;
  #olderTotal = 0;
  #since = Number.NEGATIVE_INFINITY;

  /** What is `halfMs` to twice `halfMs` old is forgotten. */
  constructor(halfMs: number) {
    this.#halfMs = halfMs;
  }

  /** Takes in a time. What is less than a millisecond counts as one; what is not a number is left out. */
  record(ms: number, now: number): void {
    if (Number.isNaN(ms)) return;
    this.#counts ??= new Uint16Array(2 * BUCKETS);
    if (this.#since === Number.NEGATIVE_INFINITY) this.#since = now;
    this.#turn(now);
    const bucket = bucketOf(ms) + this.#newer;
    if (this.#counts[bucket] === FULL) this.#halve(this.#counts);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#newerTotal += 1;
  }

  /** How many times it remembers. */
  count(now: number): number {
    this.#turn(now);
    return this.#newerTotal + this.#olderTotal;
  }

  /** The time that a share of all, from 0 to 1, did not exceed; undefined while nothing is remembered. */
  quantile(share: number, now: number): number | undefined {
    const counts = this.#counts;
    const total = this.count(now);
    if (counts === undefined || total === 0 || Number.isNaN(share)) return undefined;
    // From above, because it is the high quantiles that are asked for.
    let above = Math.max(0, Math.min(total - 1, total - Math.ceil(total * share)));
    for (let bucket = BUCKETS - 1; bucket > 0; bucket -= 1) {
      above -= (counts[bucket] ?? 0) + (counts[bucket + BUCKETS] ?? 0);
      if (above < 0) return middleOf(bucket);
    }
    return middleOf(0);
  }

  #turn(now: number): void {
    const agoMs = now - this.#since;
    if (!(agoMs >= this.#halfMs) || this.#counts === undefined) return;
    // After two halves of silence both are old.
    const isLongAgo = agoMs >= 2 * this.#halfMs;
    this.#olderTotal = isLongAgo ? 0 : this.#newerTotal;
    this.#newerTotal = 0;
    this.#newer = BUCKETS - this.#newer;
    if (isLongAgo) this.#counts.fill(0);
    else this.#counts.fill(0, this.#newer, this.#newer + BUCKETS);
    this.#since = isLongAgo ? now : this.#since + this.#halfMs;
  }

  #halve(counts: Uint16Array): void {
    let total = 0;
    for (let bucket = this.#newer; bucket < this.#newer + BUCKETS; bucket += 1) {
      const half = (counts[bucket] ?? 0) >> 1;
      counts[bucket] = half;
      total += half;
    }
    this.#newerTotal = total;
  }
}

function bucketOf(ms: number): number {
  return ms > 1 ? Math.min(BUCKETS - 1, Math.ceil(Math.log(ms) / LOG_GROWTH)) : 0;
}

/** The value that is off by the same share from both ends of a bucket. */
function middleOf(bucket: number): number {
  return (2 * GROWTH ** bucket) / (GROWTH + 1);
}
