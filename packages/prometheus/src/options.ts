import { type OpenMetricsContentType, type PrometheusContentType, type Registry, register } from 'prom-client';

/** A registry of prom-client, of either format. */
export type AnyRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>;

/** How the metrics of a client are named, bounded and measured. */
export interface CollectOptions {
  /** Where the metrics are registered. @default prom-client's own `register` */
  register?: AnyRegistry;
  /** What every name begins with; it may be empty. @default 'breakwater_' */
  prefix?: string;
  /** The value of the label `client`, by which several clients in one registry are told apart. @default 'default' */
  name?: string;
  /** So many models have a label of their own, first come, first served; the rest are `other`. @default 100 */
  maxModels?: number;
  /** Upper bounds of the buckets of durations, in seconds, ascending. @default those of the GenAI conventions, on to five minutes and a half */
  durationBuckets?: readonly number[];
  /** … of the time to the first token. @default 0.02 to 40 */
  firstTokenBuckets?: readonly number[];
  /** … of the time per output token. @default those of the GenAI conventions, 0.01 to 2.5 */
  outputTokenBuckets?: readonly number[];
  /**
   * Tells the breakers by the two names that Fluxgate has for them as well, `circuit_breaker_state` and
   * `circuit_breaker_state_transition_total`, without the prefix, for dashboards that know these. @default false
   */
  fluxgateNames?: boolean;
}

/** Options with every default filled in. */
export type ResolvedCollectOptions = Required<CollectOptions>;

/** The defaults of this package; the registry is prom-client's. */
export const DEFAULTS = Object.freeze({
  prefix: 'breakwater_',
  name: 'default',
  maxModels: 100,
  durationBuckets: Object.freeze([
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68,
  ]),
  firstTokenBuckets: Object.freeze([0.02, 0.04, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40]),
  outputTokenBuckets: Object.freeze([0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]),
  fluxgateNames: false,
});

const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) > 0;
const isPrefix = (value: unknown) => typeof value === 'string' && /^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(value);
const isRegistry = (value: unknown) =>
  typeof (value as Partial<AnyRegistry> | null)?.registerMetric === 'function' &&
  typeof (value as Partial<AnyRegistry>).getSingleMetric === 'function';
const areBuckets = (value: unknown) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((bound, index) => Number.isFinite(bound) && bound > (index === 0 ? 0 : value[index - 1]));

const BUCKETS = ['a list of ascending numbers above 0', areBuckets] as const;

/** What each option must be, in words, and whether it is. */
const CHECKS: Readonly<Record<keyof CollectOptions, readonly [string, (value: unknown) => boolean]>> = {
  register: ['a registry of prom-client', isRegistry],
  prefix: ['the beginning of a metric name, or empty', isPrefix],
  name: ['a non-empty string', isText],
  maxModels: ['a positive integer', isCount],
  durationBuckets: BUCKETS,
  firstTokenBuckets: BUCKETS,
  outputTokenBuckets: BUCKETS,
  fluxgateNames: ['true or false', (value) => typeof value === 'boolean'],
};

/** Checks and completes the options. @throws TypeError with every fault at once */
export function resolveOptions(given: CollectOptions): ResolvedCollectOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError("collect: options must be an object, such as { name: 'checkout' }");
  const faults = Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (!Object.hasOwn(CHECKS, name))
      return [`${name} is no option; the options are ${Object.keys(CHECKS).join(', ')}`];
    const [wanted, accepts] = CHECKS[name as keyof CollectOptions];
    return accepts(value) ? [] : [`${name} must be ${wanted}`];
  });
  if (faults.length > 0) throw new TypeError(`collect: ${faults.join('\ncollect: ')}`);
  const told = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...DEFAULTS, register, ...told };
}
