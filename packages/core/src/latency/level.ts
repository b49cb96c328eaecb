import { Decaying } from '../base/decaying.js';
import type { Flight, WaitingFlights } from './flight.js';
import type { Peers } from './group.js';
import { overdueFrom, Silence } from './silence.js';

const SLOW_MS = 300_000;
const FAST_MS = 10_000;
const AVERAGE_MS = 30_000;
/**
 * A target that is dearer than its peers is believed to be like them again when it has not been asked for some of these, in milliseconds:
 * a region that had had an outage was not asked beside its equal for ten minutes.
 */
const STALE_MS = 30_000;
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
/** What fades with minutes is brought up to date so often, in milliseconds, and after every answer: a choice reads every target. */
const SETTLE_EVERY_MS = 100;
/** So many of the calls that are awaited are looked at, the oldest first. */
const MOST_AWAITED = 32;
/** … and looked at anew when they are older by this share of what an answer takes. */
const LOOK_AGAIN = 0.01;

/** What an answer's time is taken for beyond the way there: a logarithm, because answer times are spread like that. */
export const levelOf = (ms: number, rttMs: number): number => Math.log(Math.max(1, ms - rttMs));

/**
 * How long one target takes for calls of one kind, beyond the way there: a slow level, and how far it is off that level right now, calls
 * that are still awaited counting for as long as they have been. Differences that noise explains are ignored.
 */
export class Level {
  readonly #peers: Peers;
  #slow = new Decaying(SLOW_MS);
  readonly #variance = new Decaying(SLOW_MS);
  #fast = new Decaying(FAST_MS, MOST_FAST);
  readonly #average = new Decaying(AVERAGE_MS, MOST_FAST);
  readonly #silence = new Silence();
  /** Answered or given up, decayed. */
  samples = 0;
  /** How far it is off its level right now, as a logarithm; 0 for what noise explains. */
  offBy = 0;
  /** The expected time, the way there included, in milliseconds. */
  expectedMs = 0;
  #hasGivenUp = false;
  #slowAt = 0;
  #lateOf: Flight | undefined;
  #lateAt = 0;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #levelMs = 0;
  #offAt = 0;
  #workMs = 0;
  #silenceAt = 0;
  #deviation = 0;
  #settledAt = Number.NEGATIVE_INFINITY;

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  /** An answer took so long in all. */
  add(ms: number, rttMs: number, now: number): void {
    this.#silence.answered(now);
    const tame = this.#learn(ms, levelOf(ms, rttMs), now);
    // What was given up is told of its target alone: of the others it says nothing, and by it a target that is well again would not be like
    // them for minutes.
    this.#peers.add(tame, ms, now);
  }

  /** An answer was given up after so long, which is longer than it was expected to take. */
  gaveUp(ms: number, rttMs: number, now: number): void {
    const level = levelOf(ms, rttMs);
    this.#hasGivenUp = true;
    this.#silence.gaveUp(level - this.#slowLevel(now) - overdueFrom(this.#deviationNow(now), 1), now);
    this.#learn(ms, level, now);
  }

  /** It is well again: what was given up says nothing any more, and it is like its peers until it has answered. */
  recovered(): void {
    if (!this.#hasGivenUp) return;
    this.#hasGivenUp = false;
    this.#silence.forget();
    this.#slow = new Decaying(SLOW_MS);
    this.#fast = new Decaying(FAST_MS, MOST_FAST);
    this.#settledAt = Number.NEGATIVE_INFINITY;
  }

  /** Answers with what the slow level takes it for. */
  #learn(ms: number, level: number, now: number): number {
    this.#answeredAt = now;
    const slow = this.#slowLevel(now);
    const tame = Math.min(level, slow + OUTLIER);
    this.#variance.add((tame - slow) ** 2, now);
    this.#slow.add(tame, now);
    this.#fast.add(level, now);
    this.#average.add(ms, now);
    this.#settledAt = Number.NEGATIVE_INFINITY;
    return tame;
  }

