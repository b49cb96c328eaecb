import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EndpointOptions, RouterOptions } from 'breakwater';
import { FlagError, type Flags } from './flags.ts';
import type { Stage } from './stage.ts';
import type { Question } from './traffic.ts';

/** What a config file exports: router options, and what to ask. */
export interface LiveConfig extends RouterOptions {
  /** The model that is asked for. */
  readonly model: string;
  /** How many questions are asked, through each of the two clients. @default 20 */
  readonly requests?: number;
  /** How many of them in a second. @default 2 */
  readonly perSecond?: number;
  /** How long a caller waits for an answer, in milliseconds. @default 60000 */
  readonly timeout?: number;
}

const DEFAULTS = { requests: 20, perSecond: 2, timeout: 60_000 };
const MOST_REQUESTS = 1_000;

/**
 * Sets the stage with real endpoints. Nothing is made to fail there, and each question is asked twice: once through each client.
 * @throws FlagError that says what the config lacks
 */
export async function liveStage({ config: path }: Flags): Promise<Stage> {
  const config = await load(path);
  const {
    model,
    requests = DEFAULTS.requests,
    perSecond = DEFAULTS.perSecond,
    timeout: timeoutMs = DEFAULTS.timeout,
    ...router
  } = config;
  const faults = faultsOf(config);
  if (faults.length > 0) throw new FlagError(`${path} cannot be used:\n  ${faults.join('\n  ')}`);
  const [{ baseURL = '', apiKey = '' } = {}] = router.endpoints ?? [];
  const key = String(apiKey);
  return {
    router,
    timeoutMs,
    first: { baseURL, keys: { breakwater: key, openai: key } },
    questions: Array.from({ length: requests }, (_, index) => questionOf(index, model, perSecond)),
    runMs: (requests / perSecond) * 1_000,
    weather: [],
    close: async () => {},
  };
}

async function load(path: string): Promise<LiveConfig> {
  const file = resolve(path);
  if (!existsSync(file)) {
    throw new FlagError(
      `There is no ${path}. Copy examples/demo/live.config.example.mjs to it and put your endpoints in.`,
    );
  }
  const loaded = (await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw new FlagError(`${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  })) as { default?: unknown };
  if (typeof loaded.default === 'object' && loaded.default !== null) return loaded.default as LiveConfig;
  throw new FlagError(`${path} must export an object as its default: router options, with model and requests.`);
}

/** What the router cannot check, because it does not know of it, or would take from the environment. */
function faultsOf({ model, requests = 1, perSecond = 1, timeout = 1, endpoints }: Partial<LiveConfig>): string[] {
  const faults: string[] = [];
  const isCount = (value: unknown, most: number) =>
    Number.isInteger(value) && Number(value) > 0 && Number(value) <= most;
  if (typeof model !== 'string' || model === '') faults.push('model must be the name of the model to ask for');
  if (!isCount(requests, MOST_REQUESTS))
    faults.push(`requests must be a whole number from 1 to ${MOST_REQUESTS}, but is ${requests}`);
  if (!isCount(perSecond, 50)) faults.push(`perSecond must be a whole number from 1 to 50, but is ${perSecond}`);
  if (!isCount(timeout, 600_000)) faults.push(`timeout must be milliseconds, at most 600000, but is ${timeout}`);
  if (!Array.isArray(endpoints) || endpoints.length === 0)
    return [...faults, 'endpoints must list at least one endpoint'];
  for (const [index, endpoint] of endpoints.entries()) faults.push(...faultsOfEndpoint(endpoint, index, model));
  return faults;
}

function faultsOfEndpoint(
  { id, baseURL, apiKey, client, models }: EndpointOptions,
  index: number,
  model = '',
): string[] {
  const place = `endpoints[${index}]${id ? ` (${id})` : ''}`;
  if (index > 0 && client) return [];
  const faults: string[] = [];
  if (!baseURL) faults.push(`${place}.baseURL is missing`);
  if (!apiKey) faults.push(`${place}.apiKey is missing: is its environment variable set?`);
  if (index > 0) return faults;
  // The plain client knows of the first endpoint nothing but these.
  if (apiKey && typeof apiKey !== 'string')
    faults.push(`${place}.apiKey must be a string: the plain client uses it too`);
  if (models && !Array.isArray(models) && (models as Record<string, string>)[model] !== model) {
    faults.push(`${place}.models must leave "${model}" its name: the plain client asks for it by that`);
  }
  return faults;
}

function questionOf(index: number, model: string, perSecond: number): Question {
  const prompt = `Reply with one short sentence about the sea. (${index + 1})`;
  return {
    number: index + 1,
    atMs: (index / perSecond) * 1_000,
    model,
    streamed: index % 3 === 0,
    prompt,
    expected: undefined,
  };
}
