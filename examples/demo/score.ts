import type { Result } from './ask.ts';

/** The count of one client, filled while it runs. */
export interface Score {
  readonly name: string;
  asked: number;
  readonly results: Result[];
}

/** How many questions were answered, and rightly. */
export const answered = ({ results }: Score): number => results.filter(({ loss }) => loss === undefined).length;

/** The questions that were lost. */
export const lost = ({ results }: Score): readonly Result[] => results.filter(({ loss }) => loss !== undefined);

/** How long answers took, in milliseconds; NaN if there is none. `share` 0.99 means that 99 of 100 were as fast or faster. */
export function quantile({ results }: Score, share: number): number {
  const times = results.filter(({ loss }) => loss === undefined).map(({ durationMs }) => durationMs);
  times.sort((left, right) => left - right);
  return times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? Number.NaN;
}

/** The reasons for losses with their counts, the most frequent first. */
export function lossesByReason(score: Score): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { loss = '' } of lost(score)) counts.set(loss, (counts.get(loss) ?? 0) + 1);
  return [...counts].sort((left, right) => right[1] - left[1]);
}
