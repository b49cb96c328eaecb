import {
  type Check,
  either,
  fraction,
  functionOf,
  listOf,
  must,
  oneOf,
  positiveInteger,
  positiveNumber,
  shape,
  text,
} from '../base/check.js';
import type { AlertSeverity } from '../events/alert.js';
import { EVENT_NAMES } from '../events/events.js';
import type { OwnAlertRule } from './own.js';

/** What every rule has. */
interface RuleOptions {
  /** How much its alerts matter. @default as the table of docs/alerts.md has it */
  severity?: AlertSeverity;
}

/** A breaker that opens again and again. */
export interface OpeningsRule extends RuleOptions {
  /** So many openings of one breaker … @default 3 */
  atLeast?: number;
  /** … within so many milliseconds; it fires once in that time. @default 600000 */
  windowMs?: number;
  /** Resolved when the breaker has been closed for so long, in milliseconds. @default 300000 */
  quietMs?: number;
}

/** A model none of whose targets may be asked. */
export interface AllDownRule extends RuleOptions {
  /** Resolved when one of them has been well for so long, in milliseconds. @default 60000 */
  quietMs?: number;
}

/** A key whose account has nothing left to spend. */
export interface QuotaRule extends RuleOptions {
  /** Resolved by an answer; without one, when so many milliseconds after its quarantine it was not refused again. @default 600000 */
  quietMs?: number;
}

/** A budget of `router.budget` that is spent; resolved when the next day or month of UTC begins. */
export interface BudgetRule extends RuleOptions {}

/** Requests that fail. */
export interface ErrorRateRule extends RuleOptions {
  /** Of at least so many requests … @default 20 */
  atLeast?: number;
  /** … within so many milliseconds … @default 300000 */
  windowMs?: number;
  /** … this share failed, 0 to 1. Resolved below half of it. @default 0.1 */
  share?: number;
}

/** Streams of a target that begin late. */
export interface FirstTokenRule extends RuleOptions {
  /** The bound in milliseconds: 95 in a hundred streams should have their first content by then. Resolved below four fifths of it. */
  p95Ms: number;
  /** Counted are the streams of about so many milliseconds … @default 300000 */
  windowMs?: number;
  /** … if there are at least so many. @default 20 */
  atLeast?: number;
}

/** What alerts are told of; each rule can be changed, or switched off with `false`. */
export interface AlertOptions {
  /** A breaker that opens again and again. */
  openings?: OpeningsRule | false;
  /** A model none of whose targets may be asked. */
  allDown?: AllDownRule | false;
  /** A key whose account has nothing left to spend. */
  quota?: QuotaRule | false;
  /** A budget that is spent. */
  budget?: BudgetRule | false;
  /** Requests that fail. */
  errorRate?: ErrorRateRule | false;
  /** Streams that begin late. @default no rule, for want of a bound */
  firstToken?: FirstTokenRule | false;
  /** Rules of your own. */
  rules?: readonly OwnAlertRule[];
}

/** A rule with every default filled in. */
export type Settled<Rule> = Readonly<Required<Rule>>;

/** Alert options with every default filled in; undefined for a rule that is off. */
export interface ResolvedAlerts {
  readonly openings: Settled<OpeningsRule> | undefined;
  readonly allDown: Settled<AllDownRule> | undefined;
  readonly quota: Settled<QuotaRule> | undefined;
  readonly budget: Settled<BudgetRule> | undefined;
  readonly errorRate: Settled<ErrorRateRule> | undefined;
  readonly firstToken: Settled<FirstTokenRule> | undefined;
  readonly rules: readonly OwnAlertRule[];
}

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({
  openings: { atLeast: 3, windowMs: 600_000, quietMs: 300_000, severity: 'warning' },
  allDown: { quietMs: 60_000, severity: 'critical' },
  quota: { quietMs: 600_000, severity: 'critical' },
  budget: { severity: 'critical' },
  errorRate: { atLeast: 20, windowMs: 300_000, share: 0.1, severity: 'critical' },
  firstToken: { atLeast: 20, windowMs: 300_000, severity: 'warning' },
} as const);

const severity = oneOf('info', 'warning', 'critical');
const share: Check = (value, path, faults) => (value === 0 ? positiveNumber : fraction)(value, path, faults);

const rule = (checks: Readonly<Record<string, Check>>, required: readonly string[] = []): Check =>
  either(
    `false or { ${[...Object.keys(checks), 'severity'].join(', ')} }`,
    oneOf(false),
    shape({ ...checks, severity }, { required }),
  );

/** What is told of alerts and of listeners would go round for ever. */
const HEARABLE: readonly string[] = EVENT_NAMES.filter((name) => name !== 'alert' && name !== 'listener.failed');

const eventName = must(
  'the name of an event, and neither alert nor listener.failed',
  (name) => typeof name === 'string' && HEARABLE.includes(name),
);

const ownRule = shape(
  {
    name: text,
    on: listOf(eventName, 'a list of names of events'),
    judge: functionOf('({ name, event }) => finding or undefined'),
  },
  { required: ['name', 'on', 'judge'] },
);

/** A check for every option of alerts, by its name. */
export const alertChecks = {
  openings: rule({ atLeast: positiveInteger, windowMs: positiveInteger, quietMs: positiveInteger }),
  allDown: rule({ quietMs: positiveInteger }),
  quota: rule({ quietMs: positiveInteger }),
  budget: rule({}),
  errorRate: rule({ atLeast: positiveInteger, windowMs: positiveInteger, share }),
  firstToken: rule({ p95Ms: positiveNumber, windowMs: positiveInteger, atLeast: positiveInteger }, ['p95Ms']),
  rules: listOf(ownRule, 'a list of rules'),
} as const satisfies Readonly<Record<keyof AlertOptions, Check>>;

/** Fills in the defaults; `false` switches all rules off. The options have been checked before. */
export function resolveAlerts(given: AlertOptions | false = {}): ResolvedAlerts {
  const all = given === false ? ALL_OFF : given;
  return Object.freeze({
    openings: settled(DEFAULTS.openings, all.openings),
    allDown: settled(DEFAULTS.allDown, all.allDown),
    quota: settled(DEFAULTS.quota, all.quota),
    budget: settled(DEFAULTS.budget, all.budget),
    errorRate: settled(DEFAULTS.errorRate, all.errorRate),
    firstToken: all.firstToken ? settled(DEFAULTS.firstToken, all.firstToken) : undefined,
    rules: all.rules ?? [],
  } as ResolvedAlerts);
}

const ALL_OFF: AlertOptions = {
  openings: false,
  allDown: false,
  quota: false,
  budget: false,
  errorRate: false,
};

/** An option that is named without a value is one that was not given. */
function settled<Defaults extends object>(defaults: Defaults, given: object | false | undefined): object | undefined {
  if (given === false) return undefined;
  const named = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return Object.freeze({ ...defaults, ...Object.fromEntries(named) });
}
