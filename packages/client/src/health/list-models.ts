import type { Primary, WireEndpoint } from '../providers/endpoint.js';
import type { ReadyMadeClient } from '../providers/options.js';
import { build, type FinalRequestOptions, hasRequestHook } from '../request/build.js';
import { setKey } from '../request/headers.js';
import { readRequest } from '../request/read.js';
import type { Dressed, Wire } from '../request/wire.js';

const FACTS = Object.freeze({ method: 'get', path: '/models', body: undefined });

/** A client that makes its own requests, as the official ones do; `createFetch` has none. */
type MaybeBuilding = Primary & Partial<Pick<ReadyMadeClient, 'buildRequest'>>;

/**
 * A client's own request for its list of models, to be dressed for an endpoint; undefined where its key is known to nobody but the SDK
 * that sends requests through a `fetch` of ours.
 */
export async function listModelsWire(primary: MaybeBuilding, endpoint: WireEndpoint): Promise<Wire | undefined> {
  const isBuilding = primary.buildRequest !== undefined;
  const baseURL = primary.baseURL || endpoint.options?.baseURL;
  if (!isBuilding && !endpoint.client && (!baseURL || (!endpoint.hasOwnKey && primary.apiKey === null)))
    return undefined;
  const client = primary as ReadyMadeClient;
  return {
    ...(isBuilding ? await built(client) : handmade(baseURL ?? '', primary.apiKey)),
    facts: FACTS,
    reading: readRequest(FACTS, undefined),
    baseURL: baseURL ?? '',
    modelInPath: false,
    isHooked: isBuilding && hasRequestHook(client),
    rebuild: (other, { headers }) => built(other ?? client, other && { headers }),
  };
}

/** As an official client builds its own; another client than the asking one is given no headers but those that may go to another host. */
async function built(client: ReadyMadeClient, more: { headers?: Headers } = {}): Promise<Dressed> {
  const options = { method: 'get', path: '/models', ...more } as FinalRequestOptions;
  const { url, request } = await build(client, options, { retryCount: 0 });
  // What has a name alone: a mark of a router must not lead the probe through that router as a call.
  const { signal: _signal, ...init } = Object.fromEntries(Object.entries(request)) as RequestInit;
  return { url, init: { ...init, method: 'GET' } };
}

function handmade(baseURL: string, key: string | null): Dressed {
  const headers = new Headers({ accept: 'application/json' });
  if (key !== null) setKey(headers, key);
  return { url: `${baseURL.replace(/\/+$/, '')}/models`, init: { method: 'GET', headers } };
}
