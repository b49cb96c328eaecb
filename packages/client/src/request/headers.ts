/** The headers that the official client makes by itself and that tell nothing about its owner. */
const NEUTRAL = /^(?:accept|content-type|user-agent|idempotency-key|openai-beta|x-stainless-.*)$/i;

/** Names under which keys, accounts and sessions travel. */
const SECRET =
  /auth|key|token|secret|cookie|password|credential|signature|session|client-id|^openai-(?:organization|project)$/i;

/** Who belongs to a key: with another key they would be refused. */
const OF_THE_KEY = ['authorization', 'api-key', 'x-api-key', 'openai-organization', 'openai-project'] as const;

/**
 * The headers that may go to a host other than the client's own: what the official client always sends, and what the caller gave
 * for this one request, but nothing that could be a key; neither the client's default headers nor its environment's.
 */
export function headersForAnotherHost(built: RequestInit['headers'], ofThisRequest: unknown): Headers {
  // A copy of which something is taken away costs a third of one that is put together.
  return cleansed(new Headers(built), { built, ofThisRequest });
}

/** The same, made of the very headers that are given; `built` is what stands in them. */
export function cleansed(
  headers: Headers,
  { built, ofThisRequest }: { built: RequestInit['headers']; ofThisRequest: unknown },
): Headers {
  // Pairs are quicker to go through: headers are sorted for that.
  for (const [name = ''] of Array.isArray(built) ? built : [...headers]) {
    if (!isNeutral(name)) headers.delete(name);
  }
  if (!ofThisRequest) return headers;
  const given = new Set<string>();
  for (const [name, value] of pairsOf(ofThisRequest)) {
    if (SECRET.test(name)) continue;
    // The first of a name takes the place of what was built, further ones are put beside it: so does the official client.
    if (given.has(name)) headers.append(name, value);
    else headers.set(name, value);
    given.add(name);
  }
  return headers;
}

const judged = new Map<string, boolean>();

/** Asked for a dozen names with every request, always the same ones. */
function isNeutral(name: string): boolean {
  let verdict = judged.get(name);
  if (verdict === undefined) {
    verdict = NEUTRAL.test(name);
    if (judged.size < 1_000) judged.set(name, verdict);
  }
  return verdict;
}

/** Whether a query parameter or a header of this name may hold a key. */
export const mayBeSecret = (name: string): boolean => SECRET.test(name);

/** Takes a credential away, and what belonged to it. */
export function withoutKey(headers: Headers): Headers {
  for (const name of OF_THE_KEY) headers.delete(name);
  return headers;
}

/** The credential in the headers of a request as it was built; null where there is none that can be seen. */
export function keyIn(built: RequestInit['headers']): string | null {
  const headers = Array.isArray(built) ? new Headers(built) : built;
  return headers instanceof Headers ? (headers.get('authorization') ?? headers.get('api-key')) : null;
}

/** Adds the credential where none is. @throws TypeError that does not show the key */
export function setKey(headers: Headers, key: string): void {
  try {
    headers.set('authorization', `Bearer ${key}`);
  } catch {
    throw new TypeError(
      'the key cannot be sent: there is a line break or another character in it that no header can hold',
    );
  }
}

/** The headers a caller gave for one request, in whichever of the forms the official client takes. */
function* pairsOf(given: unknown): Iterable<[string, string]> {
  if (typeof given !== 'object' || given === null) return;
  // The official client's own form, made by its buildHeaders.
  const built = (given as { values?: unknown }).values;
  if (built instanceof Headers) return yield* built.entries();
  const pairs = Symbol.iterator in given ? (given as Iterable<readonly [string, unknown]>) : Object.entries(given);
  for (const [name, values] of pairs) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (typeof value === 'string' || typeof value === 'number') yield [name, String(value)];
    }
  }
}
