import { Decaying } from './decaying.js';
import type { Flight } from './flight.js';
import type { Peers } from './group.js';

const SLOW_MS = 300_000;
const FAST_MS = 10_000;
const AVERAGE_MS = 30_000;
/** A fast mean of a busy target must still move with its next few answers. */
const MOST_FAST = 20;
/** So many answers like those of its peers are ascribed to every target. */
const PRIOR_SLOW = 20;
const PRIOR_FAST = 2;
/** The slow level takes an outlier for no more than this much above it (4.5 times as long). */
const OUTLIER = 1.5;
/** Differences within so many standard errors are noise. */
const DEAD_ZONE = 1.5;
/** The spread of answer times is about this before it is known, as a variance of logarithms, and never less than the other. */
const PRIOR_VARIANCE = 0.36;
const PRIOR_VARIANCE_WEIGHT = 5;
const LEAST_VARIANCE = 0.01;
/** So many of the calls that are awaited are looked at, the oldest first. */
const MOST_AWAITED = 32;

/** What an answer's time is taken for beyond the way there: a logarithm, because answer times are spread like that. */
export const levelOf = (ms: number, rttMs: number): number => Math.log(Math.max(1, ms - rttMs));

/**
 * How long one target takes for calls of one kind, beyond the way there: a slow level, and how far it is off that level right now, calls
 * that are still awaited counting for as long as they have been. Differences that noise explains are ignored.
 */
export class Level {
  readonly #peers: Peers;
  readonly #slow = new Decaying(SLOW_MS);
  readonly #variance = new Decaying(SLOW_MS);
  readonly #fast = new Decaying(FAST_MS, MOST_FAST);
  readonly #average = new Decaying(AVERAGE_MS, MOST_FAST);
  /** Answered or given up, decayed. */
  samples = 0;
  /** The expected time, the way there included, in milliseconds. */
  expectedMs = 0;
  /** The decaying average, likewise. */
  averageMs = 0;

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  /** An answer took so long in all, or was given up after so long. */
  add(ms: number, rttMs: number, now: number): void {
    const level = levelOf(ms, rttMs);
    const slow = this.#slowLevel(now);
    const tame = Math.min(level, slow + OUTLIER);
    this.#variance.add((tame - slow) ** 2, now);
    this.#slow.add(tame, now);
    this.#fast.add(level, now);
    this.#average.add(ms, now);
    this.#peers.add(tame, ms, now);
  }

  /** Brings what it tells up to date; `oldest` is the call that has been awaited for longest. */
  read(rttMs: number, oldest: Flight | undefined, now: number): void {
    this.samples = this.#slow.weight(now);
    const slow = this.#slowLevel(now);
    const off = this.#offBy(slow, { rttMs, oldest, now });
    this.expectedMs = rttMs + Math.exp(slow + off);
    this.averageMs = this.#averageNow(oldest, now);
  }

  /** The mean of its own answers of late, in milliseconds; undefined while it has given none. */
  get meanMs(): number | undefined {
    return this.#average.mean || undefined;
  }

  #slowLevel(now: number): number {
    const weight = this.#slow.weight(now);
    return (this.#slow.mean * weight + this.#peers.level * PRIOR_SLOW) / (weight + PRIOR_SLOW);
  }

  /** How far the target is off its level, in logarithms; 0 for what may be noise. */
  #offBy(slow: number, { rttMs, oldest, now }: { rttMs: number; oldest: Flight | undefined; now: number }): number {
    let count = this.#fast.weight(now);
    let sum = this.#fast.mean * count;
    const lateMs = rttMs + Math.exp(slow);
    let looks = MOST_AWAITED;
    for (let flight = oldest; flight !== undefined && now - flight.startedAt > lateMs; flight = flight.next) {
      sum += levelOf(now - flight.startedAt, rttMs);
      count += 1;
      looks -= 1;
      if (looks === 0) break;
    }
    if (count === 0) return 0;
    const off = (sum + slow * PRIOR_FAST) / (count + PRIOR_FAST) - slow;
    const noise = DEAD_ZONE * Math.sqrt(this.#spread(now) / count);
    return Math.sign(off) * Math.max(0, Math.abs(off) - noise);
  }

  #spread(now: number): number {
    const weight = this.#variance.weight(now);
    const sum = this.#variance.mean * weight + PRIOR_VARIANCE * PRIOR_VARIANCE_WEIGHT;
    return Math.max(LEAST_VARIANCE, sum / (weight + PRIOR_VARIANCE_WEIGHT));
  }

  /** An idle target's average fades to that of its peers; half as long again as calls have been awaited is the least it is taken for. */
  #averageNow(oldest: Flight | undefined, now: number): number {
    const weight = this.#average.weight(now);
    const peersMs = this.#peers.averageMs;
    const averageMs = weight === 0 ? peersMs : (this.#average.mean * weight + peersMs) / (weight + 1);
    let awaited = 0;
    let sum = 0;
    for (let flight = oldest; flight !== undefined && awaited < MOST_AWAITED; flight = flight.next) {
      sum += now - flight.startedAt;
      awaited += 1;
    }
    return awaited === 0 ? averageMs : Math.max(averageMs, (1.5 * sum) / awaited);
  }
}
