import { type Call, check } from '@breakwater/core';
import { OptionsError } from './errors.js';
import type { Harbour } from './harbour.js';
import { RESOURCE_NAMES, type Resource, readAs } from './request/read.js';
import type { Wire } from './request/wire.js';
import { type RequestRouterOptions, readRequestOptions } from './request-options.js';
import { WireCall } from './wire-call.js';

/** Of the params of a request what its plan depends on; the others may be there, and some of them bind it to one server. */
export interface ExplainParams {
  readonly model?: string | undefined;
  readonly stream?: boolean | null | undefined;
}

/** What `explain` is told of a request besides its params. */
export interface ExplainOptions {
  /** As in the request itself: `create(params, { router })`. @default nothing */
  router?: RequestRouterOptions;
  /** Of what it is; `other` for what is kept on one server (files, batches). @default 'chat.completions' */
  resource?: Resource | 'other';
}

const explainOptions = check.shape({
  // Checked as that of a request is, which knows the endpoints.
  router: check.anything,
  resource: check.oneOf(...RESOURCE_NAMES, 'other'),
});
const explainParams = check.recordOf(check.anything);

/** A request that nobody sends has the time and the repeats that the official client gives one by default. */
const TERMS = { signal: undefined, timeoutMs: 600_000, signalKeepsTime: false, maxRetries: 2 } as const;

/** A request as the engine's call, to be explained and never sent. @throws OptionsError listing everything that is wrong */
export function callToExplain(harbour: Harbour, params: ExplainParams, options: ExplainOptions = {}): Call<Response> {
  const faults = [
    ...check.faultsOf(explainParams, params, 'explain.params'),
    ...check.faultsOf(explainOptions, options, 'explain'),
  ];
  if (faults.length > 0) throw new OptionsError(faults);
  const router = readRequestOptions(options.router, [...harbour.endpoints.keys()]);
  if (router instanceof OptionsError) throw router;
  return new WireCall(harbour, wireOf(params, options), { ...TERMS, router });
}

/** What the plan asks of a wire: how it reads, and its params for functions of the user. There is nothing in it to be sent. */
function wireOf(params: ExplainParams, { resource = 'chat.completions' }: ExplainOptions): Wire {
  const named = resource === 'other' ? undefined : resource;
  // A body that is a text is searched for what points at one server; as in the request itself, a form is not.
  const sent = Object.prototype.toString.call(params) === '[object Object]' ? JSON.stringify(params) : params;
  const facts = { method: 'post', path: '', body: params };
  return { url: '', init: {}, facts, reading: readAs(named, facts, sent), baseURL: '', modelInPath: false };
}
