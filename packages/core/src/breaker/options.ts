import { type Check, fraction, must, positiveInteger, positiveNumber, shape } from '../base/check.js';

/** When a target counts as broken, how long it rests and how it comes back. */
export interface BreakerOptions {
  /** Opens after this many failures in a row; `false` switches the rule off. @default 5 */
  failureStreak?: number | false;
  /** Calls within the window before {@link failureRate} is looked at. @default 10 */
  minRequests?: number;
  /** Opens when this share of the calls in the window failed, from just above 0 to 1; `false` switches the rule off. @default 0.5 */
  failureRate?: number | false;
  /** Length of the window in milliseconds; counted in twelve slices. @default 60_000 */
  windowMs?: number;
  /** The first wait in milliseconds. @default 5_000 */
  openMs?: number;
  /** Each failed probe makes the next wait so many times as long; 1 or more. @default 2 */
  openMultiplier?: number;
  /** The longest wait in milliseconds, before jitter. When only {@link openMs} is given and is longer, that is the limit. @default 30_000 */
  maxOpenMs?: number;
  /** Up to this share is added to each wait, drawn once per opening, so that many clients do not come back at once. @default 0.2 */
  jitter?: number;
  /** Calls let through at the same time while half-open. @default 1 */
  probes?: number;
  /** Successful probes that close the breaker; one failed probe opens it again. @default 2 */
  closeAfter?: number;
  /** A probe that has not come back after so many milliseconds is given up and its place is free. Longer than your slowest answer. @default 60_000 */
  leaseMs?: number;
  /** After so many milliseconds of being closed, one growth of the wait is forgotten. @default 60_000 */
  levelDecayMs?: number;
}

/** The names of the classic breaker: a streak of failures, a fixed wait, no jitter. Not to be mixed with {@link BreakerOptions}. */
export interface ClassicBreakerOptions {
  /** Opens after this many failures in a row. @default 5 */
  failureThreshold?: number;
  /** Successful probes that close the breaker. @default 3 */
  successThreshold?: number;
  /** The wait in milliseconds, the same each time. @default 60_000 */
  timeout?: number;
  /** Calls let through at the same time while half-open. @default 3 */
  halfOpenMaxCalls?: number;
}

/** What `router.breaker` takes; `false` means that every call is let through. */
export type BreakerInput = BreakerOptions | ClassicBreakerOptions | 'classic' | false;

/** The options as the breaker reads them: complete, checked and frozen. */
export type ResolvedBreakerOptions = Readonly<Required<BreakerOptions>> | false;

const DEFAULTS: Readonly<Required<BreakerOptions>> = {
  failureStreak: 5,
  minRequests: 10,
  failureRate: 0.5,
  windowMs: 60_000,
  openMs: 5_000,
  openMultiplier: 2,
  maxOpenMs: 30_000,
  jitter: 0.2,
  probes: 1,
  closeAfter: 2,
  leaseMs: 60_000,
  levelDecayMs: 60_000,
};

const CLASSIC_DEFAULTS: Readonly<Required<ClassicBreakerOptions>> = {
  failureThreshold: 5,
  successThreshold: 3,
  timeout: 60_000,
  halfOpenMaxCalls: 3,
};

const OWN_CHECKS: Readonly<Record<keyof BreakerOptions, Check>> = {
  failureStreak: must('a positive integer or false', (v) => v === false || (Number.isSafeInteger(v) && Number(v) > 0)),
  minRequests: positiveInteger,
  failureRate: must('a number above 0 and up to 1, or false', (v) => {
    return v === false || (typeof v === 'number' && v > 0 && v <= 1);
  }),
  windowMs: positiveInteger,
  openMs: positiveInteger,
  openMultiplier: must('a number of 1 or more', (v) => Number.isFinite(v) && Number(v) >= 1),
  maxOpenMs: positiveInteger,
  jitter: fraction,
  probes: positiveInteger,
  closeAfter: positiveInteger,
  leaseMs: positiveNumber,
  levelDecayMs: positiveNumber,
};

