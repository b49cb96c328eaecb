import { OptionsError } from '../errors.js';
import type { WireKey } from '../providers/credential.js';
import type { WireEndpoint } from '../providers/endpoint.js';
import { KeyFault } from '../unsendable.js';
import { withModel } from './body.js';
import { cleansed, headersForAnotherHost, mayBeSecret, setKey, withoutKey } from './headers.js';
import type { Changes, Dressed, Wire } from './wire.js';

/** For whom a request is dressed. */
export interface Occasion {
  readonly endpoint: WireEndpoint;
  /** With which of its keys. */
  readonly key: WireKey;
  /** The model's name as the caller or `fallbacks` have it. */
  readonly model: string;
  /** Which attempt of the call it is, from 1. */
  readonly attempt: number;
}

const RETRY_COUNT = 'x-stainless-retry-count';

/**
 * Dresses a request for one target: its URL, its key, its headers, its name for the model. A key, an account or a default header of
 * the client never goes to another host. Answers at once where nothing has to be waited for.
 */
export function dress(wire: Wire, occasion: Occasion): Dressed | Promise<Dressed> {
  const { endpoint, key } = occasion;
  refuseAdminElsewhere(wire, endpoint);
  // An endpoint at an Azure client's own resource is dressed by that client: the model stands in its URLs.
  if (endpoint.client || (endpoint.options && wire.modelInPath)) return dressByClient(wire, occasion);
  if (isOutdated(wire, occasion)) return dressAnew(wire, occasion);
  if (!endpoint.options) return dressAsBuilt(wire, occasion);
  const { apiKey } = key;
  if (typeof apiKey !== 'function') return dressForEndpoint(wire, occasion, apiKey);
  // A function that throws at once fails like one that rejects.
  return new Promise<unknown>((resolve) => resolve(apiKey())).then(
    (given) => {
      if (typeof given !== 'string' || given === '')
        throw new KeyFault('gave no key', new TypeError(`${endpoint.id}: the apiKey function gave no key`));
      return dressForEndpoint(wire, occasion, given);
    },
    (cause: unknown) => {
      throw new KeyFault('failed', cause);
    },
  );
}

/**
 * An administrator's key opens everything an organization has, and is the client's: it never goes to another host, and a key that may
 * ask models is of no use in its place.
 */
function refuseAdminElsewhere(wire: Wire, { id, client, options }: WireEndpoint): void {
  if (!isForAdmin(wire) || client || isAtHome(options?.baseURL, wire)) return;
  throw new OptionsError([
    `adminAPIKey goes to the host of the client's baseURL alone, and "${id}" is at another; name an endpoint at that host in the request's router.endpoint, or use a client without a router`,
  ]);
}

const isForAdmin = ({ facts }: Wire): boolean => facts.__security?.adminAPIKeyAuth === true;

const isAtHome = (baseURL: string | undefined, wire: Wire): boolean =>
  baseURL === undefined || originOf(baseURL) === originOf(wire.baseURL);

/** Whether what a hook of the client put on the request (a signature, say) was made for another one than is to be sent now. */
function isOutdated(wire: Wire, { endpoint, model, attempt }: Occasion): boolean {
  const asked = wire.reading.model;
  const isSame = attempt === 1 && (asked === undefined || endpoint.aliasOf(model) === asked);
  return !isSame && wire.isHooked === true && isAtHome(endpoint.options?.baseURL, wire);
}

/** The client builds such a request anew for every try; what the endpoint has of its own is put on that. */
async function dressAnew(wire: Wire, occasion: Occasion): Promise<Dressed> {
  const { rebuild, facts, reading, baseURL, modelInPath } = wire;
  const { endpoint, model, attempt } = occasion;
  if (!rebuild) throw new Error(`${endpoint.id}: only the official client can make its request anew`);
  const known = reading.model === undefined ? undefined : endpoint.aliasOf(model);
  const changes = { ...changesFor(wire, known), headers: new Headers(), retryCount: attempt - 1 };
  const { url, init } = await rebuild(undefined, changes);
  return dress({ url, init, facts, baseURL, modelInPath, reading: { ...reading, model: known } }, occasion);
}

/** For the client's own endpoint the official client has done it already. */
function dressAsBuilt(wire: Wire, { model, attempt }: Occasion): Dressed | Promise<Dressed> {
  const asked = wire.reading.model;
  const isOther = asked !== undefined && model !== asked;
  if (isOther && wire.modelInPath && wire.rebuild) {
    const headers = new Headers();
    return wire.rebuild(undefined, { ...changesFor(wire, model), headers, retryCount: attempt - 1 });
  }
  const init = { ...wire.init };
  if (isOther || attempt > 1) {
    // A copy: the attempt before may still be looking at the headers it was sent with.
    const headers = new Headers(init.headers);
    countRetries(headers, attempt);
    if (isOther) {
      init.body = bodyFor(wire, model);
      headers.delete('content-length');
    }
    init.headers = headers;
  }
  return { url: wire.url, init };
}

