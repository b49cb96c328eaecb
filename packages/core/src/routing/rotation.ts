import type { Candidate } from './strategy.js';

/** More targets than this are met only where callers make models up; those met first are forgotten, and begin anew. */
const MOST_REMEMBERED = 10_000;

interface Turns {
  taken: number;
}

/**
 * Takes turns by weight. A target of weight `w` has its turns at ½/w, 1½/w, 2½/w … of one line of time that all share, and the next turn
 * in that line is the one taken. So turns lie as far apart as can be, and in as many picks in a row as all (whole) weights together come
 * to, each target has exactly as many as its weight. That holds from the first pick among these very targets on, whoever came or went
 * before: a turn that was missed is gone, and brings neither a rush of calls nor a rest. What is remembered is one number for a target.
 *
 * Source: earliest deadline first, as Envoy's and gRPC's weighted round robin; the halves are Webster's method of apportionment.
 */
export class Rotation {
  readonly #turns = new Map<string, Turns>();

  /** Whose turn it is, and takes it; `weighted` or each like the other. */
  next<Kind extends Candidate>(candidates: readonly Kind[], weighted: boolean): Kind {
    let latest = Number.NEGATIVE_INFINITY;
    let last = 0;
    for (let i = 0; i < candidates.length; i += 1) {
      const candidate = candidates[i] as Kind;
      const served = (this.#of(candidate.id).taken - 0.5) / (weighted ? candidate.weight : 1);
      if (served < latest) continue;
      latest = served;
      last = i;
    }
    let best: Turns | undefined;
    let chosen = 0;
    let soonest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < candidates.length; i += 1) {
      const candidate = candidates[i] as Kind;
      const weight = weighted ? candidate.weight : 1;
      const turns = this.#of(candidate.id);
      let due = (turns.taken + 0.5) / weight;
      // Who has missed turns goes on with the first that is still to come; rounding may put that one or two further on.
      if (due < latest) turns.taken = Math.max(turns.taken, Math.floor(latest * weight - 0.5));
      for (let step = 0; step < 3; step += 1) {
        due = (turns.taken + 0.5) / weight;
        // Of turns that fall together the first candidate's is first: what stands before the one served last has missed its own.
        if (due > latest || (due === latest && i > last)) break;
        turns.taken += 1;
      }
      if (due >= soonest) continue;
      soonest = due;
      chosen = i;
      best = turns;
    }
    if (best) best.taken += 1;
    return candidates[chosen] as Kind;
  }

  /** Whose turn it is; nobody takes it. */
  peek<Kind extends Candidate>(candidates: readonly Kind[], weighted: boolean): Kind {
    const copy = new Rotation();
    for (const { id } of candidates) copy.#turns.set(id, { taken: this.#turns.get(id)?.taken ?? 0 });
    return copy.next(candidates, weighted);
  }

  #of(id: string): Turns {
    const known = this.#turns.get(id);
    if (known) return known;
    if (this.#turns.size >= MOST_REMEMBERED) this.#turns.delete(this.#turns.keys().next().value ?? '');
    const turns = { taken: 0 };
    this.#turns.set(id, turns);
    return turns;
  }
}
