import { type Check, oneOf, recordOf } from '../base/check.js';
import { layered } from './layers.js';

import {
  type BreakerInput,
  type BreakerOptions,
  breakerLayer,
  breakerOptions,
  type ResolvedBreakerOptions,
  resolveBreakerOptions,
} from './options.js';
import {
  type BreakerScope,
  idleLayers,
  layersAt,
  layersOf,
  type Place,
  type PlannedEndpoint,
  pathOf,
  placesIn,
  strayTargets,
} from './places.js';

export type { BreakerScope, Place, PlannedEndpoint } from './places.js';

/** Where breakers stand and where their options differ. */
export interface BreakerPlaces {
  /** What has a breaker of its own. @default 'target' */
  scope?: BreakerScope;
  /**
   * Options of the breaker that each endpoint has for its connections alone; `false` for none.
   * @default a streak of 5, with the mode and the waits of the options beside this
   */
  transport?: BreakerInput;
  /** Options for models, by the name the caller has for them; over those beside this. */
  models?: Readonly<Record<string, BreakerInput>>;
  /** Options for single targets, by `endpoint/model`; over all others. */
  targets?: Readonly<Record<string, BreakerInput>>;
}

/** What `router.breaker` takes. */
export type RouterBreakerInput = BreakerInput | (BreakerOptions & BreakerPlaces);

/** The defaults of this room. */
export const PLACES_DEFAULTS = Object.freeze({ scope: 'target' as const });

/** A refused connection tells of the whole endpoint; a share of failures would be diluted by the answers before. */
const TRANSPORT: BreakerOptions = Object.freeze({ failureStreak: 5, failureRate: false });

/** The breakers of a router, resolved. */
export interface BreakerPlan {
  readonly scope: BreakerScope;
  readonly transport: ResolvedBreakerOptions;
  /** The options at a place: always the same object, and the same one for all places that the same options are given for. */
  optionsAt(place: Place): ResolvedBreakerOptions;
}

const PLACE_CHECKS: Readonly<Record<keyof BreakerPlaces, Check>> = {
  scope: oneOf('target', 'endpoint', 'model'),
  transport: breakerLayer,
  models: recordOf(breakerLayer),
  targets: recordOf(breakerLayer),
};

/** The check of `router.breaker`. */
export const routerBreakerOptions: Check = (value, path, faults) => {
  let parts: [BreakerPlaces, unknown];
  try {
    parts = split(value);
  } catch {
    faults.push(`${path} cannot be read: one of its getters throws`);
    return;
  }
  const [places, own] = parts;
  for (const [name, check] of Object.entries(PLACE_CHECKS)) {
    const given = places[name as keyof BreakerPlaces];
    if (given !== undefined) check(given, `${path}.${name}`, faults);
  }
  breakerOptions(own, path, faults);
};

/** What {@link planBreakers} looks at besides `router.breaker`. */
export interface PlanParts {
  /** All endpoints, in order. @default any, none with options of its own */
  readonly endpoints?: readonly PlannedEndpoint[];
  /** A probe should not be given up while its attempt may still be answered: leases that no option names last so long at least, in milliseconds. @default 0 */
  readonly leastLeaseMs?: number;
}

/**
 * Resolves the options of a router and of its endpoints, which have been checked.
 * @throws TypeError for what only all layers together show
 */
export function planBreakers(given?: RouterBreakerInput, { endpoints, leastLeaseMs = 0 }: PlanParts = {}): BreakerPlan {
  const [{ scope = PLACES_DEFAULTS.scope, transport, models = {}, targets = {} }, own] = split(given);
  const base = own as BreakerInput | undefined;
  const layers = layersOf({ models, targets, endpoints: endpoints ?? [] });
  throwAll([...idleLayers(scope, layers), ...strayTargets(layers, endpoints)]);
  const resolve = (input: BreakerInput | undefined, path?: string): ResolvedBreakerOptions => {
    const options = resolveBreakerOptions(input, path);
    // Who names a time means it.
    const isNamed = typeof input === 'object' && 'leaseMs' in input && input.leaseMs !== undefined;
    if (options === false || isNamed || options.leaseMs >= leastLeaseMs) return options;
    return { ...options, leaseMs: leastLeaseMs };
  };
  const common = resolve(base);
  // Kept by what is given and not by place: models are named by callers, who may make them up.
  const known = new Map<string, ResolvedBreakerOptions>();
  const optionsAt = (place: Place): ResolvedBreakerOptions => {
    const own = layersAt(place, scope, layers);
    if (own.length === 0) return common;
    const key = JSON.stringify(own.map(({ path }) => path));
    const before = known.get(key);
    if (before !== undefined) return before;
    const input = own.reduce<BreakerInput>((below, { given }) => layered(below, given), base ?? {});
    const options = resolve(input, pathOf(own, input));
    known.set(key, options);
    return options;
  };
  const resolved = resolve(transportInput(common, transport), 'router.breaker.transport');
  throwAll(placesIn(layers).flatMap((place) => faultsIn(() => optionsAt(place))));
  return { scope, transport: resolved, optionsAt };
}

function faultsIn(resolve: () => unknown): readonly string[] {
  try {
    resolve();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

function throwAll(faults: readonly string[]): void {
  if (faults.length > 0) throw new TypeError([...new Set(faults)].join('\n'));
}

/** Connections have a rule of their own, and rest like everything else: who observes, or waits a minute, does so here too. */
function transportInput(common: ResolvedBreakerOptions, given: BreakerInput | undefined): BreakerInput {
  if (common === false) return false;
  const { mode, levelDecayMs, openMs, openMultiplier, maxOpenMs, jitter, recovery } = common;
  const waits = recovery ? { recovery } : { openMs, openMultiplier, maxOpenMs, jitter };
  return layered({ ...TRANSPORT, mode, levelDecayMs, ...waits }, given ?? {});
}

/** The places, and what is left without them; options without places are left as they are. */
function split(value: unknown): [BreakerPlaces, unknown] {
  const isPlain = Object.prototype.toString.call(value) === '[object Object]';
  if (!isPlain || !Object.keys(PLACE_CHECKS).some((name) => name in (value as object))) return [{}, value];
  const { scope, transport, models, targets, ...own } = value as BreakerPlaces & Record<string, unknown>;
  return [{ scope, transport, models, targets } as BreakerPlaces, own];
}
