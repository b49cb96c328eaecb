import { invalid, wrongType } from './complaints.js';

type Params = Readonly<Record<string, unknown>>;

/** The field, which must be given. */
export function required(params: Params, param: string): unknown {
  const value = params[param];
  if (value === undefined || value === null) {
    throw invalid(param, `Missing required parameter: '${param}'.`, 'missing_required_parameter');
  }
  return value;
}

/** True or false; false if it is not given. */
export function flagOf(params: Params, param: string): boolean {
  const value = params[param] ?? false;
  if (typeof value !== 'boolean') throw wrongType(param, 'a boolean', value);
  return value;
}

/** A string, or undefined if it is not given. */
export function textOf(params: Params, param: string): string | undefined {
  const value = params[param];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrongType(param, 'a string', value);
  return value;
}
