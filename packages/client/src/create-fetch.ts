import { check } from '@breakwater/core';
import { dispatch } from './dispatch.js';
import { OptionsError } from './errors.js';
import { listeningTo } from './listening.js';
import { type RouterOptions, routerChecks } from './options.js';
import { setKey, withoutKey } from './request/headers.js';
import { readRequest } from './request/read.js';
import type { Wire } from './request/wire.js';
import { handedOn } from './response/route-of.js';
import type { Router } from './router.js';
import { type Fetch, Seam } from './seam.js';

/** Options of {@link createFetch}: those of the router, and what the official client has for itself. */
export interface CreateFetchOptions extends RouterOptions {
  /** The base URL that the SDK is given. @default taken from each request: what stands before the resource's path */
  baseURL?: string;
  /** The key for `baseURL` and for endpoints on its host that have none, in place of the SDK's. @default the one each request brings */
  apiKey?: string;
  /** Milliseconds for a whole call. @default 600000 */
  timeout?: number;
  /** Repeats on one target. @default 2 */
  maxRetries?: number;
  /** Sends the requests. @default the platform's */
  fetch?: Fetch;
}

type EventHub = Seam['engine']['hub'];

/** A `fetch` with a router in it. */
export interface RoutedFetch {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** A look inside. */
  readonly router: Router;
  readonly on: EventHub['on'];
  readonly once: EventHub['once'];
  readonly off: EventHub['off'];
}

const DEFAULTS = Object.freeze({ timeout: 600_000, maxRetries: 2 });

/** What faults call the options. */
const OPTIONS = 'createFetch';

const fetchOptions = check.shape({
  baseURL: check.url,
  apiKey: check.text,
  timeout: check.positiveInteger,
  maxRetries: check.nonNegativeInteger,
  fetch: check.functionOf('(url, init) => Promise<Response>'),
  ...routerChecks,
});

/**
 * The same routing as a plain `fetch`, for SDKs that take one (`createOpenAI({ fetch })` of the AI SDK, for one). Requests that no
 * router can do anything for pass through. Tell the SDK to make no retries of its own: exactly one layer should.
 * @throws OptionsError listing everything that is wrong
 */
export function createFetch(options: CreateFetchOptions = {}): RoutedFetch {
  const faults = check.faultsOf(fetchOptions, options, OPTIONS);
  if (faults.length > 0) throw new OptionsError(faults);
  const { baseURL, apiKey, timeout = DEFAULTS.timeout, maxRetries = DEFAULTS.maxRetries, fetch, ...router } = options;
  const seam = new Seam({ router, as: OPTIONS, fetch: fetch ?? globalThis.fetch, timeoutMs: timeout });
  if (baseURL !== undefined) seam.adopt({ baseURL, apiKey: apiKey ?? null });
  else refuseHomeless(apiKey, seam.endpoints);

  const home = baseURL === undefined ? undefined : homeOf(baseURL);
  const routed = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const wire = await wireOf(input, init, home);
    if (!wire) return seam.plainFetch(input as string, init);
    // What belonged to the key of the SDK goes with it; with the same key it stays.
    const headers = wire.init.headers as Headers;
    if (apiKey !== undefined && keyIn(headers) !== apiKey) setKey(withoutKey(headers), apiKey);
    const signal = init.signal ?? (input instanceof Request ? input.signal : undefined);
    const terms = { signal: signal ?? undefined, timeoutMs: timeout, signalKeepsTime: false, maxRetries, router: {} };
    return handedOn(await dispatch(seam.harbour, wire, { terms, show: raise }));
  };
  return Object.assign(routed, { router: seam.router, ...listeningTo(seam.engine.hub, 'fetch') });
}

/**
 * A key is for one host. Without a base URL requests go wherever the SDK points them, and an endpoint's key would go there too; the
 * key of the SDK, the other way round, may be that of any host, and is none for an endpoint at a host of its own.
 */
