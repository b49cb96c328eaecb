import type { FailureKind } from '@breakwater/core';
import type { ApiKey, CompleteEndpoint, ReadyMadeClient } from './options.js';

/** Gives every key a name of its own that does not show it. */
export interface KeyNames {
  nameOf(key: string): string;
}

/** What an endpoint authenticates with. */
export interface Credential {
  /** Names it, so that a quarantine ends when it changes. Never the key. */
  name(): string;
  /** Hears what became of an attempt with it. */
  told(kind: FailureKind | 'ok'): void;
}

/** A credential, and what requests are dressed with for it. */
export interface WireKey extends Credential {
  /** Undefined where the client's own is used, or that of `client`, or one among the endpoint's headers. */
  readonly apiKey: ApiKey | undefined;
  readonly client: ReadyMadeClient | undefined;
}

/** A key that can be seen: it is another credential as soon as it is another key. One that cannot be read goes by the endpoint's id. */
export function seenKey(key: () => ApiKey | null | undefined, id: string, keys: KeyNames): Credential {
  return {
    name: () => {
      const now = readable(key);
      return typeof now === 'string' && now !== '' ? keys.nameOf(now) : id;
    },
    told: () => undefined,
  };
}

/** Some clients check their key when it is read, and throw: no reason to lose the calls that other endpoints can answer. */
function readable(key: () => ApiKey | null | undefined): ApiKey | null | undefined {
  try {
    return key();
  } catch {
    return undefined;
  }
}

/**
 * A key that a function gives when a request is made. Whether it is still the one that was refused is known only when the function is
 * asked, and nobody asks it during a quarantine. So the first refusal holds for that key alone, and the next call asks anew; when it
 * is refused as well, the endpoint rests.
 */
class GivenKey implements Credential {
  readonly #id: string;
  #refusals = 0;
  #isOnTrial = false;

  constructor(id: string) {
    this.#id = id;
  }

  name(): string {
    return this.#refusals === 0 ? this.#id : `${this.#id}.${this.#refusals}`;
  }

  told(kind: FailureKind | 'ok'): void {
    if (kind === 'ok') this.#isOnTrial = false;
    if (kind !== 'auth' || this.#isOnTrial) return;
    this.#isOnTrial = true;
    this.#refusals += 1;
  }
}

/** The keys of an endpoint's own, in their order; none when it uses the client's. Of several each is named by its place, or for good. */
export function ownKeys(
  { id, client, clients, apiKey, headers = {} }: CompleteEndpoint,
  keys: KeyNames,
): readonly WireKey[] {
  if (clients) return clients.map((one, index) => keyOfClient(one, placeOf(id, index), keys));
  if (client) return [keyOfClient(client, id, keys)];
  if (typeof apiKey === 'object')
    return apiKey.map((one, index) => keyOf(one, apiKey.length > 1 ? placeOf(id, index) : id, keys));
  if (apiKey !== undefined) return [keyOf(apiKey, id, keys)];
  // A key among the headers is told from others by its place.
  const isAmongHeaders = Object.keys(headers).some((name) => /auth|key/i.test(name));
  return isAmongHeaders ? [wireKey(seenKey(() => null, id, keys))] : [];
}

/** No id has a slash in it, so that no other credential is called so. */
const placeOf = (id: string, index: number): string => `${id}/key#${index + 1}`;

function keyOf(apiKey: ApiKey, id: string, keys: KeyNames): WireKey {
  if (typeof apiKey === 'function') return wireKey(new GivenKey(id), { apiKey });
  // Named at once: keys have their numbers in the order in which they were given.
  keys.nameOf(apiKey);
  return wireKey(
    seenKey(() => apiKey, id, keys),
    { apiKey },
  );
}

function keyOfClient(client: ReadyMadeClient, id: string, keys: KeyNames): WireKey {
  return wireKey(hasKeyFunction(client) ? new GivenKey(id) : seenKey(() => client.apiKey, id, keys), { client });
}

/** What a credential is sent with. @default the client's own key */
export function wireKey(
  credential: Credential,
  { apiKey, client }: Partial<Pick<WireKey, 'apiKey' | 'client'>> = {},
): WireKey {
  return Object.assign(credential, { apiKey, client });
}

/** An official client shows the last key that its function gave as if it were its own. */
function hasKeyFunction(client: ReadyMadeClient): boolean {
  const { _options: given } = client as { readonly _options?: { readonly apiKey?: unknown } };
  return typeof given?.apiKey === 'function';
}
