import {
  type BreakerInput,
  breakerLayer,
  check,
  type EndpointLimitOptions,
  endpointLimitOptions,
  locationOption,
  type PriceTable,
  priceTable,
  type UserLocation,
} from '@breakwater/core';
import type { OpenAI } from 'openai';
import { SEAM } from '../seam-key.js';

/** A key, or a function that gives the one to use now. */
export type ApiKey = string | (() => string | Promise<string>);

/** The part of an official client that an endpoint needs; `OpenAI`, `AzureOpenAI` and their subclasses have it. */
export type ReadyMadeClient = Pick<OpenAI, 'baseURL' | 'apiKey' | 'buildRequest'>;

/** How a model is told to go on with its last turn: by nothing but the turn, or by a word of its provider's. */
export type Prefill = 'plain' | 'prefix' | 'continue_final_message';

/** One base URL with its credentials, often a region. */
export interface EndpointOptions {
  /** Its name in events, statistics and errors, without slashes and spaces: a target is written `id/model`. */
  id: string;
  /** Where it is. @default the client's own */
  baseURL?: string;
  /**
   * The key for this endpoint, or a function that gives it, or several of those: then each call takes the one with the most left in its
   * limits, else the next in turn, and one that is refused is left alone while the others go on. See docs/keys.md. @default the client's own, but only at the client's own origin: keys never go to
   * another host
   */
  apiKey?: ApiKey | readonly ApiKey[];
  /** For every request to this endpoint; they replace those of the same name. A value that is undefined is refused. @default none */
  headers?: Readonly<Record<string, string>>;
  /** Parameters for every request to this endpoint. A value that is undefined is refused. @default none */
  query?: Readonly<Record<string, string>>;
  /** The region's name, for events, for people and for `routing.preferRegion`. @default none */
  region?: string;
  /**
   * Where on earth it is: `[latitude, longitude]`, `{ lat, lon }` or the code of a cloud region. With `routing.userLocation` the way there
   * is guessed until it has been measured. @default where its `region` is, if that
   * is the code of a common cloud region
   */
  location?: UserLocation;
  /** Its share beside the others, above 0: what that means is up to the strategy; see docs/routing.md#strategies. @default 1 */
  weight?: number;
  /** Endpoints of a higher tier are asked when nobody in the lower ones may be, or they are much slower. @default 0 */
  tier?: number;
  /** The models it serves, or the names it knows them by: `{ 'gpt-4.1': 'my-deployment' }`. @default any model, by its own name */
  models?: readonly string[] | Readonly<Record<string, string>>;
  /**
   * A ready-made official client that makes the requests for this endpoint (an `AzureOpenAI` with its token provider, one with a
   * `provider`, say): its keys, its headers, its request hooks, and its `fetch` where it was given one. It has no router of its own.
   * @default none
   */
  client?: ReadyMadeClient;
  /** Breaker options of this endpoint's targets, over `router.breaker` and its `models`; `false` for none. @default those of the router */
  breaker?: BreakerInput;
  /** How much may be sent to it, beside the limits of the router. @default no limit but what its answers tell */
  limits?: EndpointLimitOptions;
  /** What models cost there, before `router.prices` and the list prices; see docs/spending.md. @default what they cost elsewhere */
  prices?: PriceTable;
  /**
   * How its models go on with an answer that another one has begun. `plain`: by themselves, when it is the last turn of the assistant;
   * `prefix` and `continue_final_message`: when they are told so by that word, as Mistral, DeepSeek and vLLM have it; `false`: only when they
   * are asked to in a turn of the user's. See docs/streams.md. @default by the names of its models, and by what they have done
   */
  prefill?: Prefill | false;
  /** Sends this endpoint's requests. @default the `fetch` that its ready-made `client` was given, else the client's own */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** An endpoint as it is used: of an Azure client with several keys there is a ready-made client for each, the first being its `client`. */
export interface CompleteEndpoint extends EndpointOptions {
  readonly clients?: readonly ReadyMadeClient[];
}

/** The defaults of an endpoint. */
export const DEFAULTS = Object.freeze({ weight: 1, tier: 0 });

const readyMade = check.must('an official client, such as new AzureOpenAI({ … })', (value) => {
  return typeof value === 'object' && value !== null && 'buildRequest' in value && 'baseURL' in value;
});

/** A target is written `id/model`, and a star in the place of an id is read as all of them. */
function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[^/\s]+$/.test(value) && value !== '*';
}

function isPlainURL(value: unknown): boolean {
  if (typeof value !== 'string' || value !== value.trim()) return false;
  const { protocol, username, password, hash } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}

