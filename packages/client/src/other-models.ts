import type { ResolvedOptions } from './options.js';
import { isText, type Reading } from './request/read.js';
import type { RequestRouterOptions } from './request-options.js';

type ModelsByModel = Readonly<Record<string, readonly string[]>>;
type Asked = Pick<Reading, 'model' | 'resource'>;

const NONE: readonly string[] = Object.freeze([]);

/** The models that may answer in place of the one that is asked for. */
export function fallbacksOf(
  asked: Asked,
  { fallbacks: ofThisRequest }: RequestRouterOptions,
  { fallbacks }: Pick<ResolvedOptions, 'fallbacks'>,
): readonly string[] {
  if (asked.model === undefined || ofThisRequest === false) return NONE;
  if (ofThisRequest) return ofThisRequest;
  if (!Array.isArray(fallbacks)) return namedFor(asked, {}, fallbacks as ModelsByModel) ?? NONE;
  return isText(asked.resource) ? fallbacks : NONE;
}

/** The models that are named for one model in particular; undefined where none are. */
export function namedFor(
  { model }: Asked,
  { fallbacks: ofThisRequest }: RequestRouterOptions,
  byModel: ModelsByModel | undefined,
): readonly string[] | undefined {
  if (model === undefined || !byModel || ofThisRequest === false) return undefined;
  return Object.hasOwn(byModel, model) ? byModel[model] : undefined;
}
