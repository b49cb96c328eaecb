import { type BreakerControl, Handle } from '../breaker/control.js';
import type { Target } from '../targets/target.js';
import { Announcer } from './announce.js';
import type { FlowContext } from './context.js';
import { type TargetStatus, targetStatusOf } from './status.js';

/** A target in a person's hands. */
export interface TargetControl {
  /** `endpoint/model`. */
  readonly id: string;
  readonly breaker: BreakerControl;
  /** The breaker of the connections to its endpoint, which all targets there share. */
  readonly transport: BreakerControl;
  /** How it stands, as plain JSON. */
  status(): TargetStatus;
}

/** Finds a target by its id, asked for before or not. @throws RangeError for an id that no endpoint serves */
export function controlOf(context: FlowContext, id: string): TargetControl {
  // Looked up for each command: a model that was forgotten and met again has another breaker, and handles are kept for long.
  const current = () => targetOf(context, id);
  current();
  return {
    id,
    breaker: handleOf(context, current, 'target'),
    transport: handleOf(context, current, 'transport'),
    status: () => targetStatusOf(context.registry, current(), context.clock.now()),
  };
}

function handleOf(context: FlowContext, current: () => Target, scope: 'target' | 'transport'): BreakerControl {
  return new Handle({
    get breaker() {
      return scope === 'target' ? current().breaker : current().transport;
    },
    clock: context.clock,
    tell: (transition) => new Announcer(context, { isOfACall: false }).transition(current(), transition, scope),
  });
}

function targetOf({ registry, clock }: FlowContext, id: string): Target {
  const target = registry.find(id, clock.now());
  if (target) return target;
  const known = registry.endpoints.map((endpoint) => `${endpoint.id}/…`).join(', ');
  throw new RangeError(`there is no target ${JSON.stringify(id)}; targets are written ${known}`);
}
