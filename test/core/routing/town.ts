import type { Random } from '../../../packages/core/src/base/random.js';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import type { Candidate, Occasion, Reading, Strategy } from '../../../packages/core/src/routing/strategy.js';

/** What a test says of a candidate; the rest is that of a target that answers in 800 ms, always, and is idle. */
export type Told = Partial<Reading> &
  Partial<Pick<Candidate, 'region' | 'tier' | 'weight'>> & { readonly isDue?: boolean };

/** A candidate whose numbers a test can change. */
export interface Known extends Candidate {
  readonly known: { -readonly [Name in keyof Reading]: Reading[Name] };
}

/** A candidate of which all is known. */
export function known(id: string, { region, tier = 0, weight = 1, isDue = false, ...reading }: Told = {}): Known {
  const ms = reading.expectedMs ?? reading.averageMs ?? 800;
  const usual = { rttMs: 20, successRate: 1, inFlight: 0, capacity: Number.POSITIVE_INFINITY, samples: 9 };
  const values = { ...usual, expectedMs: ms, averageMs: ms, ...reading };
  return { id, region, tier, weight, known: values, isDue: () => isDue, reading: () => values };
}

/** Candidates by their names. */
export function town(all: Readonly<Record<string, Told>>): Known[] {
  return Object.entries(all).map(([id, told]) => known(id, told));
}

/** An occasion whose dice say what they are told to, or come from a seed. */
export function occasion(dice: Random | number = 1, more: Partial<Occasion> = {}): Occasion {
  const random = typeof dice === 'number' ? seededRandom(dice) : dice;
  return { streamed: false, now: 0, random, ...more };
}

/** Dice that must not be rolled. */
export const noDice: Random = () => {
  throw new Error('dice were rolled');
};

/** The names of so many picks in a row. */
export function picks(strategy: Strategy, candidates: readonly Candidate[], count: number, at = occasion()): string[] {
  return Array.from({ length: count }, () => strategy.pick(candidates, at).id);
}

/** How often each name is among them. */
export function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
