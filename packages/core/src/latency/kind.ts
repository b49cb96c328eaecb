import { Histogram } from '../base/histogram.js';
import { WaitingFlights } from './flight.js';
import type { Peers } from './group.js';
import { Level } from './level.js';

/** What is read of the spread of answer times is between this and twice this old, in milliseconds. */
const HALF_MS = 150_000;
/** A high quantile of fewer answers than this is an accident. */
const ENOUGH = 50;
/** … and it is looked up anew after so long, in milliseconds: that takes longer than everything else about a call. */
const LOOK_EVERY_MS = 3_000;

/** The newest answer makes up so much of what is usual. */
const NEWEST = 1 / 16;
/** A quantile, and when it was looked up. */
interface Look {
  readonly percentile: number;
  ms: number | undefined;
  at: number;
}

/** What a target is measured by for calls of one kind: what is streamed and what is not are kept apart. */
export class Kind {
  readonly level: Level;
  readonly waiting = new WaitingFlights();
  readonly histogram = new Histogram(HALF_MS);
  /** How long answers have usually taken, the last sixteen or so counting most: not what was given up, and whenever that was. */
  usualMs: number | undefined;
  /** What was looked up; two percentiles are asked for at the most. */
  readonly #looks: Look[] = [];

  constructor(peers: Peers) {
    this.level = new Level(peers);
  }

  /** An answer took so long. */
  took(ms: number, rttMs: number, now: number): void {
    this.level.add(ms, rttMs, now);
    this.usualMs = this.usualMs === undefined ? ms : this.usualMs + (ms - this.usualMs) * NEWEST;
    this.histogram.record(ms, now);
  }

  /** An answer was given up after so long, which is longer than it was expected to take. */
  gaveUp(ms: number, rttMs: number, now: number): void {
    this.level.gaveUp(ms, rttMs, now);
    this.histogram.record(ms, now);
  }

  /** The time within which such a share of the answers of the last minutes came; undefined while too few are known. */
  slowMs(percentile: number, now: number): number | undefined {
    let look = this.#looks.find((one) => one.percentile === percentile);
    if (look && now - look.at < LOOK_EVERY_MS) return look.ms;
    if (!look) {
      look = { percentile, ms: undefined, at: now };
      this.#looks.push(look);
    }
    look.at = now;
    look.ms = this.histogram.count(now) < ENOUGH ? undefined : this.histogram.quantile(percentile, now);
    return look.ms;
  }
}
