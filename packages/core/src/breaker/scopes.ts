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

/** Which options can differ within one breaker's reach: those of a model mean nothing to a breaker that stands for an endpoint. */
const LAYERS: Readonly<Record<BreakerScope, readonly Layer[]>> = {
  target: ['models', 'endpoints', 'targets'],
  endpoint: ['endpoints'],
  model: ['models'],
};

type Layer = 'models' | 'endpoints' | 'targets';

/** Where a target stands, to look its options up. */
export interface Place {
  readonly endpoint: string;
  readonly model: string;
}

/** The breakers of a router, resolved. */
export interface BreakerPlan {
  readonly scope: BreakerScope;
  readonly transport: ResolvedBreakerOptions;
  /** The options at a place: always the same object, and the same one for all places that the same options are given for. */
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
  /** Options of endpoints, by id; over those of models, below those of single targets. */
  readonly byEndpoint?: ReadonlyMap<string, BreakerInput>;
  /** A probe must not be given up while its attempt may still be answered: leases last at least so long, in milliseconds. @default 0 */
  readonly leastLeaseMs?: number;
}

/**
 * Resolves the options of a router and of its endpoints, which have been checked.
 * @throws TypeError for what only all layers together show
 */
export function planBreakers(
  given?: RouterBreakerInput,
  { byEndpoint = new Map(), leastLeaseMs = 0 }: PlanParts = {},
): BreakerPlan {
  const [{ scope = PLACES_DEFAULTS.scope, transport, models = {}, targets = {} }, own] = split(given);
  const base = own as BreakerInput | undefined;
  const inputs = { models, endpoints: Object.fromEntries(byEndpoint), targets };
  checkScope(scope, inputs);
  const resolve = (input: BreakerInput | undefined, path?: string): ResolvedBreakerOptions => {
    const options = resolveBreakerOptions(input, path);
    return options === false || options.leaseMs >= leastLeaseMs ? options : { ...options, leaseMs: leastLeaseMs };
  };
  const common = resolve(base);
  // Kept by what is given and not by place: models are named by callers, who may make them up.
  const known = new Map<string, ResolvedBreakerOptions>();
  const optionsAt = ({ endpoint, model }: Place): ResolvedBreakerOptions => {
    const names = { models: model, endpoints: endpoint, targets: `${endpoint}/${model}` };
    const layers = LAYERS[scope].filter((layer) => lookUp(inputs[layer], names[layer]) !== undefined);
    if (layers.length === 0) return common;
    const key = JSON.stringify(layers.map((layer) => [layer, names[layer]]));
    const before = known.get(key);
    if (before !== undefined) return before;
    const input = layers.reduce((below, layer) => layered(below, lookUp(inputs[layer], names[layer]) ?? {}), base);
    const options = resolve(input, `breaker of ${names.targets}`);
    known.set(key, options);
    return options;
  };
  for (const place of placesIn(inputs)) optionsAt(place);
  return { scope, transport: resolve(transportInput(common, transport), 'router.breaker.transport'), optionsAt };
}

type Inputs = Readonly<Record<Layer, Readonly<Record<string, BreakerInput>>>>;

/** Stands for every name that has no options of its own. */
const ANY = '*';

/** Every place where options meet, so that their faults show when a client is made and not in the middle of a call. */
function placesIn({ models, endpoints, targets }: Inputs): readonly Place[] {
  const crossings = [...Object.keys(endpoints), ANY].flatMap((endpoint) =>
    [...Object.keys(models), ANY].map((model) => ({ endpoint, model })),
  );
  const single = Object.keys(targets).map((id) => {
    const slash = id.indexOf('/');
    return { endpoint: id.slice(0, slash), model: id.slice(slash + 1) };
  });
  return [...crossings, ...single];
}

function checkScope(scope: BreakerScope, inputs: Inputs): void {
  const idle = (Object.keys(inputs) as Layer[]).filter(
    (layer) => !LAYERS[scope].includes(layer) && Object.values(inputs[layer]).some((input) => input !== undefined),
  );
  if (idle.length === 0) return;
  const names = {
    models: 'router.breaker.models',
    endpoints: 'breaker of an endpoint',
    targets: 'router.breaker.targets',
  };
  const fault = (layer: Layer) =>
    `${names[layer]} means nothing while router.breaker.scope is "${scope}"; leave it out`;
  throw new TypeError(idle.map(fault).join('\n'));
}

/** Connections have a rule of their own, and rest like everything else: who observes, or waits a minute, does so here too. */
function transportInput(common: ResolvedBreakerOptions, given: BreakerInput | undefined): BreakerInput {
  if (common === false) return given ?? false;
  const { mode, levelDecayMs, openMs, openMultiplier, maxOpenMs, jitter, recovery } = common;
  const waits = recovery ? { openMs, recovery } : { openMs, openMultiplier, maxOpenMs, jitter };
  return layered({ ...TRANSPORT, mode, levelDecayMs, ...waits }, given ?? {});
}

function lookUp(inputs: Readonly<Record<string, BreakerInput>>, name: string): BreakerInput | undefined {
  return Object.hasOwn(inputs, name) ? inputs[name] : undefined;
}

/** The places, and what is left without them; options without places are left as they are. */
function split(value: unknown): [BreakerPlaces, unknown] {
  const isPlain = Object.prototype.toString.call(value) === '[object Object]';
  if (!isPlain || !Object.keys(PLACE_CHECKS).some((name) => name in (value as object))) return [{}, value];
  const { scope, transport, models, targets, ...own } = value as BreakerPlaces & Record<string, unknown>;
  return [{ scope, transport, models, targets } as BreakerPlaces, own];
}