const CLASSIC_CHECKS: Readonly<Record<keyof ClassicBreakerOptions, Check>> = {
  failureThreshold: positiveInteger,
  successThreshold: positiveInteger,
  timeout: positiveInteger,
  halfOpenMaxCalls: positiveInteger,
};

const ownShape = shape(OWN_CHECKS);
const classicShape = shape(CLASSIC_CHECKS);
const anyShape = shape({ ...OWN_CHECKS, ...CLASSIC_CHECKS });
const kind = must('false, "classic" or an object', (value) => typeof value === 'object' && value !== null);

/** The check of `router.breaker`. */
export const breakerOptions: Check = (value, path, faults) => {
  if (value === false || value === 'classic') return;
  const before = faults.length;
  kind(value, path, faults);
  if (faults.length > before) return;
  const own = namesIn(value, DEFAULTS);
  const classic = namesIn(value, CLASSIC_DEFAULTS);
  const mixed = own.length > 0 && classic.length > 0;
  const undecided = own.length + classic.length === 0;
  (mixed || undecided ? anyShape : classic.length > 0 ? classicShape : ownShape)(value, path, faults);
  if (mixed) {
    faults.push(
      `${path} mixes the names of the classic breaker (${classic.join(', ')}) with ours (${own.join(', ')}); use one set`,
    );
  }
  if (faults.length === before) checkOrder(value as BreakerOptions, path, faults);
};

/**
 * Completes and freezes what the user gave; `undefined` means the defaults. The router checks its options as a whole first; here a
 * fault is a `TypeError` that lists all of them.
 */
export function resolveBreakerOptions(
  input: BreakerInput | undefined,
  path = 'router.breaker',
): ResolvedBreakerOptions {
  if (input === undefined) return Object.freeze({ ...DEFAULTS });
  const faults: string[] = [];
  breakerOptions(input, path, faults);
  if (faults.length > 0) throw new TypeError(faults.join('\n'));
  if (input === false) return false;
  if (input === 'classic') return classicOptions({});
  if (namesIn(input, CLASSIC_DEFAULTS).length > 0) return classicOptions(input as ClassicBreakerOptions);
  const own: BreakerOptions = input as BreakerOptions;
  const resolved = merge(DEFAULTS, own);
  const maxOpenMs = own.maxOpenMs ?? Math.max(DEFAULTS.maxOpenMs, resolved.openMs);
  return Object.freeze({ ...resolved, maxOpenMs });
}

/** The classic breaker said in our own words. */
function classicOptions(input: ClassicBreakerOptions): ResolvedBreakerOptions {
  const classic = merge(CLASSIC_DEFAULTS, input);
  return Object.freeze({
    ...DEFAULTS,
    failureStreak: classic.failureThreshold,
    failureRate: false,
    openMs: classic.timeout,
    openMultiplier: 1,
    maxOpenMs: classic.timeout,
    jitter: 0,
    probes: classic.halfOpenMaxCalls,
    closeAfter: classic.successThreshold,
  });
}

/** The defaults with every given value put over its own; an option that is `undefined` was not given. */
function merge<T extends object>(defaults: T, given: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const merged = { ...defaults };
  for (const key of Object.keys(defaults) as (keyof T)[]) {
    const value = given[key];
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

/** Which of the known names the user has given a value, read guardedly because it may be anything yet. */
function namesIn(value: unknown, known: object): string[] {
  return Object.keys(known).filter((name) => {
    try {
      return (value as Record<string, unknown>)[name] !== undefined;
    } catch {
      return true;
    }
  });
}

/** A limit below the first wait would silently shorten it. */
function checkOrder({ openMs, maxOpenMs }: BreakerOptions, path: string, faults: string[]): void {
  const least = openMs ?? DEFAULTS.openMs;
  if (maxOpenMs !== undefined && maxOpenMs < least) {
    faults.push(`${path}.maxOpenMs must be at least openMs (${least}), but is ${maxOpenMs}`);
  }
}
