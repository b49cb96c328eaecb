import type { MeterProvider, TracerProvider } from '@opentelemetry/api';

/** Options of {@link instrument}. */
export interface InstrumentOptions {
  /** Gives the tracer. @default the global one, also where it is registered later */
  readonly tracerProvider?: TracerProvider;
  /** Gives the meter. @default the global one as it is now: register it before */
  readonly meterProvider?: MeterProvider;
  /** Whether spans are made. @default true */
  readonly spans?: boolean;
  /** Whether metrics are made. @default true */
  readonly metrics?: boolean;
  /** Tells the clients of one process apart, as `breakwater.client` of every span and metric. @default not told */
  readonly name?: string;
  /** The provider behind an endpoint, by its id, such as `azure.ai.openai`. @default known from its host, else `openai` */
  readonly providers?: Readonly<Record<string, string>>;
  /** The only models that are told by their names in metrics and names of spans; the others are `other`. @default the first `maxModels` that are asked for */
  readonly models?: readonly string[];
  /** So many models are told by their names; model names come from callers, who may make them up. @default 100 */
  readonly maxModels?: number;
  /** The tags of requests that are told, in spans alone. @default none */
  readonly tags?: readonly string[];
  /** So many calls have a span at a time; that of the oldest is ended when there are more. @default 10_000 */
  readonly maxOpenCalls?: number;
  /** The span of a call that is older, in milliseconds, is ended when the next call begins: a stream that nobody reads has no end. @default 3_600_000 */
  readonly maxCallMs?: number;
}

/** The options with nothing left out. */
export interface ResolvedOptions
  extends Required<Omit<InstrumentOptions, 'tracerProvider' | 'meterProvider' | 'name' | 'models'>> {
  readonly name: string | undefined;
  readonly models: readonly string[] | undefined;
}

const DEFAULTS = {
  spans: true,
  metrics: true,
  maxModels: 100,
  maxOpenCalls: 10_000,
  maxCallMs: 3_600_000,
} as const;

const COUNTS = ['maxModels', 'maxOpenCalls', 'maxCallMs'] as const;
const SWITCHES = ['spans', 'metrics'] as const;
const LISTS = ['models', 'tags'] as const;
const OTHERS = ['tracerProvider', 'meterProvider', 'name', 'providers'] as const;
const KNOWN: readonly string[] = [...COUNTS, ...SWITCHES, ...LISTS, ...OTHERS];

/**
 * Completes the options.
 * @throws TypeError listing everything that is wrong with them: types do not reach plain JavaScript
 */
export function resolve(given: InstrumentOptions): ResolvedOptions {
  const faults = faultsOf(given);
  if (faults.length > 0) throw new TypeError(`instrument(client, options): ${faults.join('; ')}`);
  const { name, models, providers = {}, tags = [] } = given;
  return Object.freeze({ ...DEFAULTS, ...stripped(given), name, models, providers, tags });
}

/** Without what is given as undefined, which would hide a default. */
function stripped(given: InstrumentOptions): InstrumentOptions {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function faultsOf(given: InstrumentOptions): string[] {
  if (!isRecord(given) || Array.isArray(given)) return ['options must be an object'];
  const faults = Object.keys(given)
    .filter((key) => !KNOWN.includes(key))
    .map((key) => `${key} is no option; the options are ${KNOWN.join(', ')}`);
  const must = (keys: readonly (keyof InstrumentOptions)[], be: string, isSo: (value: unknown) => boolean) => {
    for (const key of keys) if (given[key] !== undefined && !isSo(given[key])) faults.push(`${key} must be ${be}`);
  };
  must(COUNTS, 'a whole number above 0', (value) => Number.isSafeInteger(value) && (value as number) > 0);
  must(SWITCHES, 'true or false', (value) => typeof value === 'boolean');
  must(LISTS, 'a list of strings', (value) => Array.isArray(value) && value.every(isText));
  must(['name'], 'a string', isText);
  must(['providers'], 'an object of strings', (value) => isRecord(value) && Object.values(value).every(isText));
  must(['tracerProvider'], 'a tracer provider', (value) => isRecord(value) && 'getTracer' in value);
  must(['meterProvider'], 'a meter provider', (value) => isRecord(value) && 'getMeter' in value);
  return faults;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;
