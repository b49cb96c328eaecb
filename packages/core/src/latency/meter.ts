import { Capacity } from './capacity.js';
import { Flight, WaitingFlights } from './flight.js';
import type { LatencyGroup } from './group.js';
import { Kind } from './kind.js';
import { Success } from './success.js';
import type { Way } from './ways.js';

/** What is given up is compared with answers, and not with what else is awaited. */
const NOBODY = new WaitingFlights();

/** So many answers are enough to know better than a probe how far a target is. */
const TRIALS = 1;

/** How a call that was under way ended, for its measures. */
export type FlightEnd = 'success' | 'failure' | 'ignored';

/** What is known of one target at an instant, for calls of one kind; see `Reading` in routing. Valid until it is asked again. */
class Measured {
  rttMs = 0;
  expectedMs = 0;
  successRate = 1;
  inFlight = 0;
  capacity = 0;
  samples = 0;
  /** Until when it stays as it is if nothing happens: a choice reads every target, and one call in that time changes one of them. */
  steadyUntil = Number.NEGATIVE_INFINITY;
  #kind: Kind | undefined;
  #at = 0;

  /** Worked out for who asks: it takes a look at each call that is awaited, and few go by it. */
  get averageMs(): number {
    return this.#kind?.level.averageMs(this.#kind.waiting, this.#at) ?? 0;
  }

  /** What it is read of, and when. */
  of(kind: Kind, now: number): void {
    this.#kind = kind;
    this.#at = now;
  }

  /** Whether it says of calls of this kind what was read a moment ago, and that is still so. */
  holds(kind: Kind, rttMs: number, now: number): boolean {
    return now < this.steadyUntil && now >= this.#at && kind === this.#kind && rttMs === this.rttMs;
  }
}

/** Times of one target as they were measured, in milliseconds; undefined where nothing was. */
export interface MeasuredTimes {
  /** The decaying average of whole answers. */
  readonly wholeMs: number | undefined;
  /** The same of streams, until their first content. */
  readonly firstTokenMs: number | undefined;
  /** Half of the answers of the last minutes took no longer: of the whole ones or of the streams, whichever there were more of. */
  readonly p50Ms: number | undefined;
  /** Likewise 95 in a hundred. */
  readonly p95Ms: number | undefined;
  /** Likewise 99 in a hundred. */
  readonly p99Ms: number | undefined;
}

/** Measures one target: how long it takes, what is under way there, how often it succeeds. */
export class Meter {
  readonly #group: LatencyGroup;
  readonly #way: Way;
  readonly #success = new Success();
  readonly #measured = new Measured();
  readonly #capacity = new Capacity();
  #whole: Kind | undefined;
  #streamed: Kind | undefined;
  #inFlight = 0;
  #answers = 0;

  constructor(group: LatencyGroup, way: Way) {
    this.#group = group;
    this.#way = way;
  }

  /** Calls under way, streams that are being read among them. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** A call begins. It has to be told of its end, whatever that is. */
  begin(streamed: boolean, now: number): Flight {
    const flight = new Flight(now, streamed);
    this.#inFlight += 1;
    this.#changed();
    this.#kind(streamed).waiting.enter(flight);
    this.#success.begin(flight, now);
    return flight;
  }

  /** The first content of a stream is here: that is what its target is timed by. */
  answered(flight: Flight, now: number): void {
    if (!flight.isAwaited) return;
    this.#took(flight, now);
    this.#changed();
  }

  /**
   * A call ended. A failure says nothing of how long answers take unless it took longer than they do; whoever gave up after that long,
   * the caller or a faster target, has measured that it takes at least as long.
   */
  end(flight: Flight, end: FlightEnd, now: number): void {
    if (flight.isAwaited && end === 'success') this.#took(flight, now);
    else if (flight.isAwaited) this.#gaveUp(flight, now);
    this.#inFlight -= 1;
    this.#success.end(flight, end === 'ignored' ? undefined : end === 'success', now);
    this.#changed();
  }

  /** It is well again: what failed before says nothing any more. */
  recovered(): void {
    this.#success.forget();
    this.#whole?.level.recovered();
    this.#streamed?.level.recovered();
    this.#changed();
  }

