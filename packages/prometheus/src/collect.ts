import type { Router } from 'breakwater';
import { checkClient } from './client.js';
import { COUNTERS, FLUXGATE, HISTOGRAMS } from './definitions.js';
import { FLUXGATE_STATE } from './fluxgate.js';
import { Fold, type Source, type Tallies } from './fold.js';
import { GAUGES, type Look } from './gauges.js';
import { ModelNames } from './model-names.js';
import { type CollectOptions, type ResolvedCollectOptions, resolveOptions } from './options.js';
import { Registration } from './registration.js';
import type { Tally } from './tally.js';

/** Whatever has a router: an `OpenAI` or `AzureOpenAI` client of breakwater's, or what `createFetch` gives. */
export interface Collectable extends Source {
  readonly router: Pick<Router, 'stats' | 'status'>;
}

/**
 * Registers the metrics of a client with prom-client: counters and histograms are a fold of its events from now on, gauges are read at
 * each scrape. The answer undoes it: it stops listening, and takes the client's series and what nobody else uses out of the registry.
 * @throws TypeError listing everything that is wrong with the options, for what is no client, or if the name is taken in the registry; what the registry
 * throws, such as for a metric that is somebody else's; in each case nothing has changed
 */
export function collect(client: Collectable, options: CollectOptions = {}): () => void {
  checkClient(client);
  const resolved = resolveOptions(options);
  const { router } = client;
  const models = new ModelNames(resolved.maxModels);
  const registration = new Registration(resolved);
  try {
    const fold = new Fold(tallies(registration, resolved), models);
    const look = onceAScrape(() => ({ status: router.status(), stats: router.stats(), models }));
    for (const gauge of GAUGES)
      registration.gauge(`${resolved.prefix}${gauge.name}`, gauge, (samples) => gauge.read(look(), samples));
    if (resolved.fluxgateNames)
      registration.gauge(FLUXGATE_STATE.name, FLUXGATE_STATE, (samples) => FLUXGATE_STATE.read(look(), samples));
    const stop = fold.listen(client);
    return () => {
      stop();
      registration.release();
    };
  } catch (error) {
    registration.release();
    throw error;
  }
}

function tallies(registration: Registration, options: ResolvedCollectOptions): Tallies {
  const { prefix, fluxgateNames } = options;
  const counters = Object.entries(COUNTERS).map(
    ([key, one]) => [key, registration.counter(`${prefix}${one.name}`, one)] as const,
  );
  const histograms = Object.entries(HISTOGRAMS).map(
    ([key, one]) => [key, registration.histogram(`${prefix}${one.name}`, one, options[one.buckets])] as const,
  );
  const all = Object.fromEntries([...counters, ...histograms]) as Record<Exclude<keyof Tallies, 'fluxgate'>, Tally>;
  return {
    ...all,
    fluxgate: fluxgateNames ? registration.counter(FLUXGATE.transitions.name, FLUXGATE.transitions) : undefined,
  };
}

/** A registry asks all its gauges in one go: they are to see the same, and a look is not for nothing. */
function onceAScrape(look: () => Look): () => Look {
  let seen: Look | undefined;
  return () => {
    if (!seen) {
      seen = look();
      queueMicrotask(() => {
        seen = undefined;
      });
    }
    return seen;
  };
}
