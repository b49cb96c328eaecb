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

/** An answer looked through. */
export interface LookedThrough {
  /** What is wrong with it, in a few words; undefined when it is what was asked for. */
  readonly fault?: string;
  /** What it says; undefined where it was too long to be parsed, or is no object. */
  readonly parsed?: object | undefined;
}

/** Nothing wrong with it, as far as anybody looked. */
export const AS_IT_IS: LookedThrough = Object.freeze({});

/**
 * Looks through an answer that came with status 200. Proxies answer with their own pages, and providers with half an answer or none,
 * which may be cut anywhere, behind a bracket too; what has been handed over can no longer be asked for elsewhere.
 */
export function lookThrough(text: string, resource: Resource | undefined): LookedThrough {
  if (text.trim() === '') return { fault: 'an empty body' };
  if (text.length > LONGEST_PARSED) return looksWhole(text) ? AS_IT_IS : { fault: 'not whole JSON' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { fault: 'not JSON' };
  }
  const field = resource && EXPECTED[resource];
  if (!resource || !field) return AS_IT_IS;
  const list = (parsed as Record<string, unknown> | null)?.[field];
  if (!Array.isArray(list)) return { fault: `no ${field}` };
  return NEVER_EMPTY.has(resource) && list.length === 0 ? { fault: `no ${field}` } : { parsed: parsed as object };
}

function looksWhole(text: string): boolean {
  return '{['.includes(text.trimStart().charAt(0) || ' ') && '}]'.includes(text.trimEnd().slice(-1) || ' ');
}
