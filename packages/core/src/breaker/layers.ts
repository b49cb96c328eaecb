import { type BreakerInput, type BreakerOptions, classicNumbers, isClassic, REPLACED_BY } from './options.js';
import { presets } from './presets.js';

/**
 * One set of options over another. What is named anew replaces what it stands for: a tripper takes the place of the numbers below it,
 * and a number that of a part below it. A preset, `false` and the classic names are whole sets: they replace everything.
 */
export function layered(below: BreakerInput | undefined, above: BreakerInput): BreakerInput {
  const base = ownOptions(below);
  if (!base || above === false || typeof above === 'string' || isClassic(above)) return above;
  const own: BreakerOptions = above;
  const merged: Record<string, unknown> = { ...base };
  // The limit of waits gives way to a longer first wait, as it does where only that is given.
  if (Number(own.openMs) > Number(merged.maxOpenMs)) delete merged.maxOpenMs;
  for (const [part, numbers] of Object.entries(REPLACED_BY)) {
    if (own[part as keyof BreakerOptions] !== undefined) for (const number of numbers) delete merged[number];
    if (numbers.some((number) => own[number] !== undefined)) delete merged[part];
  }
  // What is undefined was not given: it must not hide what is below it.
  return { ...merged, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) };
}

/** Options in our own words, so that single ones can be put over them; undefined for none. */
function ownOptions(input: BreakerInput = {}): BreakerOptions | undefined {
  if (input === false) return undefined;
  if (input === 'classic' || isClassic(input)) return classicNumbers(input === 'classic' ? {} : input);
  return typeof input === 'string' ? presets[input] : (input as BreakerOptions);
}
