/**
 * Marks what was made here. On the registry of all copies, because a program may have this package twice, as ESM and as CommonJS, and
 * `instanceof` takes only what its own copy has made. The number is that of what parts promise each other.
 */
const PART = Symbol.for('breakwater.breaker.part.1');

/** The parts that options take, by the name of the option. */
export type PartKind = 'tracker' | 'window' | 'tripper' | 'recovery' | 'permits';

/** Marks a part as made here, and freezes it: many breakers go by the same one. The mark shows up in no listing of its keys. */
export function branded<Part extends object>(kind: PartKind, part: Part): Readonly<Part> {
  return Object.freeze(Object.defineProperty(part, PART, { value: kind }));
}

/**
 * Whether something is a part of this kind, of whichever copy of this package. What merely looks like one is none: a breaker relies on
 * its parts never to throw and never to answer nonsense in the middle of a call.
 */
export const isPart =
  (kind: PartKind) =>
  (value: unknown): boolean =>
    typeof value === 'object' && value !== null && (value as { [PART]?: unknown })[PART] === kind;
