import type { Breaker, Transition } from '../breaker/breaker.js';
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
  const target = targetOf(context, id);
  const { clock } = context;
  const handle = (breaker: Breaker, scope: 'target' | 'transport') => {
    const tell = (transition: Transition) =>
      new Announcer(context, { isOfACall: false }).transition(target, transition, scope);
    return new Handle({ breaker, clock, tell });
  };
  return {
    id,
    breaker: handle(target.breaker, 'target'),
    transport: handle(target.transport, 'transport'),
    status: () => targetStatusOf(context.registry, target, clock.now()),
  };
}

function targetOf({ registry, clock }: FlowContext, id: string): Target {
  const target = registry.find(id, clock.now());
  if (target) return target;
  const known = registry.endpoints.map((endpoint) => `${endpoint.id}/…`).join(', ');
  throw new RangeError(`there is no target ${JSON.stringify(id)}; targets are written ${known}`);
}
