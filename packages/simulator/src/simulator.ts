import type { IncomingMessage } from 'node:http';
import { randomOf } from './answers/random.js';
import { DEFAULT_MODELS } from './default-models.js';
import { type LogEntry, type LogFilter, RequestLog } from './log/log.js';
import { DEFAULTS, type RegionOptions, type SimulatorOptions } from './options.js';
import { checkOptions } from './options-check.js';
import { Region, type RegionParts } from './region/region.js';
import type { World } from './resources/world.js';
import { runScript, type Script, type ScriptStep } from './script.js';

/** A running provider: its regions, its log, and the hand on all of it. */
export interface Simulator {
  readonly regions: readonly Region[];
  /** The requests seen so far, oldest first; always the same array. */
  readonly log: readonly LogEntry[];
  /** A region by its name; throws a TypeError that names the known ones. */
  region(name: string): Region;
  /** Switches off all faults everywhere. */
  heal(): void;
  /** Lets things happen in time, counted from now. Steps at fault throw a TypeError before anything happens. */
  script(steps: readonly ScriptStep[]): Script;
  /** The logged requests a filter means; all of them without one. */
  requests(filter?: LogFilter): LogEntry[];
  /** Forgets the logged requests. */
  clearLog(): void;
  /** How many connections are open, idle ones kept alive by a client included. */
  openSockets(): number;
  /** Stops scripts, shuts all ports, destroys all connections; never hangs, and may be called twice. */
  close(): Promise<void>;
}

/**
 * Starts an OpenAI-compatible provider on loopback, one port for each region.
 * Rejects with a TypeError that lists every wrong option, or with the system's error if a port is taken.
 * It keeps the process alive until {@link Simulator.close}.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  checkOptions(options);
  const log = new RequestLog(options.logSize ?? DEFAULTS.logSize);
  const startedAt = performance.now();
  let arrived = 0;
  const enter = (request: IncomingMessage, region: string): LogEntry => {
    arrived += 1;
    const entry = entryOf(request, { number: arrived, at: performance.now() - startedAt, region });
    log.add(entry);
    return entry;
  };
  const left = (entry: LogEntry) => options.onRequest?.(entry);

  const regions: Region[] = [];
  for (const [name, region] of Object.entries(options.regions ?? { local: {} })) {
    try {
      regions.push(await Region.open(partsOf(name, region, { options, enter, left })));
    } catch (error) {
      // A half-started simulator would keep its ports and the process.
      await Promise.all(regions.map((opened) => opened.close()));
      throw error;
    }
  }
  return simulatorOf(regions, log);
}

function simulatorOf(regions: readonly Region[], log: RequestLog): Simulator {
  const scripts = new Set<Script>();
  const region = (name: string): Region => {
    const found = regions.find((one) => one.name === name);
    if (found !== undefined) return found;
    throw new TypeError(
      `There is no region ${JSON.stringify(name)}; there are ${regions.map((one) => one.name).join(', ')}.`,
    );
  };
  return {
    regions,
    log: log.entries,
    region,
    heal: () => {
      for (const one of regions) one.heal();
    },
    script: (steps) => {
      const script = runScript(steps, region);
      scripts.add(script);
      void script.done.then(() => scripts.delete(script));
      return script;
    },
    requests: (filter = {}) => log.find(filter),
    clearLog: () => log.clear(),
    openSockets: () => regions.reduce((sum, { sockets }) => sum + sockets, 0),
    close: async () => {
      for (const script of scripts) script.stop();
      await Promise.all(regions.map((one) => one.close()));
    },
  };
}

type Around = { readonly options: SimulatorOptions } & Pick<RegionParts, 'enter' | 'left'>;

function partsOf(name: string, region: RegionOptions, { options, enter, left }: Around): RegionParts {
  const { latencyMs, jitterMs, tokensPerSecond, apiKeys, continues, instructed } = { ...options, ...defined(region) };
  return {
    name,
    host: region.host ?? DEFAULTS.host,
    port: region.port ?? DEFAULTS.port,
    world: worldOf(name, region.models ?? options.models ?? DEFAULT_MODELS, options),
    settings: defined({ latencyMs, jitterMs, tokensPerSecond, apiKeys, continues, instructed }),
    limits: region.limits ?? options.limits,
    enter,
    left,
  };
}

function worldOf(
  name: string,
  models: readonly string[],
  { seed = DEFAULTS.seed, answerTokens = DEFAULTS.answerTokens }: SimulatorOptions,
): World {
  const random = randomOf(seed, 'ids', name);
  const word = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return {
    seed,
    answerTokens,
    models: [...models],
    files: new Map(),
    responses: new Map(),
    identify: (prefix) => `${prefix}${word()}${word()}${word()}`,
    seconds: () => Math.floor(Date.now() / 1000),
  };
}

function entryOf(request: IncomingMessage, about: Pick<LogEntry, 'number' | 'at' | 'region'>): LogEntry {
  const [path = '/', query] = (request.url ?? '/').split(/\?(.*)/s);
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return {
    ...about,
    method: request.method ?? 'GET',
    path,
    query: query === undefined ? '' : `?${query}`,
    streamed: false,
    headers: Object.fromEntries(headers) as Record<string, string>,
    ending: 'open',
  };
}

/** An option given as undefined is an option left out: it must not hide a default. */
function defined<Options extends object>(
  options: Options,
): { [Name in keyof Options]?: Exclude<Options[Name], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Options]?: Exclude<Options[Name], undefined>;
  };
}
