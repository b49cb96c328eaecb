import { type Check, faultsOf, functionOf, must, shape, text } from '../base/check.js';

const now = (clock: unknown): unknown => (clock as { now?: unknown }).now;

/** `null` stands for none, as it does for `fetch`. */
const isSignal = (signal: unknown): boolean =>
  signal == null || typeof (signal as { aborted?: unknown }).aborted === 'boolean';

/** The check of what a circuit breaker takes besides the options of every breaker. */
export const circuitParts: Check = shape({
  name: text,
  onTransition: functionOf('(transition) => …'),
  clock: must('a clock with a now(), such as systemClock', (clock) => typeof now(clock) === 'function'),
  random: functionOf('() => number from 0 to 1'),
});

const executeOptions = shape({
  fallback: functionOf('(error) => answer'),
  signal: must('an AbortSignal', isSignal),
});

/** Whether the options of a call are plainly right: they are asked at every call, and the whole check makes garbage. */
function areUsual(options: { fallback?: unknown; signal?: unknown }): boolean {
  if (typeof options !== 'object' || options === null) return false;
  for (const key in options) {
    // What a class brings along is its own business: an AbortController will do, for the signal it has.
    if (key !== 'fallback' && key !== 'signal' && Object.hasOwn(options, key)) return false;
  }
  const { fallback, signal } = options;
  return (fallback === undefined || typeof fallback === 'function') && isSignal(signal);
}

/** What is wrong with the options of a call; undefined when nothing is. */
export function wrongOptions(options: object): TypeError | undefined {
  return areUsual(options) ? undefined : new TypeError(faultsOf(executeOptions, options, 'options').join('\n'));
}
