import * as check from '../base/check.js';
import type { Breaker, BreakerMemory, BreakerMode } from '../breaker/breaker.js';
import type { FlowContext } from './context.js';

/** What breakers remember, as plain JSON: durations and no instants, so that it can be read in another process, later. */
export interface RouterMemory {
  readonly version: 1;
  /** By target, `endpoint/model`. */
  readonly targets: Readonly<Record<string, BreakerMemory>>;
  /** The connections, by endpoint. */
  readonly transports: Readonly<Record<string, BreakerMemory>>;
}

const memory = check.shape(
  {
    state: check.oneOf('closed', 'open', 'half-open'),
    mode: check.oneOf('auto', 'observe-only', 'disabled', 'forced-open'),
    level: check.nonNegativeInteger,
    openForMs: check.nonNegativeNumber,
  },
  { required: ['state', 'mode', 'level', 'openForMs'] },
);

const routerMemory = check.shape(
  { version: check.oneOf(1), targets: check.recordOf(memory), transports: check.recordOf(memory) },
  { required: ['version', 'targets', 'transports'] },
);

/** Whether there is nothing to remember: it stands like a new one. A mode that the options name is theirs to say, also after a restart. */
const isNew = ({ state, mode, level }: BreakerMemory, usual: BreakerMode): boolean =>
  mode === usual && level === 0 && (state === 'closed' || mode === 'forced-open');

/** Reads what the breakers of all targets remember. Changes nothing. */
export function remember({ registry, clock }: FlowContext): RouterMemory {
  const now = clock.now();
  const targets: Record<string, BreakerMemory> = {};
  const transports: Record<string, BreakerMemory> = {};
  const keep = (breaker: Breaker, usual: BreakerMode): BreakerMemory | undefined => {
    const { state, mode, level, openForMs } = breaker.snapshot(now);
    const memory = { state, mode, level, openForMs };
    return isNew(memory, usual) ? undefined : memory;
  };
  for (const target of registry.all()) {
    const usual = registry.modesOf(target);
    const ofTarget = keep(target.breaker, usual.breaker);
    const ofTransport = keep(target.transport, usual.transport);
    if (ofTarget) targets[target.id] = ofTarget;
    if (ofTransport) transports[target.endpoint.id] = ofTransport;
  }
  return { version: 1, targets, transports };
}

/**
 * Puts breakers back to where they were, and answers with the targets and endpoints that there are none of here any more. Nothing is
 * announced: nothing happened. @throws TypeError listing everything that is wrong with what was given
 */
export function restore({ registry, clock }: FlowContext, given: RouterMemory): readonly string[] {
  const faults = check.faultsOf(routerMemory, given, 'snapshot');
  if (faults.length > 0) throw new TypeError(faults.join('\n'));
  const now = clock.now();
  const unknown: string[] = [];
  for (const [id, remembered] of Object.entries(given.targets)) {
    const target = registry.find(id, now);
    if (target) target.breaker.restore(remembered, now);
    else unknown.push(id);
  }
  for (const [id, remembered] of Object.entries(given.transports)) {
    if (registry.endpoints.some((endpoint) => endpoint.id === id)) registry.transportOf(id).restore(remembered, now);
    else unknown.push(id);
  }
  return unknown;
}
