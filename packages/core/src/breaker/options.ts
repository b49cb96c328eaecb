import {
  type Check,
  fraction,
  must,
  nonNegativeNumber,
  oneOf,
  positiveInteger,
  positiveNumber,
  shape,
} from '../base/check.js';
import { isPart } from './brand.js';
import { CLASSIC_CHECKS, CLASSIC_DEFAULTS, type ClassicBreakerOptions } from './classic.js';
import type { BreakerMode } from './contract.js';
import { contradictionsIn } from './contradictions.js';
import { merge, namesIn } from './given.js';
import type { Permits } from './permits.js';
import { type Preset, presets } from './presets.js';
import type { Recovery } from './recovery.js';
import type { Tracker } from './trackers.js';
import type { Tripper } from './trippers.js';
import type { WindowKind } from './windows.js';

export type { ClassicBreakerOptions } from './classic.js';

/** When a target counts as broken, how long it rests and how it comes back: in numbers. */
export interface BreakerNumbers {
  /** Who decides at first: `auto`, `observe-only`, `disabled` or `forced-open`. @default 'auto' */
  mode?: BreakerMode;
  /** Opens after this many failures in a row; `false` switches the rule off. @default 5 */
  failureStreak?: number | false;
  /** Calls within the window before {@link failureRate} is looked at; a `countWindow` with room for fewer is judged when it is full. @default 10 */
  minRequests?: number;
  /** Opens when this share of the calls in the window failed, from just above 0 to 1; `false` switches the rule off. @default 0.5 */
  failureRate?: number | false;
  /** Opens when this share of the calls in the window was slow, above 0 and up to 1; looked at only where `slowMs` is given. @default 0.5 */
  slowRate?: number;
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
  /**
   * A probe that has not come back after so many milliseconds is given up and its place is free. Where it is not given, a router makes
   * it at least as long as an attempt may take: `timeouts.attemptMs`, or the client's `timeout`, ten minutes as a rule. @default 60_000
   */
  leaseMs?: number;
  /** After so many milliseconds of being closed, one growth of the wait is forgotten. @default 60_000 */
  levelDecayMs?: number;
  /** For so many milliseconds after probes have closed it, a target with others beside it gets a growing share of its calls. @default 10_000 */
  slowStartMs?: number;
}

/** The same, with parts of your own in place of some of the numbers. */
export interface BreakerOptions extends BreakerNumbers {
  /** Calls that take so many milliseconds are slow, of a stream until its first content. @default none are */
  slowMs?: number;
  /**
   * Which failures count; a call that its caller gave up, or that could not be sent, never does.
   * @default trackers.default(): those that the outcome table blames on the target
   */
  tracker?: Tracker;
  /** What is counted: `countWindow(100)` or `timeWindow({ seconds: 60 })`; in place of `windowMs`. */
  window?: WindowKind;
  /** When it opens; in place of `failureStreak`, `minRequests`, `failureRate`, `slowMs` and `slowRate`. */
  tripper?: Tripper;
  /** How long it stays open; in place of `openMs`, `openMultiplier`, `maxOpenMs` and `jitter`. */
  recovery?: Recovery;
  /** Who is let through while half-open; in place of `probes`. */
  permits?: Permits;
}

/** What `router.breaker` takes; `false` means that every call is let through. */
export type BreakerInput = BreakerOptions | ClassicBreakerOptions | Preset | false;

/** The options as the breaker reads them: complete, checked and frozen. */
export type ResolvedBreakerOptions = (Readonly<Required<BreakerNumbers>> & Readonly<BreakerParts>) | false;

type BreakerParts = Omit<BreakerOptions, keyof BreakerNumbers>;

const DEFAULTS: Readonly<Required<BreakerNumbers>> = {
  mode: 'auto',
  failureStreak: 5,
  minRequests: 10,
  failureRate: 0.5,
  slowRate: 0.5,
  windowMs: 60_000,
  openMs: 5_000,
  openMultiplier: 2,
  maxOpenMs: 30_000,
  jitter: 0.2,
  probes: 1,
  closeAfter: 2,
  leaseMs: 60_000,
  levelDecayMs: 60_000,
  slowStartMs: 10_000,
};

const share = (v: unknown): boolean => typeof v === 'number' && v > 0 && v <= 1;

