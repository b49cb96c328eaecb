import type { OpenAI as Official } from 'openai';
import { dispatch } from './dispatch.js';
import { OptionsError } from './errors.js';
import type { CallTerms } from './harbour.js';
import { build, buildsAlone, type FinalRequestOptions, hasRequestHook } from './request/build.js';
import { pathForAnotherHost, queryForAnotherHost } from './request/query.js';
import { type Reading, readRequest } from './request/read.js';
import type { Rebuild, Wire, WireFacts } from './request/wire.js';
import { type RequestRouterOptions, readRequestOptions } from './request-options.js';
import type { Fetch, Seam } from './seam.js';

export type { FinalRequestOptions } from './request/build.js';

/** The key under which a request carries what the official client knows of it to our `fetch`. */
const MARK = Symbol('breakwater.request');
/** The path before an Azure client wrote the deployment into it. */
const PATH = Symbol('breakwater.path');
/** The number of retries a request was given, before the official loop was told to make none. */
const RETRIES = Symbol('breakwater.retries');

interface Marks {
  [PATH]?: string;
  [RETRIES]?: number | undefined;
  router?: RequestRouterOptions;
}

type MarkedOptions = FinalRequestOptions & Marks;

interface Mark {
  readonly client: Official;
  readonly options: MarkedOptions;
}

interface Marked {
  [MARK]?: Mark | undefined;
}

/** Keeps the path as the resource named it; to be called before the request is built. */
export function keepPath(options: MarkedOptions): void {
  options[PATH] ??= options.path;
}

/** Tells our `fetch` whose request it is; to be called when the request has been built, by whichever hook is there. */
export function markRequest(request: RequestInit, mark: Mark): void {
  (request as Marked)[MARK] ??= mark;
}

/**
 * The same options, with the official loop told to make one try. A request for a whole address instead of a path passes the router
 * by, so the official loop stays in charge of it.
 */
export function withoutOfficialRetries<Options extends object>(options: Options): Options {
  if ('path' in options && isAbsolute(String(options.path))) return options;
  const { maxRetries } = options as { maxRetries?: number };
  const given = RETRIES in options ? (options as Marks)[RETRIES] : maxRetries;
  return { ...options, maxRetries: 0, [RETRIES]: given };
}

const seams = new WeakMap<object, Seam>();
const errors = new WeakMap<Headers, Error>();

/** The router behind a `fetch` that we made; undefined for any other. */
export const seamOfFetch = (fetch: unknown): Seam | undefined =>
  typeof fetch === 'function' ? seams.get(fetch) : undefined;

/** Our own error in place of the one that the official client would make of a response; undefined when it is not one of ours. */
export const errorBehind = (headers: unknown): Error | undefined =>
  headers instanceof Headers ? errors.get(headers) : undefined;

/**
 * The `fetch` that an official client is given. Marked requests go through the router; everything else (token exchange, probes, other
 * people's URLs) passes as if we were not there.
 */
export function routedFetch(seam: Seam): Fetch {
  const { plainFetch, harbour } = seam;
  const routed: Fetch = (input, init) => {
    const mark = (init as Marked | undefined)?.[MARK];
    if (!mark || !init || typeof input !== 'string' || isAbsolute(mark.options.path)) return plainFetch(input, init);
    const terms = termsOf(seam, init, mark);
    if (terms instanceof OptionsError) return Promise.resolve(responseFor(terms));
    seam.debugLog.heed();
    // The official client made `init` for this one call of `fetch`: whoever is asked need not see the mark.
    (init as Marked)[MARK] = undefined;
    return dispatch(harbour, new MarkedWire(input, init, mark), { terms, show: responseFor });
  };
  // The official client looks at `fetch.Response` and the like: what the user's fetch has, ours has.
  Object.setPrototypeOf(routed, seam.plainFetch);
  seams.set(routed, seam);
  return routed;
}

