import type { Clock } from '../base/clock.js';
import type { EventHub } from '../events/hub.js';
import type { Endpoint } from '../targets/target.js';
import type { ProbeChange } from './learn-from-probe.js';

/** Puts into an event what a probe of an endpoint has changed. */
export function announceProbed(
  { hub, clock }: { hub: EventHub; clock: Clock },
  { id, region }: Endpoint,
  change: ProbeChange,
): void {
  const stamp = { at: clock.wall(), endpoint: id, region };
  if (change.what === 'health') {
    if (change.state === 'down') hub.emit('health.down', { ...stamp, probes: change.probes });
    else hub.emit('health.up', { ...stamp, because: 'probes' });
    return;
  }
  const { key } = change;
  const who = { ...stamp, target: `${id}/*`, model: '*', scope: 'credential', key } as const;
  if (change.what === 'released') hub.emit('quarantine.ended', who);
  else hub.emit('quarantine.started', { ...who, reason: 'auth', forMs: Math.ceil(change.forMs) });
}
