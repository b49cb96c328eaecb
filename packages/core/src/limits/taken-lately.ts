/** How long it remembers, and how finely: headers that come later than that after their request are a rarity. */
const SLOTS = 240;
const SLOT_MS = 250;
/** Before any slot there will be. */
const LONG_AGO = -(2 ** 30);

/** What was taken in the last minute, by the quarter of a second in which it was taken. */
export class TakenLately {
  readonly #slots = new Float64Array(SLOTS);
  #newest = LONG_AGO;
  #total = 0;

  /** Counts what was taken at `takenAt`, or takes it back when the amount is negative; what is older than a minute is forgotten already. */
  add(amount: number, takenAt: number, now: number): void {
    this.#turn(now);
    const slot = Math.min(slotOf(takenAt), this.#newest);
    if (slot <= this.#newest - SLOTS) return;
    const index = indexOf(slot);
    this.#slots[index] = (this.#slots[index] as number) + amount;
    this.#total += amount;
  }

  /** What was taken after `takenAt`. What shares its quarter of a second is left out, for the request that was sent then is itself in it. */
  after(takenAt: number, now: number): number {
    this.#turn(now);
    const slots = Math.min(SLOTS, this.#newest - slotOf(takenAt));
    // Of what is long ago the rest is summed up, which is shorter then.
    const isRest = slots > SLOTS / 2;
    let index = isRest ? indexOf(this.#newest - slots) : indexOf(this.#newest);
    let sum = 0;
    for (let left = isRest ? SLOTS - slots : slots; left > 0; left -= 1) {
      sum += this.#slots[index] as number;
      index = index === 0 ? SLOTS - 1 : index - 1;
    }
    return Math.max(0, isRest ? this.#total - sum : sum);
  }

  /** What was taken in the last minute. */
  total(now: number): number {
    this.#turn(now);
    return Math.max(0, this.#total);
  }

  /** Time goes on; a clock that steps back finds everything in its newest slot. */
  #turn(now: number): void {
    const slot = slotOf(now);
    if (slot <= this.#newest) return;
    const first = Math.max(this.#newest + 1, slot - SLOTS + 1);
    for (let passed = first; passed <= slot; passed += 1) {
      const index = indexOf(passed);
      this.#total -= this.#slots[index] as number;
      this.#slots[index] = 0;
    }
    this.#newest = slot;
  }
}

/** In whole numbers of 32 bits, whose remainders cost a tenth of others': they last for 17 years. */
const slotOf = (time: number): number => Math.floor(time / SLOT_MS) | 0;
const indexOf = (slot: number): number => ((slot % SLOTS) + SLOTS) % SLOTS;
