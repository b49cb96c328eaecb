import { ask } from './ask.ts';
import type { Contestant } from './contestants.ts';
import type { Score } from './score.ts';
import type { Question } from './traffic.ts';

/** The race of the clients through the same questions. */
export interface Race {
  /** In the order of the contestants. */
  readonly scores: readonly [Score, Score];
  /** Resolves when the last question has been answered or lost by everybody. */
  readonly done: Promise<void>;
}

/** Asks every question at its moment through every client at once. */
export function startRace(contestants: readonly [Contestant, Contestant], questions: readonly Question[]): Race {
  const [first, second] = contestants;
  const scores = [emptyScore(first), emptyScore(second)] as const;
  const startedAt = performance.now();

  const askAll = (question: Question) =>
    scores.map(async (score, index) => {
      const contestant = index === 0 ? first : second;
      score.asked += 1;
      score.results.push(await ask(contestant, question));
    });

  const goThrough = async () => {
    const underWay: Promise<void>[] = [];
    for (const question of questions) {
      await pause(startedAt + question.atMs - performance.now());
      underWay.push(...askAll(question));
    }
    await Promise.all(underWay);
  };
  return { scores, done: goThrough() };
}

function emptyScore({ name }: Contestant): Score {
  return { name, asked: 0, results: [] };
}

function pause(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
