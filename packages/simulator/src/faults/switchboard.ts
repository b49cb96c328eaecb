import type { Random } from '../answers/random.js';
import type { Fault } from './fault.js';

/** What a request shows of itself to the faults. */
interface Seen {
  /** Without the version: `/chat/completions`. */
  readonly path: string;
  readonly model: string | undefined;
}

/** The faults one request meets: any number that slow it down, and at most one that decides how it ends. */
export interface Struck {
  readonly slowing: readonly Fault[];
  readonly deciding: Fault | undefined;
}

interface Switched {
  readonly fault: Fault;
  left: number;
}

/** The faults switched on in one region. Of several that match, the one switched on last decides. */
export class Switchboard {
  readonly #on = new Set<Switched>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Switches a fault on; the answer switches it off again, harmlessly if it is off already. */
  add(fault: Fault): () => void {
    const switched: Switched = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#on.add(switched);
    return () => void this.#on.delete(switched);
  }

  /** Whether a fault of this kind is on. */
  has(kind: Fault['kind']): boolean {
    return [...this.#on].some(({ fault }) => fault.kind === kind);
  }

  /** Switches off everything, or what the filter picks. */
  clear(picks: (fault: Fault) => boolean = () => true): void {
    for (const switched of this.#on) if (picks(switched.fault)) this.#on.delete(switched);
  }

  /** The faults this request meets; it counts against their `times`. */
  strike(seen: Seen): Struck {
    if (this.#on.size === 0) return { slowing: [], deciding: undefined };
    const slowing: Fault[] = [];
    let deciding: Fault | undefined;
    for (const switched of [...this.#on].reverse()) {
      const slows = switched.fault.kind === 'slow' || switched.fault.kind === 'slow-first-token';
      // A fault that would not be used must not use up one of its times.
      if (!slows && deciding !== undefined) continue;
      if (!matches(switched.fault, seen) || !this.#hits(switched)) continue;
      if (slows) slowing.push(switched.fault);
      else deciding = switched.fault;
    }
    return { slowing, deciding };
  }

  #hits(switched: Switched): boolean {
    if (this.#random() >= (switched.fault.probability ?? 1)) return false;
    switched.left -= 1;
    if (switched.left <= 0) this.#on.delete(switched);
    return true;
  }
}

function matches({ models, paths }: Fault, { model, path }: Seen): boolean {
  if (models !== undefined && (model === undefined || !models.includes(model))) return false;
  return paths === undefined || paths.some((wanted) => liesUnder(path, wanted));
}

/** Whether a path is the wanted one or lies below it; `/v1` before either does not matter. */
export function liesUnder(path: string, wanted: string): boolean {
  const bare = path.replace(/^\/v1(?=\/)/, '');
  const root = wanted.replace(/^\/v1(?=\/)/, '').replace(/\/$/, '');
  return bare === root || bare.startsWith(`${root}/`);
}
