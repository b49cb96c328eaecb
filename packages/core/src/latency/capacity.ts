/** So many calls at a time every target is taken to bear before anything is known. */
const FIRST = 8;
/** What bears less is no target, but a trial. */
const LEAST = 4;
/** While as many answers come as it bears, it grows by half a call: slowly, because who grows too fast finds the end by being late. */
const STEP = 0.5;
const CUT = 0.9;
/** A target is overloaded when its answers take an eighth longer than usual, beyond what noise explains: a logarithm. */
const LATE = 0.12;

/** How a target's answers come, for {@link Capacity}. */
interface Pace {
  /** How far answers are off their usual level, as a logarithm; 0 for what noise explains. */
  readonly offBy: number;
  /** How long an answer is expected to take, in milliseconds. */
  readonly expectedMs: number;
}

/**
 * How many calls at a time a target seems to bear: a little more with each answer that comes as usual while at least half of that is under
 * way, a tenth less when answers are late. Without it one busy process sends everything to the best target until that is full, and learns
 * of it an answer's time too late, at every target in turn.
 *
 * It never has to forget: it matters only above a half, where it grows, and what it has grown to in busier times counts for nothing at
 * the first cut. Additive increase, multiplicative decrease (Chiu and Jain 1989), held where it is not used, as in Netflix's limits.
 */
export class Capacity {
  /** Calls at a time, 4 or more. */
  calls = FIRST;
  #cutAt = Number.NEGATIVE_INFINITY;

  /** An answer came, while so many calls were under way, itself among them. */
  answered(inFlight: number, { offBy, expectedMs }: Pace, now: number): void {
    if (offBy <= LATE) {
      if (inFlight >= this.calls / 2) this.calls += STEP / this.calls;
      return;
    }
    // A cut shows in the answers to calls that are made after it, and no sooner.
    if (now - this.#cutAt < expectedMs) return;
    this.#cutAt = now;
    this.calls = Math.max(LEAST, CUT * Math.min(this.calls, 2 * inFlight));
  }
}
