import * as check from '../base/check.js';
import type { Breaker, BreakerMemory, BreakerMode } from '../breaker/breaker.js';
import { type BreakerScope, PLACES_DEFAULTS } from '../breaker/scopes.js';
import type { PeriodName, SpentInPeriod } from '../spending/period.js';
import type { FlowContext } from './context.js';

/**
 * What one breaker remembers. A mode is there only where somebody set it by hand: else the options say it, those of the process that
 * restores. Who switches breakers off during an outage, and restarts, must not get them back open.
 */
type Remembered = Omit<BreakerMemory, 'mode'> & { readonly mode?: BreakerMode };

/**
 * What breakers remember, and what was spent, as plain JSON: of breakers durations and no instants, so that it can be read in another
 * process, later.
 */
export interface RouterMemory {
  readonly version: 1;
  /** What had a breaker of its own: those of other breakers cannot be put back. @default 'target' */
  readonly scope?: BreakerScope;
  /** By target, `endpoint/model`. */
  readonly targets: Readonly<Record<string, Remembered>>;
  /** The connections, by endpoint. */
  readonly transports: Readonly<Record<string, Remembered>>;
  /** What was spent of `router.budget`, by period. @default nothing */
  readonly spent?: Readonly<Partial<Record<PeriodName, SpentInPeriod>>>;
}

const memory = check.shape(
  {
    state: check.oneOf('closed', 'open', 'half-open'),
    mode: check.oneOf('auto', 'observe-only', 'disabled', 'forced-open'),
    level: check.nonNegativeInteger,
    openForMs: check.nonNegativeNumber,
  },
  { required: ['state', 'level', 'openForMs'] },
);

const spent = check.shape(
  { from: check.must('a finite number', Number.isFinite), spentUSD: check.nonNegativeNumber },
  { required: ['from', 'spentUSD'] },
);

const routerMemory = check.shape(
  {
    version: check.oneOf(1),
    scope: check.oneOf('target', 'endpoint', 'model'),
    targets: check.recordOf(memory),
    transports: check.recordOf(memory),
    spent: check.shape({ day: spent, month: spent }),
  },
  { required: ['version', 'targets', 'transports'] },
);

/** What a breaker remembers; undefined when it stands like a new one. */
function memoryOf(breaker: Breaker, now: number): Remembered | undefined {
  const { state, mode, level, openForMs } = breaker.snapshot(now);
  if (mode !== breaker.usualMode) return { state, mode, level, openForMs };
  const isNew = level === 0 && (state === 'closed' || mode === 'forced-open');
  return isNew ? undefined : { state, level, openForMs };
}

function putBack(breaker: Breaker, remembered: Remembered, now: number): void {
  breaker.restore({ ...remembered, mode: remembered.mode ?? breaker.usualMode }, now);
}

/** Reads what the breakers of all targets remember. Changes nothing. */
export function remember({ registry, clock, spending }: FlowContext): RouterMemory {
  const now = clock.now();
  const targets: Record<string, Remembered> = {};
  const transports: Record<string, Remembered> = {};
  for (const target of registry.all()) {
    const kept = memoryOf(target.breaker, now);
    if (kept) targets[target.id] = kept;
  }
  // Not only those of targets that were met: what was restored is remembered until somebody asks there.
  for (const { id } of registry.endpoints) {
    const kept = memoryOf(registry.transportOf(id, now), now);
    if (kept) transports[id] = kept;
  }
  const bill = spending && { spent: spending.remembered(clock.wall()) };
  return { version: 1, scope: registry.scope, targets, transports, ...bill };
}

/**
 * Puts breakers back to where they were, and answers with the targets and endpoints that there are none of here any more, or whose
 * breakers stand for something else by now. Nothing is announced: nothing happened.
 * @throws TypeError listing everything that is wrong with what was given
 */
export function restore({ registry, clock, spending }: FlowContext, given: RouterMemory): readonly string[] {
  const faults = check.faultsOf(routerMemory, given, 'snapshot');
  if (faults.length > 0) throw new TypeError(faults.join('\n'));
  const now = clock.now();
  spending?.restore(given.spent ?? {}, clock.wall());
  const unknown: string[] = [];
  const fits = (given.scope ?? PLACES_DEFAULTS.scope) === registry.scope;
  for (const [id, remembered] of Object.entries(given.targets)) {
    const target = fits ? registry.find(id, now) : undefined;
    if (target) putBack(target.breaker, remembered, now);
    else unknown.push(id);
  }
  for (const [id, remembered] of Object.entries(given.transports)) {
    if (registry.endpoints.some((endpoint) => endpoint.id === id))
      putBack(registry.transportOf(id, now), remembered, now);
    else unknown.push(id);
  }
  return unknown;
}
