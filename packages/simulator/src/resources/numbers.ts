import { invalid, wrongType } from './complaints.js';

type Params = Readonly<Record<string, unknown>>;

/** A number within bounds, or undefined if it is not given; null counts as not given, as with the API. */
export function numberOf(params: Params, param: string, [low, high]: readonly [number, number]): number | undefined {
  const value = params[param];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw wrongType(param, 'a number', value);
  if (value < low) {
    throw invalid(
      param,
      `Invalid '${param}': number below minimum value. Expected a value >= ${low}, but got ${value} instead.`,
      'number_below_min_value',
    );
  }
  if (value > high) {
    throw invalid(
      param,
      `Invalid '${param}': number above maximum value. Expected a value <= ${high}, but got ${value} instead.`,
      'number_above_max_value',
    );
  }
  return value;
}

/** A whole number within bounds, or undefined if it is not given. */
export function integerOf(params: Params, param: string, bounds: readonly [number, number]): number | undefined {
  const value = numberOf(params, param, bounds);
  if (value !== undefined && !Number.isInteger(value)) throw wrongType(param, 'an integer', value);
  return value;
}
