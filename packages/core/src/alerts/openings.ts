import type { BreakerScope } from '../breaker/scopes.js';
import type { RouterEvents } from '../events/events.js';
import { putBounded } from './bounded.js';
import type { Moment } from './moment.js';
import type { OpeningsRule, Settled } from './options.js';
import type { HeardEvent, Rule, RuleParts } from './rule.js';
import { nameText, spanText, timesText } from './words.js';

/** So many breakers are kept in mind. */
const MOST_BREAKERS = 500;
const RULE = 'openings';

type BreakerEvent = RouterEvents['breaker.closed'];

/** One breaker. */
interface Record {
  /** When it opened within the window, as far as that was not told yet. */
  openings: number[];
  /** Since when it has been closed; undefined while it is not. */
  closedSince: number | undefined;
  readonly name: string;
}

/** A breaker that opens again and again. One opening is the breaker's business; several are somebody's. */
export class Openings implements Rule {
  readonly #options: Settled<OpeningsRule>;
  readonly #incidents: RuleParts['incidents'];
  readonly #scope: BreakerScope;
  readonly #breakers = new Map<string, Record>();

  constructor(options: Settled<OpeningsRule>, { incidents, scope }: RuleParts & { scope: BreakerScope }) {
    this.#options = options;
    this.#incidents = incidents;
    this.#scope = scope;
  }

  heard({ name, event }: HeardEvent, moment: Moment): void {
    if (name === 'breaker.opened') this.#opened(event, moment);
    else if (name === 'breaker.half-opened') this.#of(event).closedSince = undefined;
    else if (name === 'breaker.closed' || name === 'breaker.mode-changed') {
      // Who switches a breaker by hand knows of it: nothing is to be waited for.
      this.#of(event).closedSince = event.to === 'open' ? undefined : moment.now;
    }
  }

  settle(moment: Moment): void {
    const { quietMs } = this.#options;
    for (const [subject, { closedSince, name }] of this.#breakers) {
      if (closedSince === undefined || moment.now - closedSince < quietMs) continue;
      const text = `The breaker of ${name} has been closed for ${spanText(moment.now - closedSince)}.`;
      this.#incidents.resolve({ rule: RULE, subject, text }, moment);
    }
  }

  #opened(event: RouterEvents['breaker.opened'], moment: Moment): void {
    const { atLeast, windowMs, severity } = this.#options;
    const record = this.#of(event);
    record.closedSince = undefined;
    record.openings = [...record.openings.filter((at) => moment.now - at < windowMs), moment.now].slice(-atLeast);
    if (record.openings.length < atLeast) return;
    const subject = subjectOf(event, this.#scope);
    const times = timesText(atLeast);
    const text = `The breaker of ${record.name} has opened ${times} within ${spanText(windowMs)}, now for ${spanText(event.openForMs)}: ${event.reason}.`;
    const { target, endpoint, region, model } = event;
    const about = { target, endpoint, region, model };
    // What was told once is not counted again.
    if (this.#incidents.fire({ rule: RULE, subject, severity, text, about, windowMs }, moment)) record.openings = [];
  }

  #of(event: BreakerEvent): Record {
    const subject = subjectOf(event, this.#scope);
    const known = this.#breakers.get(subject);
    if (known) return known;
    const record = { openings: [], closedSince: undefined, name: nameText(subject) };
    putBounded(this.#breakers, MOST_BREAKERS, [subject, record]);
    return record;
  }
}

/** Which breaker it is, in words: one may stand for several targets, and is told of with whichever of them moved it. */
function subjectOf({ scope, target, endpoint, model }: BreakerEvent, breakers: BreakerScope): string {
  if (scope === 'transport') return `the connections to ${endpoint}`;
  if (breakers === 'endpoint') return `the endpoint ${endpoint}`;
  return breakers === 'model' ? `the model ${model}` : target;
}
