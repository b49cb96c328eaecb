import type { RegionSettings, SimulatorOptions } from './options.js';

type Check = readonly [what: string, holds: (value: unknown) => boolean];

const isAmount = (value: unknown) => typeof value === 'number' && value >= 0 && value < Infinity;
const isPositive = (value: unknown) => typeof value === 'number' && value > 0;
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const CONTINUES: readonly unknown[] = ['prefill', 'refuse', 'ignore', 'repeat'];
const INSTRUCTED: readonly unknown[] = ['anchor', 'go-on', 'reword'];

const settingChecks: Readonly<Record<string, Check>> = {
  latencyMs: ['a number of 0 or more', isAmount],
  jitterMs: ['a number of 0 or more', isAmount],
  tokensPerSecond: ['a number above 0', isPositive],
  continues: [`one of ${CONTINUES.join(', ')}`, (value) => CONTINUES.includes(value)],
  instructed: [`one of ${INSTRUCTED.join(', ')}`, (value) => INSTRUCTED.includes(value)],
  apiKeys: ['a list of strings', isTexts],
};
const numberChecks: Readonly<Record<string, Check>> = {
  requestsPerMinute: ['a number above 0', isPositive],
  tokensPerMinute: ['a number above 0', isPositive],
  requestsPerDay: ['a number above 0', isPositive],
  tokensPerDay: ['a number above 0', isPositive],
  quotaTokens: ['a number above 0', isPositive],
};
const FORMS: readonly unknown[] = ['openai', 'azure', 'azure-provisioned', 'anthropic', 'groq', false];
const isBoolean = (value: unknown) => typeof value === 'boolean';
const limitChecks: Readonly<Record<string, Check>> = {
  ...numberChecks,
  models: ['an object', isObject],
  perKey: ['an object', isObject],
  headers: ["'openai', 'azure', 'azure-provisioned', 'anthropic', 'groq' or false", (value) => FORMS.includes(value)],
  retryAfter: ['true or false', isBoolean],
  settle: ['true or false', isBoolean],
};
const sharedChecks: Readonly<Record<string, Check>> = {
  ...settingChecks,
  models: ['a list of strings', isTexts],
  limits: ['an object', isObject],
};
const regionChecks: Readonly<Record<string, Check>> = {
  ...sharedChecks,
  host: ['a string', isText],
  port: ['a port from 0 to 65535', (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65_536],
};
const simulatorChecks: Readonly<Record<string, Check>> = {
  ...sharedChecks,
  seed: ['a whole number', Number.isInteger],
  regions: ['an object with one region or more', (value) => isObject(value) && Object.keys(value).length > 0],
  answerTokens: [
    'two whole numbers, the smaller one first',
    (value) => Array.isArray(value) && value.length === 2 && value.every(isCount) && value[0] <= value[1],
  ],
  logSize: ['a whole number above 0', isCount],
  onRequest: ['a function', (value) => typeof value === 'function'],
};

/** Throws one TypeError that lists every option at fault. */
export function checkOptions(options: SimulatorOptions): void {
  const regions = isObject(options.regions) ? Object.entries(options.regions) : [];
  report([
    ...faultsOf('', options, simulatorChecks),
    ...faultsOfLimits('limits.', options.limits),
    ...regions.flatMap(([name, region]) => [
      ...faultsOf(`regions.${name}.`, region, regionChecks),
      ...faultsOfLimits(`regions.${name}.limits.`, region?.limits),
    ]),
  ]);
}

/** Throws one TypeError that lists every setting at fault; `region` is the one they are meant for. */
export function checkSettings(settings: RegionSettings, region: string): void {
  report(faultsOf(`regions.${region}.`, settings, settingChecks));
}

function report(lines: readonly string[]): void {
  if (lines.length > 0)
    throw new TypeError(`The simulator's options are wrong:\n${lines.map((line) => `- ${line}`).join('\n')}`);
}

function faultsOfLimits(prefix: string, limits: unknown): string[] {
  const { models, perKey }: { models?: unknown; perKey?: unknown } = isObject(limits) ? limits : {};
  return [
    ...faultsOf(prefix, limits, limitChecks),
    ...faultsOf(`${prefix}perKey.`, perKey, numberChecks),
    ...Object.entries(isObject(models) ? models : {}).flatMap(([model, numbers]) =>
      faultsOf(`${prefix}models.${model}.`, numbers, numberChecks),
    ),
  ];
}

function faultsOf(prefix: string, options: unknown, checks: Readonly<Record<string, Check>>): string[] {
  if (options === undefined) return [];
  if (!isObject(options)) return [`${prefix.slice(0, -1)} must be an object, but is ${shown(options)}`];
  return Object.entries(options).flatMap(([name, value]) => {
    if (!Object.hasOwn(checks, name))
      return [`${prefix}${name} is not an option; there are ${Object.keys(checks).join(', ')}`];
    const [what, holds] = checks[name] as Check;
    return value === undefined || holds(value) ? [] : [`${prefix}${name} must be ${what}, but is ${shown(value)}`];
  });
}

const shown = (value: unknown): string =>
  typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value));
