import { REGIONS } from '../world/network.ts';
import type { Call, Recorder } from '../world/world.ts';

/** Into how many spans of time a run is divided, for shares over time. */
export const SPANS = 72;

/** A call that took longer than this was not answered soon, in milliseconds. */
const SOON_MS = 3_000;

/** What became of the calls of one contestant in one scenario, of all seeds together. */
export class Tally implements Recorder {
  /** How long each answer took; infinitely long for none. */
  readonly #latencies: number[] = [];
  readonly #sent: number[][] = Array.from({ length: SPANS }, () => REGIONS.map(() => 0));
  readonly #durationMs: number;
  readonly #countedFrom: number;
  #attempts = 0;
  #isSorted = true;

  /** @param countedFrom calls that come earlier are not counted, in milliseconds from the start */
  constructor(durationMs: number, countedFrom: number) {
    this.#durationMs = durationMs;
    this.#countedFrom = countedFrom;
  }

  sent(region: number, now: number): void {
    const span = this.#sent[Math.floor((now / this.#durationMs) * SPANS)];
    if (span) span[region] = (span[region] ?? 0) + 1;
  }

  ended({ askedAt, attempts }: Call, isAnswered: boolean, now: number): void {
    if (askedAt < this.#countedFrom) return;
    this.#latencies.push(isAnswered ? now - askedAt : Number.POSITIVE_INFINITY);
    this.#attempts += attempts;
    this.#isSorted = false;
  }

  get calls(): number {
    return this.#latencies.length;
  }

  /** The share of calls that were answered, 0 to 1. */
  get availability(): number {
    return this.#shareWithin(Number.MAX_VALUE);
  }

  /** The share of calls that were answered within three seconds, 0 to 1. */
  get soon(): number {
    return this.#shareWithin(SOON_MS);
  }

  /** Attempts for each call. */
  get attemptsPerCall(): number {
    return this.#attempts / Math.max(1, this.calls);
  }

  /** Milliseconds within which this share of the calls was answered (nearest rank); infinite when it never was. */
  quantileMs(share: number): number {
    if (!this.#isSorted) this.#latencies.sort((one, other) => one - other);
    this.#isSorted = true;
    return this.#latencies[Math.max(0, Math.ceil(share * this.calls) - 1)] ?? Number.NaN;
  }

  /** The share of each region in the attempts of each span of time. */
  get sharesOverTime(): readonly (readonly number[])[] {
    return this.#sent.map(sharesOf);
  }

  /** The share of each region in the attempts of all calls that are counted. */
  get shares(): readonly number[] {
    const first = Math.floor((this.#countedFrom / this.#durationMs) * SPANS);
    const counted = this.#sent.slice(first);
    return sharesOf(REGIONS.map((_, region) => counted.reduce((sum, span) => sum + (span[region] ?? 0), 0)));
  }

  #shareWithin(ms: number): number {
    let count = 0;
    for (const latency of this.#latencies) if (latency <= ms) count += 1;
    return count / Math.max(1, this.calls);
  }
}

function sharesOf(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (total === 0 ? 0 : count / total));
}
