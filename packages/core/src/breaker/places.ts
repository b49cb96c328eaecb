import { join, nearestName } from '../base/fault.js';
import { opensNever } from './contradictions.js';
import type { BreakerInput, BreakerOptions } from './options.js';

/** What a breaker stands for: a model at an endpoint, everything at an endpoint, or a model wherever it is. */
export type BreakerScope = 'target' | 'endpoint' | 'model';

/** What a plan knows of an endpoint. */
export interface PlannedEndpoint {
  readonly id: string;
  /** Over the options of models, below those of single targets. @default none of its own */
  readonly breaker?: BreakerInput | undefined;
}

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

/** Options of one model, endpoint or target, and where they were written. */
export interface Given {
  readonly given: BreakerInput;
  readonly path: string;
}

/** What is given, by layer and by the name in it. */
export type Layers = Readonly<Record<Layer, ReadonlyMap<string, Given>>>;

const MODELS = 'router.breaker.models';
const TARGETS = 'router.breaker.targets';

/** What a layer knows a place by. */
const NAMES: Readonly<Record<Layer, (place: Place) => string>> = {
  models: ({ model }) => model,
  endpoints: ({ endpoint }) => endpoint,
  targets: ({ endpoint, model }) => `${endpoint}/${model}`,
};

/** Options by name, as the user gave them. */
type Named = Readonly<Record<string, BreakerInput | undefined>>;

/** What layers are read from. */
export interface LayerParts {
  readonly models: Named;
  readonly targets: Named;
  readonly endpoints: readonly PlannedEndpoint[];
}

/** Reads the layers; what is undefined was not given. */
export function layersOf({ models, targets, endpoints }: LayerParts): Layers {
  const named = (inputs: Named, path: string) =>
    Object.entries(inputs).map(([name, given]) => ({ name, given, path: join(path, name) }));
  const own = endpoints.map(({ id, breaker }, index) => ({
    name: id,
    given: breaker,
    path: `router.endpoints[${index}].breaker`,
  }));
  return {
    models: layerOf(named(models, MODELS)),
    endpoints: layerOf(own),
    targets: layerOf(named(targets, TARGETS)),
  };
}

function layerOf(
  entries: readonly { readonly name: string; readonly given: BreakerInput | undefined; readonly path: string }[],
): ReadonlyMap<string, Given> {
  return new Map(
    entries.flatMap(({ name, given, path }) => (given === undefined ? [] : [[name, { given, path }] as const])),
  );
}

/** What is given for a place, the lowest layer first. */
export const layersAt = (place: Place, scope: BreakerScope, layers: Layers): readonly Given[] =>
  LAYERS[scope].flatMap((name) => layers[name].get(NAMES[name](place)) ?? []);

/** Layers over layers can only contradict each other in their waits and in having no rule: the fault is where the uppermost was written. */
export function pathOf(own: readonly Given[], merged: BreakerInput): string | undefined {
  const names = opensNever(merged as BreakerOptions)
    ? (['failureStreak', 'failureRate'] as const)
    : (['maxOpenMs'] as const);
  const last = own.findLast(({ given }) => names.some((name) => (given as BreakerOptions)[name] !== undefined));
  return (last ?? own.at(-1))?.path;
}

/** Stands for every name that has no options of its own. */
const ANY = '*';

/** Every place where options meet, so that their faults show when a client is made and not in the middle of a call. */
export function placesIn({ models, endpoints, targets }: Layers): readonly Place[] {
  const crossings = [...endpoints.keys(), ANY].flatMap((endpoint) =>
    [...models.keys(), ANY].map((model) => ({ endpoint, model })),
  );
  return [...crossings, ...[...targets.keys()].map(placeOf)];
}

/** An endpoint has no slash in its name; a model may have. */
function placeOf(target: string): Place {
  const slash = target.indexOf('/');
  return { endpoint: target.slice(0, Math.max(0, slash)), model: target.slice(slash + 1) };
}

/** Layers that are given and mean nothing by this scope, as faults. */
export function idleLayers(scope: BreakerScope, layers: Layers): readonly string[] {
  const idle = (Object.keys(layers) as Layer[]).filter(
    (layer) => !LAYERS[scope].includes(layer) && layers[layer].size > 0,
  );
  const written = { models: MODELS, targets: TARGETS };
  return idle.map((layer) => {
    const path = layer === 'endpoints' ? layers.endpoints.values().next().value?.path : written[layer];
    return `${path} means nothing while router.breaker.scope is "${scope}"; leave it out`;
  });
}

/** A typing error in an endpoint's name would leave a target with the options of all others. */
export function strayTargets(
  { targets }: Layers,
  endpoints: readonly PlannedEndpoint[] | undefined,
): readonly string[] {
  const ids = endpoints?.map(({ id }) => id);
  const choice = ids ? `; the endpoints are ${ids.join(', ')}` : '';
  return [...targets].flatMap(([target, { path }]) => {
    const { endpoint, model } = placeOf(target);
    if (endpoint === '' || model === '') return [`${path} must be written endpoint/model${choice}`];
    if (!ids || ids.includes(endpoint)) return [];
    const near = nearestName(endpoint, ids);
    return [
      `${path} is for no endpoint${near === undefined ? choice : `; did you mean ${JSON.stringify(`${near}/${model}`)}?`}`,
    ];
  });
}
