import { type BreakerInput, type BreakerOptions, isClassic, REPLACED_BY } from './options.js';
import { presets } from './presets.js';

/**
 * One set of options over another. What is named anew replaces what it stands for: a tripper takes the place of the numbers below it,
 * and a number that of a part below it. A preset, `false` and the classic names are whole sets: they replace everything.
 */
export function layered(below: BreakerInput | undefined, above: BreakerInput): BreakerInput {
  const base = ownOptions(below);
  const own = ownOptions(above);
  if (!base || !own || typeof above === 'string') return above;
  const merged: Record<string, unknown> = { ...base };
  // The limit of waits gives way to a longer first wait, as it does where only that is given.
  if (own.maxOpenMs === undefined && Number(own.openMs) > Number(merged.maxOpenMs)) delete merged.maxOpenMs;
  for (const [part, numbers] of Object.entries(REPLACED_BY)) {
    if (own[part as keyof BreakerOptions] !== undefined) for (const number of numbers) delete merged[number];
    if (numbers.some((number) => own[number] !== undefined)) delete merged[part];
  }
  // What is undefined was not given: it must not hide what is below it.
  return { ...merged, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) };
}

function ownOptions(input: BreakerInput | undefined): BreakerOptions | undefined {
  if (input === undefined) return {};
  if (input === false || input === 'classic' || isClassic(input)) return undefined;
  return typeof input === 'string' ? presets[input] : (input as BreakerOptions);
}
