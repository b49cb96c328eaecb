import type { AlertSeverity } from '../events/alert.js';
import type { EventName } from '../events/events.js';
import type { About } from './incidents.js';
import type { Moment } from './moment.js';
import type { HeardEvent, RuleParts } from './rule.js';
import { sentenceText } from './words.js';

/** What a rule of your own has found: that something is wrong, or no more. */
export interface Finding extends About {
  readonly state: 'firing' | 'resolved';
  /** What is wrong, in words for people. Nothing of a prompt, an answer or a key: it goes to every sink. */
  readonly text: string;
  /** What tells it from others of the rule that may be wrong at the same time. @default there is one at a time */
  readonly subject?: string;
  /** @default 'warning' */
  readonly severity?: AlertSeverity;
  /** Not told again within so many milliseconds of the last time. @default 0 */
  readonly windowMs?: number;
}

/** A rule of your own, over the events that it names. */
export interface OwnAlertRule {
  /** What its alerts are told under. */
  readonly name: string;
  /** The events that it is to hear; any but `alert` and `listener.failed`. */
  readonly on: readonly EventName[];
  /** Says whether something is wrong now; undefined for nothing new. What it throws is reported like the fault of a listener. */
  judge(heard: HeardEvent): Finding | undefined;
}

/**
 * Lets a user's own rule judge an event.
 * @throws whatever the rule throws; TypeError when what it found is none; both are a fault of its listener
 */
export function judgedBy(rule: OwnAlertRule, heard: HeardEvent, moment: Moment, { incidents }: RuleParts): void {
  const finding = checked(rule.judge(heard), rule.name);
  if (!finding) return;
  const { state, text, subject = '', severity = 'warning', windowMs, target, endpoint, region, model, key } = finding;
  const trouble = { rule: rule.name, subject, text: sentenceText(text) };
  if (state === 'resolved') incidents.resolve(trouble, moment);
  else incidents.fire({ ...trouble, severity, windowMs, about: { target, endpoint, region, model, key } }, moment);
}

/** What a rule gave back comes from JavaScript too, where anything may be given back. */
function checked(given: unknown, rule: string): Finding | undefined {
  if (given === undefined || given === null || given === false) return undefined;
  const { state, text, then } = given as Readonly<Record<string, unknown>>;
  if (typeof then === 'function') {
    // Nobody waits for it, and nobody is to be woken by its rejection.
    void Promise.resolve(given).catch(() => undefined);
    throw new TypeError(`judge of the alert rule "${rule}" must answer at once, but gave a promise`);
  }
  if ((state !== 'firing' && state !== 'resolved') || typeof text !== 'string')
    throw new TypeError(
      `judge of the alert rule "${rule}" must give a finding with the state 'firing' or 'resolved' and a text, or undefined`,
    );
  return given as Finding;
}
