import { Rejection } from '../answers/rejection.js';

/** A 400 about one field of the request. */
export function invalid(param: string, message: string, code: string | null = null): Rejection {
  return new Rejection(400, { message, param, code });
}

/** A 400 about a value of the wrong type. */
export function wrongType(param: string, expected: string, value: unknown): Rejection {
  const got =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'an array'
        : typeof value === 'object'
          ? 'an object'
          : `a ${typeof value}`;
  return invalid(param, `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`, 'invalid_type');
}
