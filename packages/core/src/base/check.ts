import { join, show, unknownKey } from './fault.js';

export { nearestName } from './fault.js';

/**
 * How every room checks its options. A check never throws and never stops at the first fault: it appends one line per fault,
 * so that somebody who mistyped three options learns of all three at once.
 *
 * `undefined` means "not given" inside a {@link shape} or a {@link recordOf}, so it passes there unless a value is required.
 * Zero and `false` are values. `null`, `NaN`, infinities and numbers written as strings are faults.
 */
export type Check = (value: unknown, path: string, faults: string[]) => void;

/** All faults of a value, one line each; an empty list means it may be used. */
export function faultsOf(check: Check, value: unknown, path: string): string[] {
  const faults: string[] = [];
  check(value, path, faults);
  return faults;
}

/** A check made of one question; `wanted` finishes the sentence "… must be". Use it for what the other checks here do not know. */
export function must(wanted: string, accepts: (value: unknown) => boolean): Check {
  return (value, path, faults) => {
    if (!answers(accepts, value)) faults.push(`${path} must be ${wanted}, but is ${show(value, path)}`);
  };
}

const finite = (value: unknown): value is number => Number.isFinite(value);

/** A whole number from 1 up, such as a count or a length in milliseconds. */
export const positiveInteger = must('a positive integer', (value) => Number.isSafeInteger(value) && Number(value) > 0);

/** A whole number from 0 up. */
export const nonNegativeInteger = must('an integer of 0 or more', (v) => Number.isSafeInteger(v) && Number(v) >= 0);

/** Any finite number above 0. */
export const positiveNumber = must('a number above 0', (value) => finite(value) && value > 0);

/** Any finite number from 0 up. */
export const nonNegativeNumber = must('a number of 0 or more', (value) => finite(value) && value >= 0);

/** A share: both 0 and 1 are allowed. */
export const fraction = must('a number from 0 to 1', (value) => finite(value) && value >= 0 && value <= 1);

/** `true` or `false`, and nothing that merely resembles them. */
export const boolean = must('true or false', (value) => typeof value === 'boolean');

/** A string with at least one character that is not white space. */
export const text = must('a non-empty string', (value) => typeof value === 'string' && value.trim() !== '');

/** An absolute `http:` or `https:` URL, written as a string. */
export const url = must('an http or https URL', (value) => {
  return typeof value === 'string' && /^https?:$/.test(new URL(value).protocol);
});

/** A value that is passed on as it is; only the name of its key is checked. */
export const anything: Check = () => {};

/** A function; the `signature` stands in the message, since nothing more of a function can be checked. */
export function functionOf(signature: string): Check {
  return must(`a function ${signature}`, (value) => typeof value === 'function');
}

/** Exactly one of the given values, compared by `Object.is`. */
export function oneOf(...values: readonly (string | number | boolean)[]): Check {
  const names = values.map((value) => JSON.stringify(value));
  const last = names.pop() ?? 'nothing';
  const wanted = names.length === 0 ? last : `${names.join(', ')} or ${last}`;
  return must(wanted, (value) => values.some((candidate) => Object.is(candidate, value)));
}

/** The longest list taken; it keeps a sparse array of four thousand million holes from stopping the program. */
const LONGEST_LIST = 10_000;

const shortList = must(`a list of at most ${LONGEST_LIST} entries`, (v) => (v as unknown[]).length <= LONGEST_LIST);

/** A list whose every entry passes `check`; holes and `undefined` entries are faults of their own. `wanted` says what it is a list of. */
export function listOf(check: Check, wanted = 'a list'): Check {
  const list = must(wanted, Array.isArray);
  return (value, path, faults) => {
    if (!passes(list, { value, path, faults }) || !passes(shortList, { value, path, faults })) return;
    const length = (value as readonly unknown[]).length;
    for (let index = 0; index < length; index++)
      checkProperty(value, `${index}`, { check, path: `${path}[${index}]`, faults });
  };
}

/**
 * An object whose keys are the user's own (model names, header names) and whose every value passes `check`; with `complete` an
 * undefined value has to pass it as well.
 */
export function recordOf(check: Check, { complete = false }: { complete?: boolean } = {}): Check {
  return (value, path, faults) => {
    if (!passes(plainObject, { value, path, faults })) return;
    for (const key of keysOf(value)) {
      checkProperty(value, key, { check, path: join(path, key), faults, optional: !complete });
    }
  };
}

/**
 * An object with known keys. Unknown own keys are faults that name the nearest known one. The known keys are read the way an
 * option is read later, so what a class instance or a prototype contributes is checked as well.
 */
export function shape(checks: Readonly<Record<string, Check>>, rules: { required?: readonly string[] } = {}): Check {
  const known = Object.entries(checks);
  const names = Object.keys(checks);
  return (value, path, faults) => {
    if (!passes(plainObject, { value, path, faults })) return;
    for (const [key, check] of known) {
      const required = rules.required?.includes(key) === true;
      checkProperty(value, key, { check, path: join(path, key), faults, optional: !required, required });
    }
    for (const key of keysOf(value)) if (!Object.hasOwn(checks, key)) faults.push(unknownKey(key, path, names));
  };
}

/**
 * A value that passes at least one of the checks. When an alternative took the value's kind and only found faults further
 * inside, those are reported, because they are nearer to what the user meant; else `description` tells what is possible.
 */
export function either(description: string, ...checks: readonly Check[]): Check {
  return (value, path, faults) => {
    let nearest: string[] | undefined;
    for (const check of checks) {
      const found = faultsOf(check, value, path);
      if (found.length === 0) return;
      const inside = found.every((fault) => !fault.startsWith(`${path} `));
      if (inside && (nearest === undefined || found.length < nearest.length)) nearest = found;
    }
    faults.push(...(nearest ?? [`${path} must be ${description}, but is ${show(value, path)}`]));
  };
}

/** Maps, dates and promises have no options to read, so they are refused where an object with options is expected. */
const plainObject: Check = (value, path, faults) => {
  // "Must be an object, but is an object" would help nobody.
  const wanted = show(value, path) === 'an object' ? 'a plain object' : 'an object';
  must(wanted, (one) => Object.prototype.toString.call(one) === '[object Object]')(value, path, faults);
};

/** Options may be proxies or hold getters that throw; such a value is then simply not what was asked for. */
function answers(question: (value: unknown) => boolean, value: unknown): boolean {
  try {
    return question(value);
  } catch {
    return false;
  }
}

function passes(check: Check, at: { value: unknown; path: string; faults: string[] }): boolean {
  const before = at.faults.length;
  check(at.value, at.path, at.faults);
  return at.faults.length === before;
}

interface PropertyCheck {
  readonly check: Check;
  readonly path: string;
  readonly faults: string[];
  readonly optional?: boolean;
  readonly required?: boolean;
}

function checkProperty(holder: unknown, key: string, { check, path, faults, optional, required }: PropertyCheck): void {
  let value: unknown;
  try {
    value = (holder as Record<string, unknown>)[key];
  } catch {
    faults.push(`${path} cannot be read: its getter throws`);
    return;
  }
  if (value !== undefined || (!optional && !required)) check(value, path, faults);
  else if (required) faults.push(`${path} is required`);
}

function keysOf(value: unknown): string[] {
  try {
    return Object.keys(value as object);
  } catch {
    return [];
  }
}
