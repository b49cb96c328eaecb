import { nearestName, show } from '../base/fault.js';
import { EVENT_NAMES } from './events.js';

/**
 * What is wrong with listening to `name` with `listener`, one line each; an empty list when both can be used. Types do not reach plain
 * JavaScript, where a mistyped name would be listened to for ever and never be heard. `use` is what the user has called.
 */
export function listeningFaults(use: string, name: unknown, listener: unknown): string[] {
  const faults: string[] = [];
  if (!EVENT_NAMES.some((known) => known === name)) faults.push(unknownEvent(use, name));
  if (typeof listener !== 'function')
    faults.push(`${use} takes a listener, which must be a function, but is ${show(listener, use)}`);
  return faults;
}

function unknownEvent(use: string, name: unknown): string {
  const near = typeof name === 'string' ? nearestName(name, EVENT_NAMES) : undefined;
  const remedy = near === undefined ? `the events are ${EVENT_NAMES.join(', ')}` : `did you mean "${near}"?`;
  return `${use} takes the name of an event, which ${show(name, use)} is not; ${remedy}`;
}
