import type { EventName, RouterEvents } from '../events/events.js';
import type { Incidents } from './incidents.js';
import type { Moment } from './moment.js';

/** An event with its name. */
export type HeardEvent = {
  [Name in EventName]: { readonly name: Name; readonly event: RouterEvents[Name] };
}[EventName];

/** What tells whether something is wrong. It hears what seldom happens, owns no timer, and is asked now and then what time has changed. */
export interface Rule {
  /** Something happened that does not happen in every call. */
  heard?(heard: HeardEvent, moment: Moment): void;
  /** Looks whether what was wrong is over. */
  settle?(moment: Moment): void;
}

/** What every rule is made with besides its options. */
export interface RuleParts {
  readonly incidents: Incidents;
}
