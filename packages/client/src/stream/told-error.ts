import type { Ending } from '@breakwater/core';
import type { Resource } from '../request/read.js';
import { kindOfErrorInside } from '../response/kinds.js';
import { meaningOf } from './content.js';
import { blocksOf, eventIn } from './sse.js';

const LATE = 'stream_error_late';

/** An error that the provider told of inside a stream. */
export interface ToldError {
  readonly kind: Ending['kind'];
  readonly message: string;
  /** Whether it is about what was asked, or answered: nobody else is to go on with that. */
  readonly isFinal: boolean;
}

/** What is about the request or its answer, and not about who answers. */
const FINAL = new Set(['content_policy', 'context_window', 'caller_error'] as const);
type FinalKind = typeof FINAL extends Set<infer Kind> ? Kind : never;

/** Reads the event that tells of an error. */
export function toldErrorIn(
  told: Uint8Array,
  { resource, movable = true }: { readonly resource: Resource | undefined; readonly movable?: boolean },
): ToldError {
  const message = 'an error inside the stream';
  const event = eventIn(blocksOf(new TextDecoder().decode(told))[0] ?? '');
  const meaning = event && meaningOf(event, resource);
  if (meaning?.what !== 'error') return { kind: LATE, message, isFinal: false };
  const kind = kindOfErrorInside(meaning.error, { movable, otherwise: LATE });
  return FINAL.has(kind as FinalKind)
    ? { kind: kind as FinalKind, message, isFinal: true }
    : { kind: LATE, message, isFinal: false };
}