/** A refusal that carries our error past the official client, which asks `makeStatusError` what to throw. */
function responseFor(error: Error): Response {
  const response = new Response(null, { status: 503 });
  errors.set(response.headers, error);
  return response;
}

const isAbsolute = (path: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(path);

/** A request that an official client built. What only some targets need is made when one asks for it: thousands may be under way. */
class MarkedWire implements Wire {
  readonly url: string;
  readonly init: RequestInit;
  readonly facts: WireFacts;
  readonly reading: Reading;
  readonly modelInPath: boolean;
  readonly #mark: Mark;

  constructor(url: string, init: RequestInit, mark: Mark) {
    const { options } = mark;
    const path = options[PATH] ?? options.path;
    this.url = url;
    this.init = init;
    this.modelInPath = path !== options.path;
    this.facts = (this.modelInPath ? { ...options, path } : options) as WireFacts;
    this.reading = readRequest(this.facts, init.body);
    this.#mark = mark;
  }

  get baseURL(): string {
    return this.#mark.client.baseURL;
  }

  get isHooked(): boolean {
    return hasRequestHook(this.#mark.client);
  }

  /** Copying them was the dearest part of asking another host: about 6 µs and 3 KB of every request. */
  takeHeaders(): Headers | undefined {
    const { headers } = this.init;
    if (!(headers instanceof Headers) || !buildsAlone(this.#mark.client)) return undefined;
    const were: [string, string][] = [];
    // Spread they take half as long again.
    for (const pair of headers) were.push(pair);
    this.init.headers = were;
    return headers;
  }

  get rebuild(): Rebuild {
    return rebuildFor(this.#mark.client, this.#mark.options, this.facts.path);
  }
}

function rebuildFor(own: Official, options: MarkedOptions, path: string): Rebuild {
  return async (client, { body, model, headers, retryCount }) => {
    // Another client gets only what may go to another host; the client itself gets what it was given.
    const given = client
      ? { router: undefined, headers, query: queryForAnotherHost(options.query), path: pathForAnotherHost(path) }
      : { path };
    // An Azure client takes the deployment of a form from here.
    const metadata = model !== undefined && { __metadata: { ...options.__metadata, model } };
    const built = { ...options, ...given, ...metadata, body } as FinalRequestOptions;
    const { url, request } = await build(client ?? own, built, { retryCount });
    const { signal: _signal, ...init } = request;
    // Of a client with a router of its own only the dress is wanted: through its `fetch` it goes as it is.
    (init as Marked)[MARK] = undefined;
    return { url, init: { ...init, method: options.method.toUpperCase() } };
  };
}

function termsOf(seam: Seam, init: RequestInit, mark: Mark): CallTerms | OptionsError {
  const router = readRequestOptions(mark.options.router, seam.endpointIds);
  return router instanceof OptionsError ? router : new MarkedTerms(init.signal ?? undefined, router, mark);
}

/** What is no number of retries is the official default, as in the official client. */
const countOf = (retries: unknown): number =>
  Number.isSafeInteger(retries) && (retries as number) >= 0 ? (retries as number) : 2;

/** The terms that the official client has for one of its requests. */
class MarkedTerms implements CallTerms {
  readonly signal: AbortSignal | undefined;
  readonly router: RequestRouterOptions;
  readonly signalKeepsTime = true;
  readonly #mark: Mark;

  constructor(signal: AbortSignal | undefined, router: RequestRouterOptions, mark: Mark) {
    this.signal = signal;
    this.router = router;
    this.#mark = mark;
  }

  /** The official timer and the caller abort the same signal; only one of them is the caller. */
  isTimedOut(): boolean {
    return this.signal?.aborted === true && this.#mark.options.signal?.aborted !== true;
  }

  get timeoutMs(): number {
    const { client, options } = this.#mark;
    return options.timeout ?? client.timeout;
  }

  get maxRetries(): number {
    const { client, options } = this.#mark;
    const retries = RETRIES in options ? options[RETRIES] : options.maxRetries;
    return countOf(retries ?? client.maxRetries);
  }
}