  /** What was read is to be read anew. */
  #changed(): void {
    this.#measured.steadyUntil = Number.NEGATIVE_INFINITY;
  }

  /** What is known now, for calls of one kind. */
  reading(streamed: boolean, now: number): Readonly<Measured> {
    const kind = this.#kind(streamed);
    const measured = this.#measured;
    // A probe may be slow where answers are not; only an answer can tell, so the first is not kept away by it.
    const isUntried = this.#answers < TRIALS && this.#way.measuredMs !== undefined;
    const rttMs = isUntried ? 0 : this.#way.ms(now);
    if (!measured.holds(kind, rttMs, now)) this.#read(kind, rttMs, now);
    measured.of(kind, now);
    return measured;
  }

  #read(kind: Kind, rttMs: number, now: number): void {
    const measured = this.#measured;
    const { level, waiting } = kind;
    level.read(rttMs, waiting, now);
    measured.rttMs = rttMs;
    measured.expectedMs = level.expectedMs;
    measured.samples = level.samples;
    measured.successRate = this.#success.chosenBy(now);
    measured.inFlight = this.#inFlight;
    measured.capacity = this.#capacity.calls;
    measured.steadyUntil = Math.min(level.steadyUntil(rttMs, waiting), this.#success.steadyUntil);
  }

  /** The time within which such a share of its answers came lately, in milliseconds; undefined while too few are known. */
  slowMs(streamed: boolean, percentile: number, now: number): number | undefined {
    return this.#kind(streamed).slowMs(percentile, now);
  }

  /** How long its answers have usually taken, however long ago, in milliseconds; undefined while it has given none. */
  usualMs(streamed: boolean): number | undefined {
    return this.#kind(streamed).usualMs;
  }

  /** Whether a call finds out if a target that has failed is well again. */
  isTrial(flight: Flight): boolean {
    return this.#success.isTrial(flight);
  }

  /** The decaying share of calls that succeeded, 0.05 to 1. */
  successRate(now: number): number {
    return this.#success.rate(now);
  }

  /** What has been measured, for people. */
  measured(now: number): MeasuredTimes {
    const [whole, streamed] = [this.#whole, this.#streamed];
    const counted = (kind: Kind | undefined) => kind?.histogram.count(now) ?? 0;
    const { histogram } = (counted(streamed) > counted(whole) ? streamed : whole) ?? {};
    return {
      wholeMs: whole?.level.meanMs,
      firstTokenMs: streamed?.level.meanMs,
      p50Ms: histogram?.quantile(0.5, now),
      p95Ms: histogram?.quantile(0.95, now),
      p99Ms: histogram?.quantile(0.99, now),
    };
  }

  /** What its answer says of how much it bears is judged by what was expected before it came. */
  #took(flight: Flight, now: number): void {
    const kind = this.#leave(flight);
    const ms = now - flight.startedAt;
    // A clock that stepped back has measured nothing: taken for no time at all it would be the length of the way for minutes.
    if (ms < 0) return;
    this.#answers += 1;
    this.#way.atMost(ms, now);
    const rttMs = this.#way.ms(now);
    kind.level.read(rttMs, kind.waiting, now);
    this.#capacity.answered(this.#inFlight, kind.level, now);
    kind.took(ms, rttMs, now);
  }

  #gaveUp(flight: Flight, now: number): void {
    const kind = this.#leave(flight);
    const ms = now - flight.startedAt;
    const rttMs = this.#way.ms(now);
    kind.level.read(rttMs, NOBODY, now);
    if (ms > kind.level.expectedMs) kind.gaveUp(ms, rttMs, now);
  }

  #leave(flight: Flight): Kind {
    const kind = this.#kind(flight.streamed);
    flight.isAwaited = false;
    kind.waiting.leave(flight);
    return kind;
  }

  /** Made when it is needed: most targets serve calls of one kind, and many models are asked for once. */
  #kind(streamed: boolean): Kind {
    if (streamed) {
      this.#streamed ??= new Kind(this.#group.streamed);
      return this.#streamed;
    }
    this.#whole ??= new Kind(this.#group.whole);
    return this.#whole;
  }
}
