import { check } from '@breakwater/core';
import type { WireEndpoint } from './endpoint.js';

type ModelsByModel = Readonly<Record<string, readonly string[]>>;

/** The options in which one model may stand for another. */
export interface ModelChoices {
  readonly fallbacks?: readonly string[] | ModelsByModel | undefined;
  readonly fallbacksFor?: Readonly<Record<string, ModelsByModel | undefined>>;
}

/** One list of other models, and what the user calls the option that holds it. */
export interface ModelList {
  readonly option: string;
  readonly models: readonly string[];
}

/** Every list of other models in these options, which the user calls `as`. */
export function* fallbackLists({ fallbacks, fallbacksFor = {} }: ModelChoices, as: string): Generator<ModelList> {
  if (Array.isArray(fallbacks)) yield { option: `${as}.fallbacks`, models: fallbacks as readonly string[] };
  const byModel = Array.isArray(fallbacks) ? undefined : (fallbacks as ModelsByModel | undefined);
  const lists = { fallbacks: byModel, ...prefixed(fallbacksFor) };
  for (const [option, named = {}] of Object.entries(lists)) {
    for (const [model, models] of Object.entries(named))
      yield { option: `${as}.${option}[${JSON.stringify(model)}]`, models };
  }
}

const prefixed = (purposes: NonNullable<ModelChoices['fallbacksFor']>) =>
  Object.fromEntries(Object.entries(purposes).map(([purpose, named]) => [`fallbacksFor.${purpose}`, named]));

/**
 * The models named as fallbacks that no endpoint serves, one line each; nothing while one endpoint lists no models, because that one may
 * serve any. Such a fallback would be passed over without a word, and missed on the day when it is needed.
 */
export function unservedFaults(choices: ModelChoices, endpoints: readonly WireEndpoint[], as: string): string[] {
  const served = new Set<string>();
  for (const { options } of endpoints) {
    if (!options?.models) return [];
    for (const model of modelsIn(options.models)) served.add(model);
  }
  const names = [...served];
  return [...fallbackLists(choices, as)].flatMap(({ option, models }) =>
    models
      .filter((model) => !served.has(model))
      .map((model) => `${option} names ${JSON.stringify(model)}, which no endpoint serves; ${meant(model, names)}`),
  );
}

const modelsIn = (models: readonly string[] | Readonly<Record<string, string>>): readonly string[] =>
  Array.isArray(models) ? models : Object.keys(models);

function meant(model: string, names: readonly string[]): string {
  const near = check.nearestName(model, names);
  if (near !== undefined) return `did you mean ${JSON.stringify(near)}?`;
  return `the models are ${names.map((name) => JSON.stringify(name)).join(', ')}`;
}

/** A preferred region that no endpoint has: it would be preferred by nobody, without a word. */
export function unknownRegion(
  { routing }: { readonly routing?: unknown },
  endpoints: readonly WireEndpoint[],
  as: string,
): string[] {
  const { preferRegion } = (typeof routing === 'object' && routing !== null ? routing : {}) as {
    preferRegion?: string;
  };
  if (preferRegion === undefined || endpoints.some(({ region }) => region === preferRegion)) return [];
  const known = [...new Set(endpoints.map(({ region }) => region ?? ''))].filter((region) => region !== '');
  const near = check.nearestName(preferRegion, known);
  const remedy = near ? `; did you mean "${near}"?` : `; give an endpoint that region`;
  return [`${as}.routing.preferRegion ${JSON.stringify(preferRegion)} is the region of no endpoint${remedy}`];
}