const NUMBER_CHECKS: Readonly<Record<keyof BreakerNumbers, Check>> = {
  mode: oneOf('auto', 'observe-only', 'disabled', 'forced-open'),
  slowRate: must('a number above 0 and up to 1', share),
  failureStreak: must('a positive integer or false', (v) => v === false || (Number.isSafeInteger(v) && Number(v) > 0)),
  minRequests: positiveInteger,
  failureRate: must('a number above 0 and up to 1, or false', (v) => {
    return v === false || share(v);
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
  slowStartMs: nonNegativeNumber,
};

const PART_CHECKS: Readonly<Record<keyof BreakerParts, Check>> = {
  slowMs: positiveNumber,
  tracker: must('made with trackers', isPart('tracker')),
  window: must('countWindow(…) or timeWindow(…)', isPart('window')),
  tripper: must('made with trippers', isPart('tripper')),
  recovery: must('made with recovery', isPart('recovery')),
  permits: must('made with permits', isPart('permits')),
};

/** A part of one's own makes these numbers meaningless: given beside it they would be ignored in silence. */
export const REPLACED_BY: Readonly<Record<string, readonly (keyof BreakerOptions)[]>> = {
  window: ['windowMs'],
  tripper: ['failureStreak', 'minRequests', 'failureRate', 'slowMs', 'slowRate'],
  recovery: ['openMs', 'openMultiplier', 'maxOpenMs', 'jitter'],
  permits: ['probes'],
};

const OWN_CHECKS = { ...NUMBER_CHECKS, ...PART_CHECKS };
const ownShape = shape(OWN_CHECKS);
const classicShape = shape(CLASSIC_CHECKS);
const anyShape = shape({ ...OWN_CHECKS, ...CLASSIC_CHECKS });
const names = Object.keys(presets).map((name) => JSON.stringify(name));
const kind = must(`false, ${names.join(', ')} or an object`, (value) => typeof value === 'object' && value !== null);

/** The check of a whole set of options. */
export const breakerOptions: Check = (value, path, faults) => {
  const before = faults.length;
  breakerLayer(value, path, faults);
  if (faults.length === before) faults.push(...contradictionsIn(value as BreakerOptions, path, DEFAULTS.openMs));
};

/** The check of options that are put over others: only with those it shows whether they contradict each other. */
export const breakerLayer: Check = (value, path, faults) => {
  if (value === false || isPreset(value)) return;
  const before = faults.length;
  kind(value, path, faults);
  if (faults.length > before) return;
  const own = namesIn(value, OWN_CHECKS);
  const classic = namesIn(value, CLASSIC_DEFAULTS);
  const mixed = own.length > 0 && classic.length > 0;
  const undecided = own.length + classic.length === 0;
  (mixed || undecided ? anyShape : classic.length > 0 ? classicShape : ownShape)(value, path, faults);
  if (mixed) {
    faults.push(
      `${path} mixes the names of the classic breaker (${classic.join(', ')}) with ours (${own.join(', ')}); use one set`,
    );
  }
  if (faults.length > before) return;
  checkReplaced(value as BreakerOptions, path, faults);
};

const isPreset = (value: unknown): value is Preset => typeof value === 'string' && Object.hasOwn(presets, value);

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
  if (isPreset(input)) return resolveBreakerOptions(presets[input]);
  if (isClassic(input)) return classicOptions(input);
  const own: BreakerOptions = input as BreakerOptions;
  const resolved = merge(DEFAULTS, own);
  const maxOpenMs = own.maxOpenMs ?? Math.max(DEFAULTS.maxOpenMs, resolved.openMs);
  const parts = namesIn(own, PART_CHECKS).map((name) => [name, own[name as keyof BreakerParts]]);
  return Object.freeze({ ...resolved, maxOpenMs, ...Object.fromEntries(parts) });
}

/** Whether options are given in the names of the classic breaker. */
export const isClassic = (input: unknown): input is ClassicBreakerOptions =>
  typeof input === 'object' && namesIn(input, CLASSIC_DEFAULTS).length > 0;

/** The classic breaker said in our own words. */
export function classicNumbers(input: ClassicBreakerOptions): BreakerNumbers {
  const classic = merge(CLASSIC_DEFAULTS, input);
  return {
    failureStreak: classic.failureThreshold,
    failureRate: false,
    openMs: classic.timeout,
    openMultiplier: 1,
    maxOpenMs: classic.timeout,
    jitter: 0,
    slowStartMs: 0,
    probes: classic.halfOpenMaxCalls,
    closeAfter: classic.successThreshold,
  };
}

function classicOptions(input: ClassicBreakerOptions): ResolvedBreakerOptions {
  return Object.freeze({ ...DEFAULTS, ...classicNumbers(input) });
}

function checkReplaced(options: BreakerOptions, path: string, faults: string[]): void {
  for (const [part, numbers] of Object.entries(REPLACED_BY)) {
    if (options[part as keyof BreakerOptions] === undefined) continue;
    for (const number of numbers.filter((name) => options[name] !== undefined)) {
      faults.push(`${path}.${number} means nothing beside ${path}.${part}; leave one of them out`);
    }
  }
}
