import type { Resource } from '../request/read.js';

/** Longer answers are checked at their ends only: to parse megabytes of vectors twice would cost more than it could find. */
const LONGEST_PARSED = 64 * 1024;

/** What every answer of a resource has. */
const EXPECTED: Readonly<Partial<Record<Resource, string>>> = {
  'chat.completions': 'choices',
  completions: 'choices',
  responses: 'output',
  embeddings: 'data',
  images: 'data',
  moderations: 'results',
};

/**
 * What is wrong with an answer that came with status 200, in a few words; undefined when it is what was asked for. Proxies answer
 * with their own pages, and providers with half an answer or none.
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
  if (!field) return undefined;
  const list = (parsed as Record<string, unknown> | null)?.[field];
  if (!Array.isArray(list)) return `no ${field}`;
  return field === 'choices' && list.length === 0 ? 'no choices' : undefined;
}

function looksWhole(text: string): boolean {
  return '{['.includes(text.trimStart().charAt(0)) && '}]'.includes(text.trimEnd().slice(-1));
}
