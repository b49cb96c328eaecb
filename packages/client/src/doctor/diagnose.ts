import type { KeyReading } from '@breakwater/core';
import OpenAI, { type ClientOptions } from 'breakwater';
import { type Examined, examine } from './examine.js';
import { type Place, placesOf } from './places.js';
import { probeClient } from './probe-client.js';
import type { Diagnosis, Problem } from './report.js';
import { within } from './within.js';

/** All of it ends within so many times the timeout of a request. */
export const TIMEOUTS_IN_ALL = 6;

/** What is to be looked at, and how. */
export interface Order {
  /** The name of the file, for the report. */
  readonly name: string;
  readonly model: string | undefined;
  readonly ask: boolean;
  readonly timeoutMs: number;
}

/**
 * Looks at every endpoint of a configuration, all at the same time.
 * @throws OptionsError listing everything that is wrong with its options, before anything is sent; official options fail as they always did
 */
export async function diagnose(config: ClientOptions, order: Order): Promise<Diagnosis> {
  const clients: OpenAI[] = [];
  const kept = (client: OpenAI): OpenAI => {
    clients.push(client);
    return client;
  };
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), order.timeoutMs * TIMEOUTS_IN_ALL);
  try {
    return await diagnosed(config, order, { kept, signal: end.signal });
  } finally {
    clearTimeout(timer);
    // Until then each of them learns from connections, and hears of whatever its options name.
    for (const client of clients) client.router.close();
  }
}

interface Means {
  /** Closes a client when all of it is over. */
  readonly kept: (client: OpenAI) => OpenAI;
  /** Aborted when the time is up. */
  readonly signal: AbortSignal;
}

async function diagnosed(
  config: ClientOptions,
  { name, model, ask, timeoutMs }: Order,
  { kept, signal }: Means,
): Promise<Diagnosis> {
  // As the program makes it: what cannot be used shows here.
  const { baseURL } = kept(new OpenAI(config.router ? config : { ...config, router: {} }));
  const client = kept(probeClient(config, timeoutMs));
  const clientFor = (endpoint: string, index: number) =>
    index === 0 ? client : kept(probeClient(config, timeoutMs, { endpoint, index }));
  const places = placesOf(config, baseURL);
  const keys = within<readonly KeyReading[]>({ timeoutMs: timeoutMs * TIMEOUTS_IN_ALL, signal }, () =>
    client.router.validateKeys(),
  ).catch(() => []);
  const examined = await Promise.all(
    places.map((place) => examine(place, { clientFor, keys, model, ask, timeoutMs, signal })),
  );
  const problems = [
    ...examined.flatMap((one) => one.problems),
    ...unservedModels(places, { config, model, examined }),
    ...(signal.aborted ? [LATE] : []),
  ];
  const isWell = problems.every(({ level }) => level !== 'fix');
  return { isWell, config: name, asked: ask, endpoints: examined.map(({ reading }) => reading), problems };
}

const LATE: Problem = {
  level: 'fix',
  about: 'time',
  message: 'not everything was done in time: allow more by --timeout.',
};

interface Served {
  readonly config: ClientOptions;
  readonly model: string | undefined;
  readonly examined: readonly Examined[];
}

/** Models that are to stand in for others, or were asked for, and that nobody serves as far as all lists are known. */
function unservedModels(places: readonly Place[], { config, model, examined }: Served): Problem[] {
  const isServed = (name: string) =>
    places.some((place, index) => {
      if (place.models) return place.models.some((one) => one.model === name);
      const ids = examined[index]?.ids;
      return ids === undefined || place.listsOthers || ids.includes(name);
    });
  const wanted = model === undefined ? fallbacksIn(config) : places.some((place) => !place.models) ? [] : [model];
  return [...new Set(wanted)]
    .filter((name) => !isServed(name))
    .map((name) => ({
      level: 'fix',
      about: 'models',
      message: `${name} is served by no endpoint: correct its name, or add it to one.`,
    }));
}

function fallbacksIn({ router = {} }: ClientOptions): readonly string[] {
  const { fallbacks = [], fallbacksFor = {} } = router;
  const lists = [fallbacks, ...Object.values(fallbacksFor)];
  return lists.flatMap((list) => (Array.isArray(list) ? (list as string[]) : Object.values(list ?? {}).flat()));
}
