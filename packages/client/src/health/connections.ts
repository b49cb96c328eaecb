import type { Harbour } from '../harbour.js';
import type { WireEndpoint } from '../providers/endpoint.js';
import { listenToConnections } from './connect-times.js';

/** Who wants to know. Held weakly: a client that nobody has any more, and nobody has closed, is not kept for this. */
const learning = new Set<WeakRef<Harbour>>();
let forgotten: FinalizationRegistry<WeakRef<Harbour>> | undefined;
let stop: (() => void) | undefined;

/**
 * Has a router learn how far its endpoints are from the connections that are made to them, by whomever in this process; gives what ends
 * that. All routers share what listens, and it is gone with the last of them. With a single endpoint there is nothing to compare, and
 * where the platform tells nothing of connections nothing is learned.
 */
export function learnFromConnections(harbour: Harbour): () => void {
  if (harbour.endpoints.size < 2 || typeof FinalizationRegistry === 'undefined') return () => {};
  stop ??= listenToConnections(tellAll);
  if (!stop) return () => {};
  forgotten ??= new FinalizationRegistry(leave);
  const reference = new WeakRef(harbour);
  learning.add(reference);
  forgotten.register(harbour, reference);
  return () => leave(reference);
}

function leave(reference: WeakRef<Harbour>): void {
  learning.delete(reference);
  if (learning.size > 0) return;
  stop?.();
  stop = undefined;
}

function tellAll(origin: string, ms: number): void {
  for (const reference of learning) {
    const { endpoints, engine } = reference.deref() ?? {};
    // Read anew each time: users may change a base URL.
    for (const endpoint of endpoints?.values() ?? [])
      if (originOf(endpoint) === origin) engine?.connected(endpoint.id, ms);
  }
}

/** Never throws: what a listener of a channel throws ends the process. */
function originOf(endpoint: WireEndpoint): string | undefined {
  try {
    return new URL(endpoint.address?.() ?? '').origin;
  } catch {
    // A base URL that is none is complained of by the requests that go there.
    return undefined;
  }
}
