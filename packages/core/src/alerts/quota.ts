import { durationText } from '../base/duration.js';
import type { Moment } from './moment.js';
import type { QuotaRule, Settled } from './options.js';
import type { HeardEvent, Rule, RuleParts } from './rule.js';
import { nameText } from './words.js';

const RULE = 'quota';

/** A key whose account has nothing left to spend. */
export class Quota implements Rule {
  readonly #options: Settled<QuotaRule>;
  readonly #incidents: RuleParts['incidents'];
  /** When the quarantine of each such key ends by itself. */
  readonly #until = new Map<string, number>();

  constructor(options: Settled<QuotaRule>, { incidents }: RuleParts) {
    this.#options = options;
    this.#incidents = incidents;
  }

  heard({ name, event }: HeardEvent, moment: Moment): void {
    if (name === 'quarantine.ended' && event.scope === 'credential') this.#ended(event.key ?? '', moment);
    if (name !== 'quarantine.started' || event.scope !== 'credential' || event.reason !== 'quota') return;
    const { endpoint, region, key = '', forMs } = event;
    const until = moment.now + forMs;
    const { severity } = this.#options;
    const text = `The account of ${nameText(key)} has nothing left to spend: ${nameText(endpoint)} refused it, and it is not used for ${durationText(forMs)}.`;
    const about = { endpoint, region, key };
    this.#incidents.fire({ rule: RULE, subject: key, severity, text, about }, moment);
    // Refused once more it is the same incident, which lasts longer.
    if (this.#incidents.isOpen(RULE, key)) this.#until.set(key, until);
  }

  settle(moment: Moment): void {
    const { quietMs } = this.#options;
    for (const [key, until] of this.#until) {
      if (moment.now - until < quietMs) continue;
      const text = `${nameText(key)} may be used again for ${durationText(moment.now - until)}, and has not been refused since.`;
      this.#over(key, text, moment);
    }
  }

  #ended(key: string, moment: Moment): void {
    if (this.#until.has(key)) this.#over(key, `${nameText(key)} is good again: it got an answer.`, moment);
  }

  #over(key: string, text: string, moment: Moment): void {
    this.#until.delete(key);
    this.#incidents.resolve({ rule: RULE, subject: key, text }, moment);
  }
}
