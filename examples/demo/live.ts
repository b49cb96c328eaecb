import { OpenAI as Breakwater, type ClientOptions, type EndpointOptions } from 'breakwater';
import { configFaults, findConfig, loadConfig } from 'breakwater/config';
import { FlagError, type Flags } from './flags.ts';
import type { Stage } from './stage.ts';
import type { Question } from './traffic.ts';

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Sets the stage with the endpoints of a config file, the same that a program, the doctor and the dashboard take. Nothing is made to fail
 * there, and each question is asked twice: once through each client.
 * @throws FlagError that says what is wrong with the config, or what it lacks for this
 */
export async function liveStage({ config: path, model: asked, requests, perSecond }: Flags): Promise<Stage> {
  const config = await usable(path);
  const { router = {}, timeout = DEFAULT_TIMEOUT_MS, ...official } = config;
  const [first] = router.endpoints ?? [];
  const model = asked ?? namesOf(first)[0];
  if (model === undefined) throw new FlagError('--model is needed: the first endpoint names none.');
  const fault = faultOfPlain(first, model);
  if (fault) throw new FlagError(`The plain client cannot ask the first endpoint: ${fault}.`);
  return {
    options: { breakwater: { ...official, router }, openai: { ...official, ...plainOf(first) } },
    timeoutMs: timeout,
    questions: Array.from({ length: requests }, (_, index) => questionOf(index, model, perSecond)),
    runMs: (requests / perSecond) * 1_000,
    weather: [],
    close: async () => {},
  };
}

/** A config that a client can be made of; its alerts go nowhere, for it is not the program that they are of. */
async function usable(path: string | undefined): Promise<ClientOptions> {
  let name = path ?? 'router.config';
  let config: ClientOptions | undefined;
  try {
    name = path ?? findConfig();
    config = await loadConfig(name);
    const { router = {} } = config;
    const { alerts } = router;
    const used = { ...config, router: { ...router, ...(alerts && { alerts: { ...alerts, sinks: [] } }) } };
    new Breakwater(used).router.close();
    return used;
  } catch (error) {
    const faults = configFaults(error, { config });
    throw new FlagError(`${name} cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

function namesOf({ models = [] }: Partial<EndpointOptions> = {}): readonly string[] {
  return Array.isArray(models) ? models : Object.keys(models);
}

/** Why the plain client, which knows of an endpoint its address and its key, would not get an answer there. */
function faultOfPlain({ client, models }: Partial<EndpointOptions> = {}, model: string): string | undefined {
  if (client) return 'it is a ready-made client; put one with a baseURL and an apiKey before it';
  const name = models && !Array.isArray(models) ? (models as Readonly<Record<string, string>>)[model] : model;
  return name === model ? undefined : `its name there is not ${model}; choose another --model, or order`;
}

/** The first endpoint for the plain client, which has one key. */
function plainOf({ baseURL, apiKey }: Partial<EndpointOptions> = {}): Pick<ClientOptions, 'baseURL' | 'apiKey'> {
  const [key] = typeof apiKey === 'object' ? apiKey : [apiKey];
  return {
    ...(baseURL !== undefined && { baseURL }),
    ...(key !== undefined && { apiKey: typeof key === 'string' ? key : async () => key() }),
  };
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
