import { durationText } from '../base/duration.js';
import { Histogram } from '../base/histogram.js';
import type { RouterEvents } from '../events/events.js';
import { putBounded } from './bounded.js';
import type { Moment } from './moment.js';
import type { FirstTokenRule, Settled } from './options.js';
import type { Rule, RuleParts } from './rule.js';
import { nameText } from './words.js';

const RULE = 'firstToken';
const MOST_TARGETS = 200;
const P95 = 0.95;
/** Resolved below so much of the bound, so that what stays at it is told once. */
const WELL_BELOW = 0.8;
/** Quantiles of a target are read so often, in milliseconds. */
const LOOK_MS = 1_000;

interface Times {
  readonly histogram: Histogram;
  lookedAt: number;
}

/** Streams of a target that begin late. */
export class FirstToken implements Rule {
  readonly #options: Settled<FirstTokenRule>;
  readonly #incidents: RuleParts['incidents'];
  readonly #times = new Map<string, Times>();
  /** Those of which an incident is open: they are kept until it is over. */
  readonly #late = new Map<string, Times>();

  constructor(options: Settled<FirstTokenRule>, { incidents }: RuleParts) {
    this.#options = options;
    this.#incidents = incidents;
  }

  /** A stream has begun. */
  committed(event: RouterEvents['stream.committed'], moment: Moment): void {
    const { p95Ms, atLeast, windowMs, severity } = this.#options;
    const { target, endpoint, region, model, firstTokenMs } = event;
    const times = this.#of(target);
    times.histogram.record(firstTokenMs, moment.now);
    // Only what is late can move it over the bound.
    if (firstTokenMs <= p95Ms || moment.now - times.lookedAt < LOOK_MS) return;
    times.lookedAt = moment.now;
    if (times.histogram.count(moment.now) < atLeast) return;
    const taken = times.histogram.quantile(P95, moment.now) ?? 0;
    if (taken <= p95Ms) return;
    const text = `Streams of ${nameText(target)} begin late: one in twenty takes ${durationText(taken)} or more until its first content, and ${durationText(p95Ms)} is the bound.`;
    const about = { target, endpoint, region, model };
    const trouble = { rule: RULE, subject: target, severity, text, about, windowMs };
    if (this.#incidents.fire(trouble, moment)) this.#late.set(target, times);
  }

  settle(moment: Moment): void {
    for (const [target, { histogram }] of this.#late) {
      const taken = histogram.quantile(P95, moment.now);
      if (taken !== undefined && taken >= WELL_BELOW * this.#options.p95Ms) continue;
      this.#late.delete(target);
      const how = taken === undefined ? 'there are none any more' : `19 in 20 take ${durationText(taken)} at the most`;
      const text = `Streams of ${nameText(target)} begin in time again: ${how}.`;
      this.#incidents.resolve({ rule: RULE, subject: target, text }, moment);
    }
  }

  #of(target: string): Times {
    const known = this.#times.get(target) ?? this.#late.get(target);
    if (known) return known;
    const times = { histogram: new Histogram(this.#options.windowMs / 2), lookedAt: Number.NEGATIVE_INFINITY };
    putBounded(this.#times, MOST_TARGETS, [target, times]);
    return times;
  }
}
