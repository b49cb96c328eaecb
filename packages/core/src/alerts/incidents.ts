import type { Random } from '../base/random.js';
import type { AlertSeverity, AlertStamp } from '../events/alert.js';
import type { EventHub } from '../events/hub.js';
import { putBounded } from './bounded.js';
import type { Moment } from './moment.js';

/**
 * So many of one rule are open at the same time, at the most: model names come from callers, who may make them up. Each rule has its own
 * places, so that one of them never keeps another from telling that a budget is spent.
 */
const MOST_OPEN_OF_A_RULE = 100;
/** So many that are over are remembered, so that none fires twice in its window. */
const MOST_REMEMBERED = 1_000;

/** Whom an incident is about. */
export type About = Pick<AlertStamp, 'target' | 'endpoint' | 'region' | 'model' | 'key'>;

/** What a rule has to tell. */
export interface Trouble {
  readonly rule: string;
  /** What tells it from other incidents of the rule. */
  readonly subject: string;
  readonly severity: AlertSeverity;
  readonly text: string;
  readonly about?: About | undefined;
  /** Not told again within so many milliseconds of the last time. @default 0 */
  readonly windowMs?: number | undefined;
}

/** An incident that is not over. */
export type OpenIncident = Omit<AlertStamp, 'state'>;

/** What is wrong now. It announces what begins and what ends, and remembers the rest, so that nothing is told twice. */
export class Incidents {
  readonly #hub: EventHub;
  readonly #random: Random;
  readonly #changed: (alert: AlertStamp, moment: Moment) => void;
  readonly #open = new Map<string, OpenIncident>();
  readonly #openByRule = new Map<string, number>();
  readonly #firedAt = new Map<string, number>();
  #prefix = '';
  #count = 0;

  /** `changed` is told before the listeners of `alert` are. */
  constructor(
    { hub, random }: { hub: EventHub; random: Random },
    changed: (alert: AlertStamp, moment: Moment) => void,
  ) {
    this.#hub = hub;
    this.#random = random;
    this.#changed = changed;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** How many have fired so far. */
  get count(): number {
    return this.#count;
  }

  /** Those that are open, the oldest first. */
  all(): readonly OpenIncident[] {
    return [...this.#open.values()];
  }

  /** Whether one of a rule is open. */
  isOpen(rule: string, subject: string): boolean {
    return this.#open.has(keyOf(rule, subject));
  }

  /** Begins an incident; whether it is news. */
  fire({ rule, subject, severity, text, about, windowMs = 0 }: Trouble, moment: Moment): boolean {
    const key = keyOf(rule, subject);
    const last = this.#firedAt.get(key) ?? Number.NEGATIVE_INFINITY;
    const beside = this.#openByRule.get(rule) ?? 0;
    if (this.#open.has(key) || moment.now - last < windowMs || beside >= MOST_OPEN_OF_A_RULE) return false;
    this.#openByRule.set(rule, beside + 1);
    // Told first and last in the order of time: what is fired again is the newest.
    this.#firedAt.delete(key);
    putBounded(this.#firedAt, MOST_REMEMBERED, [key, moment.now]);
    const incident = { incident: this.#name(rule), rule, severity, text, since: moment.at, ...about };
    this.#open.set(key, incident);
    this.#tell({ ...incident, state: 'firing' }, moment);
    return true;
  }

  /** Ends an incident, if it is open. */
  resolve({ rule, subject, text }: Pick<Trouble, 'rule' | 'subject' | 'text'>, moment: Moment): void {
    const key = keyOf(rule, subject);
    const incident = this.#open.get(key);
    if (!incident) return;
    this.#open.delete(key);
    this.#openByRule.set(rule, (this.#openByRule.get(rule) ?? 1) - 1);
    this.#tell({ ...incident, state: 'resolved', text }, moment);
  }

  #tell(alert: AlertStamp, moment: Moment): void {
    this.#changed(alert, moment);
    this.#hub.emit('alert', { at: moment.at, ...alert });
  }

  #name(rule: string): string {
    // Drawn with the first incident: some platforms forbid dice while a module loads.
    this.#prefix ||= Math.floor(this.#random() * 36 ** 6)
      .toString(36)
      .padStart(6, '0');
    this.#count += 1;
    return `${rule}-${this.#prefix}-${this.#count}`;
  }
}

const keyOf = (rule: string, subject: string): string => `${rule} ${subject}`;
