import type { Resource } from '../request/read.js';

/** Longer answers, which only vectors written out as numbers are, are looked at and not parsed: it would hold up everybody else. */
const LONGEST_PARSED = 1024 * 1024;

/** What every answer of a resource has. */
const EXPECTED: Readonly<Partial<Record<Resource, string>>> = {
  'chat.completions': 'choices',
  completions: 'choices',
  responses: 'output',
  embeddings: 'data',
  images: 'data',
  moderations: 'results',
};

/** Who must have something in that list: there is no question to which it would be an answer. */
const NEVER_EMPTY: ReadonlySet<Resource> = new Set(['chat.completions', 'completions', 'embeddings', 'moderations']);

/**
 * What is wrong with an answer that came with status 200, in a few words; undefined when it is what was asked for. Proxies answer
 * with their own pages, and providers with half an answer or none. It is parsed although the official client parses it again: an
 * answer may be cut anywhere, behind a bracket too, and what has been handed over can no longer be asked for elsewhere.
 */
export function faultIn(text: string, resource: Resource | undefined): string | undefined {
  if (text.trim() === '') return 'an empty body';
  if (text.length > LONGEST_PARSED) return looksWhole(text) ? undefined : 'not whole JSON';
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'not JSON';
  }
  const field = resource && EXPECTED[resource];
  if (!resource || !field) return undefined;
  const list = (parsed as Record<string, unknown> | null)?.[field];
  if (!Array.isArray(list)) return `no ${field}`;
  return NEVER_EMPTY.has(resource) && list.length === 0 ? `no ${field}` : undefined;
}

function looksWhole(text: string): boolean {
  return '{['.includes(text.trimStart().charAt(0) || ' ') && '}]'.includes(text.trimEnd().slice(-1) || ' ');
}
