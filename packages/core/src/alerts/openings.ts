import { durationText } from '../base/duration.js';
import type { Breaker } from '../breaker/breaker.js';
import type { BreakerScope } from '../breaker/scopes.js';
import type { RouterEvents } from '../events/events.js';
import type { TargetRegistry } from '../targets/registry.js';
import { putBounded } from './bounded.js';
import type { Moment } from './moment.js';
import type { OpeningsRule, Settled } from './options.js';
import type { HeardEvent, Rule, RuleParts } from './rule.js';
import { nameText, timesText } from './words.js';

/** So many breakers are kept in mind. */
const MOST_BREAKERS = 500;
const RULE = 'openings';

type BreakerEvent = RouterEvents['breaker.opened'];

/** Where a breaker stands. */
type Place = Pick<BreakerEvent, 'scope' | 'target' | 'endpoint' | 'model'>;

/** A breaker that opens again and again. One opening is the breaker's business; several are somebody's. */
export class Openings implements Rule {
  readonly #options: Settled<OpeningsRule>;
  readonly #incidents: RuleParts['incidents'];
  readonly #scope: BreakerScope;
  readonly #registry: TargetRegistry;
  /** When breakers opened within the window, as far as that was not told yet. */
  readonly #openings = new Map<string, readonly number[]>();
  /** Those of which an incident is open. */
  readonly #told = new Map<string, Place>();

  constructor(options: Settled<OpeningsRule>, { incidents, registry }: RuleParts & { registry: TargetRegistry }) {
    this.#options = options;
    this.#incidents = incidents;
    this.#scope = registry.scope;
    this.#registry = registry;
  }

  heard({ name, event }: HeardEvent, moment: Moment): void {
    if (name === 'breaker.opened') this.#opened(event, moment);
  }

  settle(moment: Moment): void {
    const { quietMs } = this.#options;
    for (const [subject, place] of this.#told) {
      // The breaker itself is looked at: another client that shares it may have closed it, and announced that to its own listeners.
      const closed = this.#breakerAt(place, moment.now)?.snapshot(moment.now);
      if (closed && (closed.state !== 'closed' || closed.sinceMs < quietMs)) continue;
      this.#told.delete(subject);
      const how = closed
        ? `has been closed for ${durationText(closed.sinceMs)}`
        : 'is forgotten: nobody has asked there';
      this.#incidents.resolve({ rule: RULE, subject, text: `The breaker of ${nameText(subject)} ${how}.` }, moment);
    }
  }

  /** The breaker that stands at a place; undefined when it was forgotten. */
  #breakerAt({ scope, target, endpoint, model }: Place, now: number): Breaker | undefined {
    if (scope === 'transport') return this.#registry.transportOf(endpoint, now);
    for (const one of this.#registry.all()) {
      const isIt = { target: one.id === target, endpoint: one.endpoint.id === endpoint, model: one.model === model };
      if (isIt[this.#scope]) return one.breaker;
    }
    return undefined;
  }

  #opened(event: RouterEvents['breaker.opened'], moment: Moment): void {
    const { atLeast, windowMs, severity } = this.#options;
    const subject = subjectOf(event, this.#scope);
    const before = this.#openings.get(subject) ?? [];
    const openings = [...before.filter((at) => moment.now - at < windowMs), moment.now].slice(-atLeast);
    putBounded(this.#openings, MOST_BREAKERS, [subject, openings]);
    if (openings.length < atLeast) return;
    const times = timesText(atLeast);
    const text = `The breaker of ${nameText(subject)} has opened ${times} within ${durationText(windowMs)}, now for ${durationText(event.openForMs)}: ${event.reason}.`;
    const { scope, target, endpoint, region, model } = event;
    const about = { target, endpoint, region, model };
    if (!this.#incidents.fire({ rule: RULE, subject, severity, text, about, windowMs }, moment)) return;
    // What was told once is not counted again.
    this.#openings.delete(subject);
    this.#told.set(subject, { scope, target, endpoint, model });
  }
}

/** Which breaker it is, in words: one may stand for several targets, and is told of with whichever of them moved it. */
function subjectOf({ scope, target, endpoint, model }: Place, breakers: BreakerScope): string {
  if (scope === 'transport') return `the connections to ${endpoint}`;
  if (breakers === 'endpoint') return `the endpoint ${endpoint}`;
  return breakers === 'model' ? `the model ${model}` : target;
}
