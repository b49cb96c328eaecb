import { type Check, oneOf, recordOf } from '../base/check.js';
import { layered } from './layers.js';
import {
  type BreakerInput,
  type BreakerOptions,
  breakerOptions,
  type ResolvedBreakerOptions,
  resolveBreakerOptions,
} from './options.js';

/** What a breaker stands for: a model at an endpoint, everything at an endpoint, or a model wherever it is. */
export type BreakerScope = 'target' | 'endpoint' | 'model';

/** Where breakers stand and where their options differ. */
export interface BreakerPlaces {
  /** What has a breaker of its own. @default 'target' */
  scope?: BreakerScope;
  /** Options of the breaker that each endpoint has for its connections alone; `false` for none. @default a streak of 5 */
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

/** Where a target stands, to look its options up. */
export interface Place {
  readonly endpoint: string;
  readonly model: string;
}

/** The breakers of a router, resolved. */
export interface BreakerPlan {
  readonly scope: BreakerScope;
  readonly transport: ResolvedBreakerOptions;
  /** The options at a place; for the same place always the same object, and the same for places without options of their own. */
  optionsAt(place: Place): ResolvedBreakerOptions;
}

const PLACE_CHECKS: Readonly<Record<keyof BreakerPlaces, Check>> = {
  scope: oneOf('target', 'endpoint', 'model'),
  transport: breakerOptions,
  models: recordOf(breakerOptions),
  targets: recordOf(breakerOptions),
};

/** The check of `router.breaker`. */
export const routerBreakerOptions: Check = (value, path, faults) => {
  const [places, own] = split(value);
  for (const [name, check] of Object.entries(PLACE_CHECKS)) {
    const given = places[name as keyof BreakerPlaces];
    if (given !== undefined) check(given, `${path}.${name}`, faults);
  }
  breakerOptions(own, path, faults);
};

/** What {@link planBreakers} looks at besides `router.breaker`. */
export interface PlanParts {
  /** Options of endpoints, by id; over those of models, below those of single targets. */
  readonly byEndpoint?: ReadonlyMap<string, BreakerInput>;
  /** A probe must not be given up while its attempt may still be answered: leases last at least so long, in milliseconds. @default 0 */
  readonly leastLeaseMs?: number;
}

/** Resolves the options of a router and of its endpoints, which have been checked; a fault that only the layers show is a `TypeError`. */
export function planBreakers(
  given?: RouterBreakerInput,
  { byEndpoint = new Map(), leastLeaseMs = 0 }: PlanParts = {},
): BreakerPlan {
  const [{ scope = PLACES_DEFAULTS.scope, transport = TRANSPORT, models = {}, targets = {} }, own] = split(given);
  const base = own as BreakerInput | undefined;
  const resolve = (input: BreakerInput | undefined, path?: string): ResolvedBreakerOptions => {
    const options = resolveBreakerOptions(input, path);
    return options === false || options.leaseMs >= leastLeaseMs ? options : { ...options, leaseMs: leastLeaseMs };
  };
  const common = resolve(base);
  const known = new Map<string, ResolvedBreakerOptions>();
  const optionsAt = ({ endpoint, model }: Place): ResolvedBreakerOptions => {
    const id = `${endpoint}/${model}`;
    const layers = [lookUp(models, model), byEndpoint.get(endpoint), lookUp(targets, id)];
    const given = layers.filter((layer) => layer !== undefined);
    if (given.length === 0) return common;
    const options = known.get(id) ?? resolve(given.reduce<BreakerInput | undefined>(layered, base), `breaker of ${id}`);
    known.set(id, options);
    return options;
  };
  return { scope, transport: resolve(transport), optionsAt };
}

function lookUp(inputs: Readonly<Record<string, BreakerInput>>, name: string): BreakerInput | undefined {
  return Object.hasOwn(inputs, name) ? inputs[name] : undefined;
}

/** The places, and what is left without them. */
function split(value: unknown): [BreakerPlaces, unknown] {
  if (Object.prototype.toString.call(value) !== '[object Object]') return [{}, value];
  const { scope, transport, models, targets, ...own } = value as BreakerPlaces & Record<string, unknown>;
  return [{ scope, transport, models, targets } as BreakerPlaces, own];
}
