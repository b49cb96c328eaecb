import { mayBeSecret } from './headers.js';

/** The caller's query without what could be a key in it, at any depth: that is for the client's own host. */
export function queryForAnotherHost(query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query;
  if (Array.isArray(query)) return query.map(queryForAnotherHost);
  const passed = Object.entries(query).filter(([name]) => !mayBeSecret(name));
  return Object.fromEntries(passed.map(([name, value]) => [name, queryForAnotherHost(value)]));
}

/** A path without what could be a key in the query it brings itself. */
export function pathForAnotherHost(path: string): string {
  const at = path.indexOf('?');
  if (at < 0) return path;
  const query = new URLSearchParams(path.slice(at));
  for (const name of [...query.keys()]) if (mayBeSecret(name)) query.delete(name);
  return query.size > 0 ? `${path.slice(0, at)}?${query}` : path.slice(0, at);
}
