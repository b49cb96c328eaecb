import type { Series } from './state.js';

/** So much of the past is kept: fifteen minutes. */
export const KEPT_SECONDS = 900;
/** Of so many targets; model names come from callers, who may make them up. */
const MOST_TARGETS = 100;

interface Ring {
  readonly asked: Uint32Array;
  readonly failed: Uint32Array;
}

/** What changed in one second: attempts and failures by target. */
export type SecondChange = readonly [second: number, counts: Readonly<Record<string, readonly [number, number]>>];

/** Counts attempts by target and second, in rings that are written over. An attempt costs one addition. */
export class SecondCounts {
  readonly #rings = new Map<string, Ring>();
  readonly #first: number;
  #current: number;
  #changedFrom: number;

  constructor(now: number) {
    this.#first = secondOf(now);
    this.#current = this.#first;
    this.#changedFrom = this.#first;
  }

  /** Counts an attempt that began. */
  asked(target: string, at: number): void {
    this.#add(target, 'asked', at);
  }

  /** Counts an attempt that failed. */
  failed(target: string, at: number): void {
    this.#add(target, 'failed', at);
  }

  /** Everything that is kept, up to now. */
  read(now: number): Series {
    this.#advance(secondOf(now));
    const seconds = Math.min(KEPT_SECONDS, this.#current - this.#first + 1);
    const from = this.#current - seconds + 1;
    const inOrder = (counts: Uint32Array) => Array.from({ length: seconds }, (_, index) => at(counts, from + index));
    const targets = [...this.#rings].map(
      ([id, { asked, failed }]) => [id, { asked: inOrder(asked), failed: inOrder(failed) }] as const,
    );
    return { end: this.#current, seconds, targets: Object.fromEntries(targets) };
  }

  /** The seconds that changed since this was asked last, or since `read` where that was later. */
  changes(now: number): SecondChange[] {
    this.#advance(secondOf(now));
    const from = Math.max(this.#changedFrom, this.#current - KEPT_SECONDS + 1);
    this.#changedFrom = Number.POSITIVE_INFINITY;
    const changed: SecondChange[] = [];
    for (let second = from; second <= this.#current; second += 1) {
      const counts = [...this.#rings]
        .map(([id, { asked, failed }]) => [id, [at(asked, second), at(failed, second)]] as const)
        .filter(([, [asked, failed]]) => asked > 0 || failed > 0);
      if (counts.length > 0) changed.push([second, Object.fromEntries(counts)]);
    }
    return changed;
  }

  #add(target: string, what: keyof Ring, moment: number): void {
    const second = secondOf(moment);
    this.#advance(second);
    if (second <= this.#current - KEPT_SECONDS) return;
    const ring = this.#of(target);
    if (!ring) return;
    const place = second % KEPT_SECONDS;
    ring[what][place] = (ring[what][place] ?? 0) + 1;
    if (second < this.#changedFrom) this.#changedFrom = second;
  }

  #of(target: string): Ring | undefined {
    const known = this.#rings.get(target);
    if (known || this.#rings.size >= MOST_TARGETS) return known;
    const ring = { asked: new Uint32Array(KEPT_SECONDS), failed: new Uint32Array(KEPT_SECONDS) };
    this.#rings.set(target, ring);
    return ring;
  }

  /** A place in a ring is cleared when its second begins; a clock that was set back clears nothing. */
  #advance(second: number): void {
    if (second <= this.#current) return;
    const from = Math.max(this.#current + 1, second - KEPT_SECONDS + 1);
    for (const { asked, failed } of this.#rings.values()) {
      for (let one = from; one <= second; one += 1) asked[one % KEPT_SECONDS] = failed[one % KEPT_SECONDS] = 0;
    }
    this.#current = second;
  }
}

const secondOf = (ms: number): number => Math.floor(ms / 1_000);
const at = (counts: Uint32Array, second: number): number => counts[second % KEPT_SECONDS] ?? 0;
