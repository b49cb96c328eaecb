const WINDOW_MS = 60_000;
const WINDOWS = 5;
/** A way that is measured in no time at all was not measured. */
const LEAST_MS = 0.01;

/**
 * How long the way to an endpoint and back takes: the shortest that was seen in the last five minutes, because whatever is on top of that
 * is waiting and work, not distance.
 */
export class RoundTrip {
  readonly #least: number[] = new Array(WINDOWS).fill(Number.POSITIVE_INFINITY);
  #window = 0;
  #shortestMs: number;
  #hasMeasured = false;

  /** `priorMs` is believed until something was measured: a guess by distance, or 0 for none. */
  constructor(priorMs = 0) {
    this.#shortestMs = priorMs;
  }

  /** A way was measured: a probe's time to its first byte, or what a connection took. */
  observe(ms: number, now: number): void {
    if (!(ms >= 0) || ms === Number.POSITIVE_INFINITY) return;
    this.#turn(now);
    this.#hasMeasured = true;
    const slot = this.#window % WINDOWS;
    this.#least[slot] = Math.min(this.#least[slot] as number, Math.max(ms, LEAST_MS));
    this.#settle();
  }

  /** An answer took so long, work and all: the way cannot be longer, whatever a probe or a guess has said. */
  atMost(ms: number, now: number): void {
    if (ms < this.ms(now)) this.observe(ms, now);
  }

  /** The round trip in milliseconds; 0 when nothing is known of it. */
  ms(now: number): number {
    this.#turn(now);
    return this.#shortestMs;
  }

  /** The same where it was measured, however long ago; undefined for a guess. */
  get measuredMs(): number | undefined {
    return this.#hasMeasured ? this.#shortestMs : undefined;
  }

  /** Whether that was measured, and not guessed. */
  isMeasured(now: number): boolean {
    this.#turn(now);
    return Math.min(...this.#least) < Number.POSITIVE_INFINITY;
  }

  #turn(now: number): void {
    const window = Math.floor(now / WINDOW_MS);
    if (window <= this.#window) return;
    const passed = Math.min(window - this.#window, WINDOWS);
    for (let next = 1; next <= passed; next += 1) {
      this.#least[(this.#window + next) % WINDOWS] = Number.POSITIVE_INFINITY;
    }
    this.#window = window;
    this.#settle();
  }

  /** What was measured is believed until something newer is, however old: places do not move. So is the guess until then. */
  #settle(): void {
    const shortestMs = Math.min(...this.#least);
    if (shortestMs < Number.POSITIVE_INFINITY) this.#shortestMs = shortestMs;
  }
}