function dressForEndpoint(wire: Wire, { endpoint, model, attempt }: Occasion, key: string | undefined): Dressed {
  const { headers: own, query, baseURL = wire.baseURL } = endpoint.options ?? {};
  const isHere = isAtHome(baseURL, wire);
  // Later attempts get a copy: the one before may still be looking at the headers it was sent with.
  const built = (attempt === 1 && wire.takeHeaders?.()) || new Headers(wire.init.headers);
  const headers = isHere ? built : cleansed(built, { built: wire.init.headers, ofThisRequest: wire.facts.headers });
  if (key !== undefined && !isForAdmin(wire)) setKey(isHere ? withoutKey(headers) : headers, key);
  for (const name in own) headers.set(name, own[name] as string);
  countRetries(headers, attempt);
  const init = { ...wire.init, headers };
  const alias = endpoint.aliasOf(model);
  if (wire.reading.model !== undefined && alias !== wire.reading.model) {
    init.body = bodyFor(wire, alias);
    headers.delete('content-length');
  }
  // At the client's own address it is the one the official client made, to the letter.
  return { url: baseURL === wire.baseURL && !query ? wire.url : urlAt(baseURL, wire, query), init };
}

/** A ready-made official client knows best how its own requests look. */
async function dressByClient(wire: Wire, { endpoint, key, model, attempt }: Occasion): Promise<Dressed> {
  const headers = headersForAnotherHost(undefined, wire.facts.headers);
  if (!wire.rebuild) throw new Error(`${endpoint.id}: a ready-made client needs the official client's own request`);
  const changes = { ...changesFor(wire, endpoint.aliasOf(model)), headers, retryCount: attempt - 1 };
  const { url, init } = await wire.rebuild(key.client, changes);
  const { headers: own, query } = endpoint.options ?? {};
  if (own) {
    init.headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(own)) init.headers.set(name, value);
  }
  return { url: query ? withQuery(new URL(url), query) : url, init };
}

function withQuery(url: URL, query: Readonly<Record<string, string>>): string {
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.toString();
}

/** The official client counts its own retries; while the router is on they are ours. Other SDKs do not send the header. */
function countRetries(headers: RequestInit['headers'], attempt: number): void {
  // The first attempt is left as it was built, to the case of its letters.
  if (attempt > 1 && headers instanceof Headers && headers.has(RETRY_COUNT))
    headers.set(RETRY_COUNT, String(attempt - 1));
}

function bodyFor({ init, facts, reading }: Wire, model: string): NonNullable<RequestInit['body']> {
  const body = withModel({ sent: init.body, params: facts.body }, reading.model ?? model, model);
  return body as NonNullable<RequestInit['body']>;
}

/** The params for this model, and its name where it is another than the caller's: in a form it is not seen by who builds the URL. */
function changesFor({ facts, reading }: Wire, model: string | undefined): Pick<Changes, 'body' | 'model'> {
  const { body } = facts;
  if (reading.model === undefined || model === undefined || model === reading.model) return { body, model: undefined };
  if (typeof FormData !== 'undefined' && body instanceof FormData)
    return { body: withModel({ sent: body, params: body }, reading.model, model), model };
  return { body: { ...(body as object), model }, model };
}

/**
 * The request's address below another base URL: the same path, the caller's own query, the endpoint's query. The client's default
 * query, and what could be a key in the caller's, goes along only at the client's own host; elsewhere it is the primary's business.
 */
function urlAt(baseURL: string, wire: Wire, query: Readonly<Record<string, string>> | undefined): string {
  const { path, query: given } = wire.facts;
  const isOwnHost = isAtHome(baseURL, wire);
  const keepsDefaults = isOwnHost && wire.url.includes('?');
  const isPlain = !given && !query && !keepsDefaults && !baseURL.includes('?') && !path.includes('?');
  if (isPlain) return (baseURL.endsWith('/') ? baseURL.replace(/\/+$/, '') : baseURL) + path;
  const asked = new Set(Object.keys((given as object | null | undefined) ?? {}));
  const base = new URL(baseURL);
  const { search } = base;
  base.search = '';
  // A path may bring a query of its own, which is the caller's as much as the one beside it.
  const url = new URL(base.href.replace(/\/+$/, '') + path);
  const inPath = [...url.searchParams];
  url.search = search;
  const own = new Set(url.searchParams.keys());
  const built = [...new URL(wire.url).searchParams];
  const isAsked = ([name]: readonly [string, string]) => asked.has(topOf(name));
  const passed = isOwnHost
    ? built.filter(
        (one) => isAsked(one) || inPath.some(([name]) => name === one[0]) || (keepsDefaults && !own.has(one[0])),
      )
    : // The official client puts its default query over the path's: what another host is given of a path is read from the path itself.
      [...inPath.filter((one) => !isAsked(one)), ...built.filter(isAsked)].filter(([name]) => !mayBeSecret(name));
  for (const [name] of passed) url.searchParams.delete(name);
  for (const [name, value] of passed) url.searchParams.append(name, value);
  return withQuery(url, query ?? {});
}

/** The parameter that `filter[from]` is a part of. */
const topOf = (name: string): string => name.replace(/\[.*$/s, '');

const origins = new Map<string, string>();

/** Asked for every request, about a handful of base URLs. */
function originOf(url: string): string {
  let origin = origins.get(url);
  if (origin === undefined) {
    origin = new URL(url).origin;
    if (origins.size < 1_000) origins.set(url, origin);
  }
  return origin;
}
