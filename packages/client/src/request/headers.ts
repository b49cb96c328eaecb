/** The headers that the official client makes by itself and that tell nothing about its owner. */
const NEUTRAL = /^(?:accept|content-type|content-length|user-agent|idempotency-key|openai-beta|x-stainless-.*)$/i;

/** Names under which keys, accounts and sessions travel. */
const SECRET = /authorization|api-?key|token|secret|cookie|password|credential|^openai-(?:organization|project)$/i;

/** Who belongs to a key: with another key they would be refused. */
const OF_THE_KEY = ['authorization', 'api-key', 'x-api-key', 'openai-organization', 'openai-project'] as const;

/**
 * The headers that may go to a host other than the client's own: what the official client always sends, and what the caller gave
 * for this one request, but nothing that could be a key; neither the client's default headers nor its environment's.
 */
export function headersForAnotherHost(built: Headers, ofThisRequest: unknown): Headers {
  const headers = new Headers();
  built.forEach((value, name) => {
    if (NEUTRAL.test(name)) headers.set(name, value);
  });
  for (const [name, value] of pairsOf(ofThisRequest)) {
    if (!SECRET.test(name)) headers.set(name, value);
  }
  return headers;
}

/** Replaces the credential, and takes away what belonged to the one before. */
export function setKey(headers: Headers, key: string): void {
  for (const name of OF_THE_KEY) headers.delete(name);
  headers.set('authorization', `Bearer ${key}`);
}

/** The headers a caller gave for one request, in whichever of the forms the official client takes. */
function* pairsOf(given: unknown): Iterable<[string, string]> {
  if (typeof given !== 'object' || given === null) return;
  // The official client's own form, made by its buildHeaders.
  const built = (given as { values?: unknown }).values;
  if (built instanceof Headers) return yield* built.entries();
  const pairs = Symbol.iterator in given ? (given as Iterable<readonly [string, unknown]>) : Object.entries(given);
  for (const [name, value] of pairs) {
    if (typeof value === 'string' || typeof value === 'number') yield [name, String(value)];
  }
}
