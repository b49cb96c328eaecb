import { durationText } from '../base/duration.js';
import type { EventName } from '../events/events.js';
import type { Moment } from './moment.js';
import type { HeardEvent } from './rule.js';
import { nameText } from './words.js';

/** So many entries are kept. */
const MOST = 100;
/** The same is looked for among so many of the newest: in an outage one failover follows the other. */
const LOOKED_BACK = 12;

/** Something that happened, in words. */
export interface JournalEntry {
  /** When, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly event: EventName;
  readonly text: string;
  /** How often it happened, without anything else of note happening in between to speak of. */
  readonly times: number;
  /** When it happened last. */
  readonly lastAt: number;
}

/** What of note happened lately: no prompt, no answer, no key. */
export class Journal {
  #entries: JournalEntry[] = [];

  /** Takes in an event, if there are words for it. */
  heard(heard: HeardEvent): void {
    const text = textOf(heard);
    if (text !== undefined) this.note(heard.name, text, heard.event);
  }

  /** Takes in what happened. What happens again and again is one entry. */
  note(event: EventName, text: string, { at }: Pick<Moment, 'at'>): void {
    for (let index = this.#entries.length - 1; index >= Math.max(0, this.#entries.length - LOOKED_BACK); index -= 1) {
      const entry = this.#entries[index] as JournalEntry;
      if (entry.event !== event || entry.text !== text) continue;
      this.#entries[index] = Object.freeze({ ...entry, times: entry.times + 1, lastAt: at });
      return;
    }
    if (this.#entries.length >= MOST) this.#entries.shift();
    this.#entries.push(Object.freeze({ at, event, text, times: 1, lastAt: at }));
  }

  /** The newest, oldest first. */
  latest(most: number): readonly JournalEntry[] {
    return this.#entries.slice(-most);
  }
}

/** What failed, in a few words: `server_error 503`. */
const causeOf = ({ kind, status }: { kind: string; status?: number | undefined }): string =>
  status === undefined ? kind : `${kind} ${status}`;

/** What happened in a sentence; undefined for what is not worth one. */
function textOf({ name, event }: HeardEvent): string | undefined {
  switch (name) {
    case 'attempt.failed':
      return event.kind === 'unsendable' ? `${nameText(event.key ?? event.endpoint)}: ${event.message}` : undefined;
    case 'failover':
      return `${nameText(event.from)} failed over to ${nameText(event.to)}: ${causeOf(event)}`;
    case 'request.failed':
      return `a request failed: ${causeOf(event)}`;
    case 'breaker.opened':
      return `${whoOf(event)}: breaker opened for ${durationText(event.openForMs)}: ${event.reason}`;
    case 'breaker.closed':
      return `${whoOf(event)}: breaker closed: ${event.reason}`;
    case 'breaker.mode-changed':
      if (event.mode === 'forced-open') return `${whoOf(event)}: somebody opened the breaker by hand`;
      return `${whoOf(event)}: somebody set the breaker to ${event.mode}`;
    case 'quarantine.started':
      return `${keyOrTarget(event)} in quarantine for ${durationText(event.forMs)}: ${event.reason}`;
    case 'quarantine.ended':
      return `${keyOrTarget(event)} is out of quarantine`;
    case 'health.down':
      return `${nameText(event.endpoint)} is down, by ${event.probes} probes`;
    case 'health.up':
      return `${nameText(event.endpoint)} is up, by ${event.because === 'call' ? 'a call' : 'probes'}`;
    case 'budget.exceeded':
      return `the budget of $${event.limitUSD} a ${event.period} is spent`;
    case 'budget.exhausted':
      return 'the budget of retries is empty';
    case 'stream.rescued':
      return `${nameText(event.from)} broke a stream off, ${nameText(event.to)} went on with it`;
    case 'lastresort.used':
      return `lastResort answered: ${causeOf(event)}`;
    default:
      return undefined;
  }
}

const whoOf = ({ scope, target, endpoint }: { scope: string; target: string; endpoint: string }): string =>
  scope === 'transport' ? `the connections to ${nameText(endpoint)}` : nameText(target);

const keyOrTarget = ({ scope, target, key }: { scope: string; target: string; key: string | undefined }): string =>
  scope === 'credential' ? `the key ${nameText(key ?? '')}` : nameText(target);