  /** Brings what it tells up to date; calls that are awaited longer than usual count for as long as they have been. */
  read(rttMs: number, waiting: WaitingFlights, now: number): void {
    if (!(Math.abs(now - this.#settledAt) < SETTLE_EVERY_MS)) this.#settle(now);
    const { oldest } = waiting;
    const isLate = oldest !== undefined && now - oldest.startedAt > rttMs + this.#levelMs;
    // How late those are that wait changes with their age, not from one choice to the next.
    if (isLate && oldest === this.#lateOf && Math.abs(now - this.#lateAt) < this.#levelMs * LOOK_AGAIN) return;
    this.#lateOf = isLate ? oldest : undefined;
    this.#lateAt = now;
    this.offBy = isLate
      ? this.#offBy(this.#offLate(oldest, rttMs, now), this.#overdue(waiting, rttMs, now))
      : this.#offAt;
    this.expectedMs = rttMs + (isLate ? Math.exp(this.#slowAt + this.offBy) : this.#workMs);
  }

  /** Until when it tells the same while nothing happens, if the oldest that waits is not late. */
  steadyUntil(rttMs: number, { oldest }: WaitingFlights): number {
    if (this.#lateOf !== undefined) return Number.NEGATIVE_INFINITY;
    const settled = this.#settledAt + SETTLE_EVERY_MS;
    return oldest === undefined ? settled : Math.min(settled, oldest.startedAt + rttMs + this.#levelMs);
  }

  #settle(now: number): void {
    this.#settledAt = now;
    this.#lateOf = undefined;
    this.samples = this.#slow.weight(now);
    this.#slowAt = this.#slowLevel(now);
    this.#levelMs = Math.exp(this.#slowAt);
    this.#deviation = this.#deviationNow(now);
    this.#silenceAt = this.#silence.read(now);
    this.#offAt = this.#offBy(this.#offLate(undefined, 0, now), this.#silenceAt);
    this.#workMs = this.#levelMs * Math.exp(this.#offAt);
  }

  /** The mean of its own answers of late, in milliseconds; undefined while it has given none. */
  get meanMs(): number | undefined {
    return this.#average.mean || undefined;
  }

  #slowLevel(now: number): number {
    const peers = this.#peers.level;
    const off = this.#slow.mean - peers;
    // A silent one is not forgiven by time alone.
    const stale =
      off > 0 && this.#silence.read(now) === 0 ? Math.exp(Math.min(0, this.#answeredAt - now) / STALE_MS) : 1;
    const weight = this.#slow.weight(now) * stale;
    return peers + (off * weight) / (weight + PRIOR_SLOW);
  }

  /** Silence is worse than being late, and no silence says nothing of being early. */
  #offBy(off: number, silence: number): number {
    return silence > 0 ? Math.max(off, silence) : off;
  }

  /** How far the target is off its level, in logarithms, with the late calls from the oldest on; 0 for what may be noise. */
  #offLate(oldest: Flight | undefined, rttMs: number, now: number): number {
    let count = this.#fast.weight(now);
    let sum = this.#fast.mean * count;
    const lateMs = rttMs + this.#levelMs;
    let looks = MOST_AWAITED;
    for (let flight = oldest; flight !== undefined && now - flight.startedAt > lateMs; flight = flight.next) {
      sum += levelOf(now - flight.startedAt, rttMs);
      count += 1;
      looks -= 1;
      if (looks === 0) break;
    }
    if (count === 0) return 0;
    const slow = this.#slowAt;
    const off = (sum + slow * PRIOR_FAST) / (count + PRIOR_FAST) - slow;
    const noise = (DEAD_ZONE * this.#deviation) / Math.sqrt(count);
    return Math.sign(off) * Math.max(0, Math.abs(off) - noise);
  }

  /** How silent the target is, by the oldest of those that wait and by what was given up before. */
  #overdue({ oldest, count }: WaitingFlights, rttMs: number, now: number): number {
    if (oldest === undefined) return this.#silenceAt;
    const level = levelOf(now - oldest.startedAt, rttMs);
    return Math.max(this.#silenceAt, level - this.#slowAt - overdueFrom(this.#deviation, count));
  }

  /** The usual spread of its levels. */
  #deviationNow(now: number): number {
    const weight = this.#variance.weight(now);
    const sum = this.#variance.mean * weight + PRIOR_VARIANCE * PRIOR_VARIANCE_WEIGHT;
    return Math.sqrt(Math.max(LEAST_VARIANCE, sum / (weight + PRIOR_VARIANCE_WEIGHT)));
  }

  /** The decaying average. An idle target's fades to that of its peers; half as long again as calls have been awaited is the least it is taken for. */
  averageMs({ oldest }: WaitingFlights, now: number): number {
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
