import type { Resource } from '../request/read.js';

/** Longer answers are never parsed here: megabytes of vectors twice would cost more than it could find. */
const LONGEST_PARSED = 64 * 1024;

/** Shorter ones are parsed in any case: it costs next to nothing, and an answer that short is odd. */
const SHORTEST_TRUSTED = 256;

/** What every answer of a resource has. */
const EXPECTED: Readonly<Partial<Record<Resource, string>>> = {
  'chat.completions': 'choices',
  completions: 'choices',
  responses: 'output',
  embeddings: 'data',
  images: 'data',
  moderations: 'results',
};

/** The beginning of that list in a text, with something in it where there must be. In a JSON string its quotes would be escaped. */
const BEGINNINGS: Readonly<Partial<Record<Resource, RegExp>>> = {
  'chat.completions': /"choices"\s*:\s*\[\s*\{/,
  completions: /"choices"\s*:\s*\[\s*\{/,
  responses: /"output"\s*:\s*\[/,
  embeddings: /"data"\s*:\s*\[/,
  images: /"data"\s*:\s*\[/,
  moderations: /"results"\s*:\s*\[/,
};

/**
 * What is wrong with an answer that came with status 200, in a few words; undefined when it is what was asked for. Proxies answer
 * with their own pages, and providers with half an answer or none. What looks right at both ends and has its list is taken as it is:
 * parsing it here as well would cost more than everything else that is done for an answer. Only what does not is parsed.
 */
export function faultIn(text: string, resource: Resource | undefined): string | undefined {
  if (text.length > SHORTEST_TRUSTED && looksWhole(text) && resource && BEGINNINGS[resource]?.test(text))
    return undefined;
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
  return '{['.includes(text.trimStart().charAt(0) || ' ') && '}]'.includes(text.trimEnd().slice(-1) || ' ');
}
