const PARTS = 30;

/**
 * How many of the requests of a while failed. It counts in thirtieths of that while: what is read is of 29 to 30 of them, and recording
 * costs the same however many there are.
 */
export class FailureShare {
  readonly #widthMs: number;
  readonly #all = new Float64Array(PARTS);
  readonly #failed = new Float64Array(PARTS);
  #newest = Number.NEGATIVE_INFINITY;

  /** Counts what is up to `windowMs` milliseconds old. */
  constructor(windowMs: number) {
    this.#widthMs = windowMs / PARTS;
  }

  /** Takes in one request. */
  add(hasFailed: boolean, now: number): void {
    const slot = this.#turn(now);
    this.#all[slot] = (this.#all[slot] ?? 0) + 1;
    if (hasFailed) this.#failed[slot] = (this.#failed[slot] ?? 0) + 1;
  }

  /** One that was taken in as answered has failed after all: its stream broke off. */
  spoil(now: number): void {
    const slot = this.#turn(now);
    this.#failed[slot] = (this.#failed[slot] ?? 0) + 1;
  }

  /** How many there were, and how many of them failed. */
  read(now: number): { readonly all: number; readonly failed: number } {
    this.#turn(now);
    const failed = sumOf(this.#failed);
    // Streams may break off when their beginning is out of the window.
    return { all: Math.max(sumOf(this.#all), failed), failed };
  }

  /** Forgets everything. */
  clear(): void {
    this.#newest = Number.NEGATIVE_INFINITY;
    this.#all.fill(0);
    this.#failed.fill(0);
  }

  /** Empties the parts that have passed, and answers with the place of the newest. */
  #turn(now: number): number {
    const part = Math.max(this.#newest, Math.floor(now / this.#widthMs));
    const passed = Math.min(PARTS, part - this.#newest);
    for (let back = 0; back < passed; back += 1) {
      this.#all[(part - back) % PARTS] = 0;
      this.#failed[(part - back) % PARTS] = 0;
    }
    this.#newest = part;
    return part % PARTS;
  }
}

function sumOf(counts: Float64Array): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
