import { deliver } from './deliver.js';
import type { CallTerms, Harbour } from './harbour.js';
import type { Wire } from './request/wire.js';
import { WireCall } from './wire-call.js';

/** Shows an error of which no response tells: as a response to the official client, by throwing it to everybody else. */
export type Show = (error: Error) => Response;

/**
 * Sends a request on its way and brings back what came of it: the one place where HTTP and routing meet. A provider's refusal is a
 * response; a caller's abort and a failure below HTTP are thrown as `fetch` throws them.
 */
export function dispatch(
  harbour: Harbour,
  wire: Wire,
  { terms, show }: { terms: CallTerms; show: Show },
): Promise<Response> {
  const call = new WireCall(harbour, wire, terms);
  // Not awaited: the frame of an async function would be half a kilobyte more for every request under way.
  return harbour.engine.execute(call).then((conclusion) => {
    const delivery = deliver(conclusion, call);
    return 'response' in delivery ? delivery.response : show(delivery.error);
  });
}
