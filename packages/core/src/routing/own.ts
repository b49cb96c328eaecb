import { adaptive } from './adaptive.js';
import type { Candidate, Occasion, Reading, Strategy } from './strategy.js';

/** A candidate as a strategy of one's own sees it: what it is, and what is known of it at this instant. Frozen. */
export interface CandidateView extends Reading {
  /** `endpoint/model`. */
  readonly id: string;
  readonly region: string | undefined;
  readonly tier: number;
  readonly weight: number;
}

/** What a strategy of one's own is told of the request that it chooses for. Frozen. */
export interface ChoiceRequest {
  readonly streamed: boolean;
  /** What `routing.stickyKey` made of the request. */
  readonly stickyKey: string | undefined;
  /** The router's own dice, so that a simulation can be repeated. */
  readonly random: () => number;
}

/**
 * A strategy of one's own: names one of the candidates, all of which may be asked now, or its id. It is called for every choice between
 * two or more and has to answer at once. When it throws or names no candidate, the adaptive strategy chooses.
 */
export type OwnStrategy = (candidates: readonly CandidateView[], request: ChoiceRequest) => CandidateView | string;

/** Where a fault of a function of the user's goes; it is told once. */
export type Complain = (message: string, error: unknown) => void;

/** Makes a strategy of a user's function. */
export function own(choose: OwnStrategy, complain: Complain): Strategy {
  const instead = adaptive();
  let hasComplained = false;
  const fallBack: Strategy['pick'] = (candidates, occasion) => instead.pick(candidates, occasion);
  const tell = (fault: string, error: unknown): void => {
    if (hasComplained) return;
    hasComplained = true;
    complain(
      `router.routing.strategy ${fault}; the adaptive strategy chooses instead, now and whenever it does so again`,
      error,
    );
  };
  return {
    name: 'own',
    pick(candidates, occasion) {
      let chosen: unknown;
      try {
        chosen = choose(viewsOf(candidates, occasion), requestOf(occasion));
      } catch (error) {
        tell('threw', error);
        return fallBack(candidates, occasion);
      }
      const named = namedBy(chosen, candidates);
      if (named) return named;
      tell(isPromise(chosen) ? 'returned a promise, but has to choose at once' : 'named no candidate', undefined);
      return fallBack(candidates, occasion);
    },
  };
}

function viewsOf(candidates: readonly Candidate[], { streamed, now }: Occasion): readonly CandidateView[] {
  return Object.freeze(
    candidates.map((candidate) => {
      const { id, region, tier, weight } = candidate;
      const { rttMs, expectedMs, averageMs, successRate, inFlight, capacity, samples } = candidate.reading(
        streamed,
        now,
      );
      const known = { rttMs, expectedMs, averageMs, successRate, inFlight, capacity, samples };
      return Object.freeze({ id, region, tier, weight, ...known });
    }),
  );
}

function requestOf({ streamed, stickyKey, random }: Occasion): ChoiceRequest {
  return Object.freeze({ streamed, stickyKey, random });
}

/** Nobody waits for a promise, and what it is rejected with must not end the process. */
function isPromise(chosen: unknown): boolean {
  if (!(chosen instanceof Promise)) return false;
  chosen.catch(() => {});
  return true;
}

/** The candidate that an answer stands for; it may be anything, an object whose `id` throws too. */
function namedBy<Kind extends Candidate>(chosen: unknown, candidates: readonly Kind[]): Kind | undefined {
  let id = chosen;
  try {
    if (typeof chosen === 'object' && chosen !== null) ({ id } = chosen as { id?: unknown });
  } catch {
    return undefined;
  }
  return candidates.find((candidate) => candidate.id === id);
}
