import { durationText } from '../base/duration.js';
import type { OpenIncident } from './incidents.js';
import type { Moment } from './moment.js';
import type { ReportedTarget } from './report.js';
import { nameText, sentenceText } from './words.js';

/** More than these are only counted. */
const MOST_TOLD = 8;

const STANDS: Readonly<Record<ReportedTarget['state'], string | undefined>> = {
  ready: undefined,
  // A limit of one's own is kept, and not a fault.
  limited: undefined,
  probing: 'is being tried: its breaker waits for good answers',
  open: 'is not asked: its breaker is open',
  cooling: 'is not asked: it rests, because it is overloaded or has told calls to wait',
  quarantined: 'is not asked: its key was refused, or it does not know the model',
  down: 'is not asked while there is somebody else: probes of its endpoint fail',
};

/** What a report tells of as wrong. */
export interface Troubles {
  readonly alerts: readonly OpenIncident[];
  readonly targets: readonly ReportedTarget[];
  /** Requests that could not be made, a sentence each. */
  readonly unmade: readonly string[];
}

/** What is wrong now, a sentence each: what alerts say, then the targets that are not well, then what cannot be sent. */
export function wrongNow({ alerts, targets, unmade }: Troubles, { at }: Moment): readonly string[] {
  const sick = targets.filter(({ state }) => STANDS[state] !== undefined);
  const sentences = sick.slice(0, MOST_TOLD).map((target) => `${nameText(target.target)} ${standOf(target)}.`);
  const more = sick.length - sentences.length;
  if (more > 0) sentences.push(`${more} more ${more === 1 ? 'target is' : 'targets are'} not well.`);
  const told = alerts.slice(0, MOST_TOLD).map(({ text, since }) => `${text} That was ${durationText(at - since)} ago.`);
  const untold = alerts.length - told.length;
  if (untold > 0) told.push(`${untold} more alerts are firing.`);
  return [...told, ...sentences, ...unmade];
}

function standOf({ state, readyInMs, reason }: ReportedTarget): string {
  if (state === 'probing') return STANDS[state] ?? '';
  const left = readyInMs === undefined ? 'until somebody closes it' : `for another ${durationText(readyInMs)}`;
  return `${STANDS[state]}${reason === undefined ? '' : ` (${sentenceText(reason)})`}, ${left}`;
}
