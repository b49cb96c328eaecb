import type { FailureKind } from '@breakwater/core';
import type { ApiKey, EndpointOptions, ReadyMadeClient } from './options.js';

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

/** The credential of an endpoint's own; undefined when it uses the client's. */
export function ownCredential(
  { id, client, apiKey, headers = {} }: EndpointOptions,
  keys: KeyNames,
): Credential | undefined {
  if (client) return hasKeyFunction(client) ? new GivenKey(id) : seenKey(() => client.apiKey, id, keys);
  if (typeof apiKey === 'function') return new GivenKey(id);
  if (apiKey !== undefined) return seenKey(() => apiKey, id, keys);
  // A key among the headers is told from others by its place.
  return Object.keys(headers).some((name) => /auth|key/i.test(name)) ? seenKey(() => null, id, keys) : undefined;
}

/** An official client shows the last key that its function gave as if it were its own. */
function hasKeyFunction(client: ReadyMadeClient): boolean {
  const { _options: given } = client as { readonly _options?: { readonly apiKey?: unknown } };
  return typeof given?.apiKey === 'function';
}
