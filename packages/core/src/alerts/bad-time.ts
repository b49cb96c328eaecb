/** What is remembered is an hour, in minutes. */
const SLOTS = 60;
const SLOT_MS = 60_000;

/** How much of each minute of the last hour was bad, in milliseconds. Adding costs a step for each minute that is added. */
export class BadTime {
  readonly #slots = new Float64Array(SLOTS);
  #newest = Number.NEGATIVE_INFINITY;

  /** Adds the time from one moment to another. What is over an hour ago is left out. */
  add(from: number, to: number): void {
    if (!(to > from)) return;
    const last = Math.floor(to / SLOT_MS);
    this.#turn(last);
    for (let slot = Math.max(Math.floor(from / SLOT_MS), last - SLOTS + 1); slot <= last; slot += 1) {
      const begin = slot * SLOT_MS;
      const place = placeOf(slot);
      this.#slots[place] = (this.#slots[place] ?? 0) + Math.min(to, begin + SLOT_MS) - Math.max(from, begin);
    }
  }

  /** Milliseconds in the minutes that are remembered. */
  total(now: number): number {
    this.#turn(Math.floor(now / SLOT_MS));
    let sum = 0;
    for (const ms of this.#slots) sum += ms;
    return sum;
  }

  #turn(slot: number): void {
    const passed = Math.min(SLOTS, slot - this.#newest);
    for (let back = 0; back < passed; back += 1) this.#slots[placeOf(slot - back)] = 0;
    this.#newest = Math.max(this.#newest, slot);
  }
}

const placeOf = (slot: number): number => ((slot % SLOTS) + SLOTS) % SLOTS;

/** Since when minutes are remembered, of a record that began at `began`. */
export const rememberedSince = (began: number, now: number): number =>
  Math.max(began, (Math.floor(now / SLOT_MS) - SLOTS + 1) * SLOT_MS);
