import { type Endpoint, type EndpointKey, type PriceTable, placeOf } from '@breakwater/core';
import { priceOf } from '../spending/price-of.js';
import { type KeyNames, ownKeys, seenKey, type WireKey, wireKey } from './credential.js';
import { type CompleteEndpoint, DEFAULTS, type EndpointOptions, type ReadyMadeClient } from './options.js';

/** What an endpoint takes from the client that it belongs to, read anew whenever it is needed: users may change it at any time. */
export interface Primary {
  readonly baseURL: string;
  readonly apiKey: string | null;
}

/** An endpoint that requests can be dressed for. */
export interface WireEndpoint extends Endpoint {
  /** Undefined for the client's own. */
  readonly options: EndpointOptions | undefined;
  readonly client: ReadyMadeClient | undefined;
  readonly fetch: EndpointOptions['fetch'] | undefined;
  /** Whether its key is not the client's. */
  readonly hasOwnKey: boolean;
  /** The name by which it knows a model. */
  aliasOf(model: string): string;
  /** Its keys, where it has several. */
  readonly keys?: readonly WireKey[] | undefined;
  /** What requests are dressed with: the one of its keys that was chosen, or the only one. */
  keyFor(chosen: EndpointKey | undefined): WireKey;
}

/** The id of the endpoint that the official options describe. */
export const OWN_ID = 'default';

const MOST_KEYS = 1_000;

/** Gives every key a number, so that it can be told from another without being shown. */
export class KeyRing implements KeyNames {
  readonly #names = new Map<string, string>();
  #given = 0;
  #lastKey: string | undefined;
  #lastName = '';

  nameOf(key: string): string {
    if (key === this.#lastKey) return this.#lastName;
    const name = this.#names.get(key) ?? this.#newName();
    // Whoever is used stands at the end, and is forgotten last.
    this.#names.delete(key);
    this.#names.set(key, name);
    this.#lastKey = key;
    this.#lastName = name;
    return name;
  }

  /** Keys that change all the time are not kept for ever; a forgotten one gets a new name, and a clean slate. */
  #newName(): string {
    if (this.#names.size >= MOST_KEYS) this.#names.delete(this.#names.keys().next().value ?? '');
    this.#given += 1;
    return `key#${this.#given}`;
  }
}

/** What endpoints are made with. */
export interface EndpointParts {
  /** Gives what the client itself uses now. */
  readonly primary: () => Primary;
  readonly keys: KeyRing;
  /** What models cost, where an endpoint does not say so. */
  readonly prices: PriceTable | undefined;
}

/** Makes an endpoint of its options. */
export function createEndpoint(options: CompleteEndpoint, { primary, keys, prices }: EndpointParts): WireEndpoint {
  const aliases = aliasesOf(options.models);
  const own = ownKeys(options, keys);
  const first = own[0] ?? wireKey(seenKey(() => primary().apiKey, options.id, keys));
  return {
    id: options.id,
    region: options.region,
    weight: options.weight ?? DEFAULTS.weight,
    tier: options.tier ?? DEFAULTS.tier,
    location: placeOf(options.location ?? options.region),
    address: () => addressOf(options.client?.baseURL ?? options.baseURL ?? primary().baseURL),
    options,
    client: options.client,
    fetch: options.fetch ?? ownFetch(options.client),
    // '*' stands for what has no model: files, batches and the like are served wherever they are.
    serves: (model) => aliases === undefined || model === '*' || aliases.has(model),
    aliasOf: (model) => aliases?.get(model) ?? model,
    priceOf: (model) => priceOf([model, aliases?.get(model) ?? model], [options.prices, prices]),
    hasOwnKey: own.length > 0,
    credential: () => first.name(),
    keys: own.length > 1 ? own : undefined,
    keyFor: (chosen) => (chosen as WireKey | undefined) ?? first,
  };
}

/** The endpoint that the official options describe, when no others are given: its requests are sent as the official client made them. */
export function createOwnEndpoint({ primary, keys, prices }: EndpointParts): WireEndpoint {
  const key = wireKey(seenKey(() => primary().apiKey, OWN_ID, keys));
  return {
    id: OWN_ID,
    region: undefined,
    address: () => addressOf(primary().baseURL),
    options: undefined,
    client: undefined,
    fetch: undefined,
    serves: () => true,
    aliasOf: (model) => model,
    priceOf: (model) => priceOf([model], [prices]),
    hasOwnKey: false,
    credential: () => key.name(),
    keyFor: () => key,
  };
}

/** What a ready-made client was told to send its requests with: behind it may be the proxy through which alone its host is reached. */
function ownFetch(client: ReadyMadeClient | undefined): EndpointOptions['fetch'] {
  const { _options: given } = (client ?? {}) as { readonly _options?: { readonly fetch?: EndpointOptions['fetch'] } };
  return given?.fetch;
}

/** A base URL, with and without a slash at its end the same. */
const addressOf = (baseURL: string): string => baseURL.replace(/\/+$/, '');

function aliasesOf(models: EndpointOptions['models']): ReadonlyMap<string, string> | undefined {
  if (models === undefined) return undefined;
  if (Array.isArray(models)) return new Map(models.map((model: string) => [model, model]));
  return new Map(Object.entries(models));
}
