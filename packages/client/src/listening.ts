import { listeningFaults } from '@breakwater/core';
import { OptionsError } from './errors.js';
import type { Seam } from './seam.js';

type EventHub = Seam['engine']['hub'];

/** What somebody who listens needs. */
export type Listening = Pick<EventHub, 'on' | 'once' | 'off'>;

/**
 * Listening for plain JavaScript too, which types do not reach: `as` is what the user calls the place where he listens. All three throw
 * an OptionsError for a name that is no event, and for a listener that is no function.
 */
export function listeningTo(hub: EventHub, as: string): Listening {
  const checked = (use: string, name: unknown, listener: unknown): EventHub => {
    const faults = listeningFaults(`${as}.${use}`, name, listener);
    if (faults.length > 0) throw new OptionsError(faults);
    return hub;
  };
  return {
    on: (name, listener) => checked('on', name, listener).on(name, listener),
    once: (name, listener) => checked('once', name, listener).once(name, listener),
    off: (name, listener) => checked('off', name, listener).off(name, listener),
  };
}
