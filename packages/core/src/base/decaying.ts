/** What has faded by less than this share is read as it stands: the exponential costs more than that is worth. */
const NOTHING = 1 / 200;

/** A mean of what was told, in which the past fades: what is one time constant old weighs 1/e of what is told now. */
export class Decaying {
  #weight = 0;
  #mean = 0;
  #at = 0;
  readonly #timeConstantMs: number;
  readonly #mostWeight: number;

  /** Without `mostWeight` every sample of a busy time counts the same; with it one of them is never worth less than 1/`mostWeight`. */
  constructor(timeConstantMs: number, mostWeight = Number.POSITIVE_INFINITY) {
    this.#timeConstantMs = timeConstantMs;
    this.#mostWeight = mostWeight - 1;
  }

  /** Takes in one sample. */
  add(value: number, now: number): void {
    this.#fade(now, 0);
    if (this.#weight > this.#mostWeight) this.#weight = this.#mostWeight;
    this.#weight += 1;
    this.#mean += (value - this.#mean) / this.#weight;
  }

  /** How many samples it is worth by now; 0 before the first. */
  weight(now: number): number {
    this.#fade(now, NOTHING);
    return this.#weight;
  }

  /** Until when its weight is read as it stands now. */
  get steadyUntil(): number {
    return this.#weight > 0 ? this.#at + NOTHING * this.#timeConstantMs : Number.POSITIVE_INFINITY;
  }

  /** The mean; 0 before the first sample. */
  get mean(): number {
    return this.#mean;
  }

  #fade(now: number, least: number): void {
    // A clock that stepped back must not make the past weigh more.
    const faded = (now - this.#at) / this.#timeConstantMs;
    if (faded <= least) return;
    if (this.#weight > 0) this.#weight *= remaining(faded);
    this.#at = now;
  }
}

/** What remains of 1 after so many time constants; of the few milliseconds between two calls to seven digits, at a tenth of the cost. */
const remaining = (faded: number): number => (faded < 0.01 ? 1 - faded + (faded * faded) / 2 : Math.exp(-faded));