function refuseHomeless(apiKey: string | undefined, endpoints: Seam['endpoints']): void {
  const faults =
    apiKey === undefined ? [] : [`${OPTIONS}.baseURL is required beside apiKey: it is the host of the key`];
  for (const [index, { id, options, client, hasOwnKey }] of endpoints.entries()) {
    const isPlaced = options?.baseURL !== undefined;
    if (client || isPlaced === hasOwnKey) continue;
    const at = `${OPTIONS}.endpoints[${index}]`;
    faults.push(
      isPlaced
        ? `${at}.apiKey is required for "${id}" (or ${OPTIONS}.baseURL on its host): a key of another host never goes to it`
        : `${at}.baseURL is required for "${id}" (or ${OPTIONS}.baseURL): without one its key would go to whatever host a request names`,
    );
  }
  if (faults.length > 0) throw new OptionsError(faults);
}

const raise = (error: Error): never => {
  throw error;
};

/** Paths of the resources, as they end a URL. */
const RESOURCE_PATH = /\/(?:chat\/completions|responses|completions|embeddings|moderations|images\/\w+|audio\/\w+)$/;

/** Where the requests of an SDK go that are meant for its base URL. */
interface Home {
  readonly baseURL: string;
  readonly origin: string;
  /** With a slash at its end: a path may begin like another one. */
  readonly path: string;
}

function homeOf(baseURL: string): Home {
  const { origin, pathname } = new URL(baseURL);
  return { baseURL, origin, path: `${pathname.replace(/\/+$/, '')}/` };
}

/** What of a `Request` belongs to none of its parts that are read one by one, and what it is when nobody has said anything. */
const PLAIN_REQUEST = { redirect: 'follow', credentials: 'same-origin', cache: 'default', keepalive: false } as const;

/** Only what was chosen is handed on: some platforms refuse to hear even of the defaults. */
function chosenIn(request: Request): RequestInit {
  const names = Object.keys(PLAIN_REQUEST) as (keyof typeof PLAIN_REQUEST)[];
  const isChosen = (name: (typeof names)[number]) =>
    request[name] !== undefined && request[name] !== PLAIN_REQUEST[name];
  return Object.fromEntries(names.filter(isChosen).map((name) => [name, request[name]]));
}

/** Reads a request of somebody else's making; undefined when there is nothing in it to route by. */
async function wireOf(
  input: string | URL | Request,
  init: RequestInit,
  home: Home | undefined,
): Promise<Wire | undefined> {
  const isRequest = input instanceof Request;
  const url = isRequest ? input.url : String(input);
  const method = init.method ?? (isRequest ? input.method : 'GET');
  const here = URL.canParse(url) ? new URL(url) : undefined;
  // What is relative is read by the platform alone.
  if (!here || (home && (here.origin !== home.origin || !here.pathname.startsWith(home.path)))) return undefined;
  const path = RESOURCE_PATH.exec(here.pathname)?.[0];
  if (!path || method.toUpperCase() !== 'POST') return undefined;
  const headers = new Headers(init.headers ?? (isRequest ? input.headers : undefined));
  const sent = init.body ?? (isRequest ? await bodyOf(input) : undefined);
  const body = typeof sent === 'string' ? parsed(sent) : sent;
  // Which headers and parameters are the SDK's own and which were given for this one request cannot be told: none goes to another host.
  const facts = { method, path, body };
  const { signal: _signal, ...rest } = init;
  return {
    url,
    init: { ...(isRequest && chosenIn(input)), ...rest, method, headers, ...(sent != null && { body: sent }) },
    facts,
    reading: readRequest(facts, sent),
    baseURL: home?.baseURL ?? url.slice(0, url.lastIndexOf(path)),
    modelInPath: false,
  };
}

/** A body that is not JSON stays bytes: read as text, a recording or a picture would be another one. */
async function bodyOf(request: Request): Promise<string | ArrayBuffer> {
  const bytes = await request.clone().arrayBuffer();
  return /multipart|octet-stream/.test(request.headers.get('content-type') ?? '')
    ? bytes
    : new TextDecoder().decode(bytes);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: then there is no model to read, and the provider will say what is wrong.
    return undefined;
  }
}

const keyIn = (headers: Headers): string | null =>
  headers.get('authorization')?.replace(/^Bearer\s+/i, '') ?? headers.get('api-key');
