import { Rejection } from '../answers/rejection.js';
import { decode } from './decode.js';

/** Where a request goes, freed from the forms in which it can be written. */
export interface Address {
  /** As written, without the query. */
  readonly written: string;
  readonly query: URLSearchParams;
  /** Without version and deployment: `/chat/completions`; nothing for a path of no known form. */
  readonly path: string | undefined;
  /** Azure's paths name the model. */
  readonly deployment: string | undefined;
}

/** Reads the two forms of the API's paths: `/v1/…`, and Azure's `/openai/deployments/{deployment}/…`, `/openai/v1/…`, `/openai/…`. */
export function readAddress(url: string): Address {
  const mark = url.indexOf('?');
  const written = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark));
  const azure = /^\/openai\/deployments\/([^/]+)(\/.+)$/.exec(written);
  if (azure !== null) return { written, query, path: azure[2], deployment: decode(azure[1] ?? '') };
  return {
    written,
    query,
    path: /^(?:\/openai)?\/v1(\/.+)$/.exec(written)?.[1] ?? /^\/openai(\/.+)$/.exec(written)?.[1],
    deployment: undefined,
  };
}

/** Throws Azure's 404 for a deployment asked for without a version, which is how it answers there. */
export function checkVersion({ deployment, query }: Address): void {
  if (deployment === undefined || query.has('api-version')) return;
  throw new Rejection(404, { message: 'Resource not found: the query lacks api-version.', code: '404' });
}
