import { quietly } from '../base/clock.js';
import type { EndpointKey } from '../targets/keys.js';
import type { Endpoint } from '../targets/target.js';
import { announceProbed } from './announce-probe.js';
import type { Checkup } from './checkup.js';
import type { FlowContext } from './context.js';
import { learnOfKey } from './learn-from-probe.js';
import { lookAt, type Probe, type ProbeResult } from './look-at.js';

/** How one key of an endpoint was found. */
export interface KeyReading {
  readonly endpoint: string;
  /** The name of the key, `key#2`, and never the key; of a key that is not known here, the endpoint's id. */
  readonly key: string;
  /** `refused`: the endpoint does not take it. `no quota`: it does, and answers no more calls. `unknown`: neither, nor that it is good. */
  readonly verdict: 'ok' | 'refused' | 'no quota' | 'unknown';
  readonly status: number | undefined;
}

/** What the keys of endpoints are asked with. */
export interface KeyCheck {
  /** Asks an endpoint with one of its keys for something that takes a key. */
  readonly probe: Probe;
  readonly options: Pick<Checkup['options'], 'timeoutMs' | 'concurrency' | 'intervalMs'>;
}

/**
 * Asks with every key of every endpoint, a few at a time, and answers in their order. A refused one is quarantined, and one that is good
 * released where the endpoint is known to look at keys when it is asked so. Never rejects.
 */
export async function checkKeys(context: FlowContext, check: KeyCheck): Promise<readonly KeyReading[]> {
  const { endpoints } = context.registry;
  const all = endpoints.flatMap((endpoint) => (endpoint.keys ?? [undefined]).map((key) => ({ endpoint, key })));
  const readings: KeyReading[] = [];
  const waiting = all.entries();
  const worker = async () => {
    for (const [index, one] of waiting) readings[index] = await checkKey(context, one, check);
  };
  await Promise.all(Array.from({ length: check.options.concurrency }, worker));
  return readings;
}

async function checkKey(
  { registry, clock, hub }: FlowContext,
  { endpoint, key }: { endpoint: Endpoint; key: EndpointKey | undefined },
  { probe, options: { timeoutMs, intervalMs } }: KeyCheck,
): Promise<KeyReading> {
  const credential = key?.name() ?? endpoint.credential();
  const startedAt = clock.now();
  const looking = { probe, key, clock: quietly(clock), timeoutMs, controller: new AbortController() };
  const result = await lookAt(endpoint, looking);
  const lesson = { endpoint, result, credential, startedAt, now: clock.now(), intervalMs };
  for (const change of learnOfKey(registry, lesson)) announceProbed({ hub, clock }, endpoint, change);
  return { endpoint: endpoint.id, key: credential, verdict: verdictOf(result), status: result.status };
}

function verdictOf({ verdict, kind }: ProbeResult): KeyReading['verdict'] {
  if (kind === 'quota') return 'no quota';
  return verdict === 'good' ? 'ok' : verdict === 'refused' ? 'refused' : 'unknown';
}
