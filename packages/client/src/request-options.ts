import { check } from '@breakwater/core';
import { OptionsError } from './errors.js';
import { type TimeoutOptions, timeoutChecks } from './options.js';

/** The part of the options that makes sense for one request: `create(params, { router: { … } })`. */
export interface RequestRouterOptions {
  /** The id of the only endpoint that may serve this request. @default all may */
  endpoint?: string;
  /** The ids of the only endpoints that may serve it; does not count beside `endpoint`. @default all */
  only?: readonly string[];
  /** The ids of endpoints that may not serve it; does not count beside `endpoint`. @default none */
  exclude?: readonly string[];
  /** What it has in common with requests that should meet at one target. @default what `routing.stickyKey` says */
  stickyKey?: string;
  /** Where calls wait for room in a limit, the highest goes first, and then by arrival. @default as if 0 */
  priority?: number;
  /** What it counts for in `stats().tags`: a team, a customer, a feature. With several it counts in full for each. See docs/spending.md. @default nothing */
  tags?: readonly string[];
  /** Whether a second target may be asked for it, where the client hedges at all; `false` for none. @default the client's */
  hedging?: boolean;
  /** Other models for this request; `false` for none. @default the client's */
  fallbacks?: readonly string[] | false;
  /** What becomes of its answer when that breaks off. @default the client's `streams.rescue` */
  rescue?: 'continue' | 'restart' | 'error';
  /** Limits of one attempt, each over the client's. @default the client's */
  timeouts?: TimeoutOptions;
}

const models = check.listOf(check.text, 'a list of models');

const endpointIds = check.listOf(check.text, 'a list of endpoint ids');

const requestOptions = check.shape({
  endpoint: check.text,
  only: endpointIds,
  exclude: endpointIds,
  stickyKey: check.text,
  priority: check.must('a finite number', Number.isFinite),
  tags: check.listOf(check.text, 'a list of tags'),
  hedging: check.boolean,
  fallbacks: check.either('a list of models, or false', check.oneOf(false), models),
  rescue: check.oneOf('continue', 'restart', 'error'),
  timeouts: timeoutChecks,
});

const NOTHING: RequestRouterOptions = Object.freeze({});

/** The `router` option of one request, or the error that says what is wrong with it. */
export function readRequestOptions(
  given: unknown,
  endpointIds: readonly string[],
): RequestRouterOptions | OptionsError {
  if (given === undefined) return NOTHING;
  const faults = check.faultsOf(requestOptions, given, 'router');
  if (faults.length === 0) faults.push(...unknownEndpoints(given as RequestRouterOptions, endpointIds));
  return faults.length > 0 ? new OptionsError(faults) : (given as RequestRouterOptions);
}

function unknownEndpoints({ endpoint, only, exclude }: RequestRouterOptions, known: readonly string[]): string[] {
  const faults: string[] = [];
  const look = (id: string | undefined, path: string) => {
    if (id !== undefined && !known.includes(id))
      faults.push(`${path} must be one of ${known.join(', ')}, but is ${JSON.stringify(id)}`);
  };
  look(endpoint, 'router.endpoint');
  for (const [index, id] of (only ?? []).entries()) look(id, `router.only[${index}]`);
  for (const [index, id] of (exclude ?? []).entries()) look(id, `router.exclude[${index}]`);
  // A typo apart, that is a list that was put together by a program and came out empty: nobody could be asked.
  const isEmpty = known.every((id) => (only && !only.includes(id)) || exclude?.includes(id));
  if (faults.length === 0 && isEmpty) faults.push('router.only and router.exclude leave no endpoint to ask');
  return faults;
}
