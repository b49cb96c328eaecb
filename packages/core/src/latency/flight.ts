/** A call under way at a target, in the line of those that are awaited there, the oldest first. */
export class Flight {
  readonly startedAt: number;
  readonly streamed: boolean;
  previous: Flight | undefined;
  next: Flight | undefined;
  isAwaited = true;

  constructor(startedAt: number, streamed: boolean) {
    this.startedAt = startedAt;
    this.streamed = streamed;
  }
}

/** Calls whose answer has not begun, in the order of their start. Entering and leaving cost the same however many there are. */
export class WaitingFlights {
  /** The one that has waited for longest. */
  oldest: Flight | undefined;
  /** How many there are. */
  count = 0;
  #youngest: Flight | undefined;

  /** A call begins. */
  enter(flight: Flight): void {
    flight.previous = this.#youngest;
    if (this.#youngest) this.#youngest.next = flight;
    else this.oldest = flight;
    this.#youngest = flight;
    this.count += 1;
  }

  /** Its answer is here, or it was given up. */
  leave(flight: Flight): void {
    const { previous, next } = flight;
    if (previous) previous.next = next;
    else this.oldest = next;
    if (next) next.previous = previous;
    else this.#youngest = previous;
    flight.previous = undefined;
    flight.next = undefined;
    this.count -= 1;
  }
}
