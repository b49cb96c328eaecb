import type { RouterEvents } from 'breakwater';
import type { ProbeView } from './state.js';

/** Of so many good probes of an endpoint the round trips are kept. */
const KEPT = 20;

type Probed = RouterEvents['health.probed'];

interface Found {
  last?: Probed;
  isDown: boolean;
  readonly roundTripsMs: number[];
}

/** What probes found of each endpoint. There are as many as the client has, so nothing else bounds them. */
export class Probes {
  readonly #found = new Map<string, Found>();

  /** A probe has ended. */
  probed(event: Probed): void {
    const found = this.#of(event.endpoint);
    found.last = event;
    if (event.verdict !== 'good' || event.roundTripMs === undefined) return;
    found.roundTripsMs.push(event.roundTripMs);
    if (found.roundTripsMs.length > KEPT) found.roundTripsMs.shift();
  }

  /** An endpoint is down, or up again. */
  moved(endpoint: string, isDown: boolean): void {
    this.#of(endpoint).isDown = isDown;
  }

  /** What was found; undefined where nobody has looked. */
  read(endpoint: string): ProbeView | undefined {
    const { last, isDown = false, roundTripsMs = [] } = this.#found.get(endpoint) ?? {};
    if (!last) return undefined;
    const ordered = [...roundTripsMs].sort((one, other) => one - other);
    const [leastMs] = ordered;
    const p50Ms = ordered[Math.floor(ordered.length / 2)];
    return {
      at: last.at,
      verdict: last.verdict,
      isDown,
      ...(last.status !== undefined && { status: last.status }),
      ...(leastMs !== undefined && { leastMs }),
      ...(p50Ms !== undefined && { p50Ms }),
    };
  }

  #of(endpoint: string): Found {
    const found = this.#found.get(endpoint) ?? { isDown: false, roundTripsMs: [] };
    this.#found.set(endpoint, found);
    return found;
  }
}