/** What is sent as a text: `undefined` would go out as the word, and not as a header or a parameter that is left out. */
const sentText: check.Check = (value, path, faults) => {
  if (value !== undefined && value !== null) return check.text(value, path, faults);
  faults.push(`${path} must be a non-empty string, but is ${value}; is an environment variable not set?`);
};

const endpoint = check.shape(
  {
    id: check.must('a name without slashes and spaces that is not "*"', isName),
    baseURL: check.must('an http or https URL without user, password and fragment', isPlainURL),
    apiKey: check.either(
      'a key, a function that gives one, or a list of those',
      check.text,
      check.functionOf('that gives a key'),
      check.listOf(
        check.either('a key or a function that gives one', check.text, check.functionOf('that gives a key')),
      ),
    ),
    headers: check.recordOf(sentText, { complete: true }),
    query: check.recordOf(sentText, { complete: true }),
    region: check.text,
    location: locationOption,
    weight: check.positiveNumber,
    tier: check.nonNegativeInteger,
    models: check.either(
      'a list of models, or an object of names by model',
      check.listOf(check.text, 'a list of models'),
      check.recordOf(check.text),
    ),
    client: readyMade,
    breaker: breakerLayer,
    prefill: check.oneOf('plain', 'prefix', 'continue_final_message', false),
    limits: endpointLimitOptions,
    prices: priceTable,
    fetch: check.functionOf('(url, init) => Promise<Response>'),
  },
  { required: ['id'] },
);

/** Checks `router.endpoints`, each by itself and all together. */
export const endpointOptions: check.Check = (value, path, faults) => {
  const before = faults.length;
  const placeOf = new Map<unknown, string>();
  check.listOf((entry, place, found) => {
    refuseTaken(entry, { place, placeOf, faults: found });
    wholeEndpoint(entry, place, found);
  }, 'a list of endpoints')(value, path, faults);
  if (faults.length === before && placeOf.size === 0)
    faults.push(`${path} must name at least one endpoint, but is an empty list`);
};

/** An id that is taken is told whatever else is wrong with its endpoint. */
function refuseTaken(
  entry: unknown,
  { place, placeOf, faults }: { place: string; placeOf: Map<unknown, string>; faults: string[] },
): void {
  const id = idOf(entry);
  if (typeof id !== 'string') return;
  const first = placeOf.get(id);
  if (first === undefined) placeOf.set(id, place);
  else faults.push(`${place}.id must be unique, but ${JSON.stringify(id)} is that of ${first} too`);
}

/** The id of what may be anything yet. */
function idOf(entry: unknown): unknown {
  try {
    return (entry as EndpointOptions).id;
  } catch {
    return undefined;
  }
}

/** An endpoint; what is right piece by piece is looked at as a whole. */
const wholeEndpoint: check.Check = (value, path, faults) => {
  const before = faults.length;
  endpoint(value, path, faults);
  if (faults.length > before) return;
  const { client, baseURL, apiKey, headers, models } = value as EndpointOptions;
  if (models && Object.keys(models).length === 0)
    faults.push(
      `${path}.models must name at least one model, but is an empty ${Array.isArray(models) ? 'list' : 'object'}`,
    );
  checkKeys(apiKey, `${path}.apiKey`, faults);
  if (headers && !canBeSent(headers))
    faults.push(`${path}.headers must have names and values that HTTP allows, but one has not`);
  if (client && (baseURL !== undefined || apiKey !== undefined))
    faults.push(`${path}.client has its own baseURL and apiKey; leave out those beside it`);
  // It would only dress the requests: its endpoints, its breakers and its events would come to nothing, and nobody would say so.
  if (client && SEAM in client)
    faults.push(`${path}.client has a router of its own, which would not be used; leave out its router option`);
};

/** Keys as they will be sent; what is wrong with one is told without showing it. */
function checkKeys(given: EndpointOptions['apiKey'], path: string, faults: string[]): void {
  const isList = typeof given === 'object';
  const all: readonly ApiKey[] = isList ? given : given === undefined ? [] : [given];
  if (isList && all.length === 0) faults.push(`${path} must have at least one key, but is an empty list`);
  for (const [index, key] of all.entries()) {
    const place = isList ? `${path}[${index}]` : path;
    const first = all.indexOf(key);
    if (first < index)
      faults.push(`${place} must be another key than the others, but is the same as ${path}[${first}]`);
    else if (typeof key === 'string' && !canBeSent({ key }))
      faults.push(
        `${place} must be a key that a header can hold, but has a line break or another character in it that none can`,
      );
  }
}

function canBeSent(headers: Readonly<Record<string, string>>): boolean {
  try {
    return new Headers(headers) !== undefined;
  } catch {
    return false;
  }
}
