import type { Reading } from './read.js';

/** Answers of words and numbers; everything else is dear. */
const CHEAP: ReadonlySet<string | undefined> = new Set([
  'chat.completions',
  'responses',
  'completions',
  'embeddings',
  'moderations',
]);

/**
 * Whether a request may be sent to two targets at once. What is kept on a server would be kept twice; answers of the Responses API are,
 * unless the request says no.
 */
export function isHedgeable({ resource, movable, repeatable }: Reading, params: unknown): boolean {
  // What cannot be looked into may say anything.
  if (!movable || !repeatable || !CHEAP.has(resource) || typeof params !== 'object' || params === null) return false;
  const { store } = params as { readonly store?: unknown };
  return resource === 'responses' ? store === false : store !== true;
}
