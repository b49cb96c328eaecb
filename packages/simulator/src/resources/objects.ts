import { wrongType } from './complaints.js';

type Params = Readonly<Record<string, unknown>>;

/** A list of objects, empty if it is not given. */
export function objectsOf(params: Params, param: string): Params[] {
  const value = params[param] ?? [];
  if (!Array.isArray(value)) throw wrongType(param, 'an array of objects', value);
  value.forEach((item: unknown, index) => {
    if (typeof item !== 'object' || item === null) throw wrongType(`${param}[${index}]`, 'an object', item);
  });
  return value as Params[];
}

/** An object's field that is an object itself, or an empty one. */
export function objectAt(value: unknown, key: string): Params {
  const inner: unknown = typeof value === 'object' && value !== null ? (value as Params)[key] : undefined;
  return typeof inner === 'object' && inner !== null ? (inner as Params) : {};
}
