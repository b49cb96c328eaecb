import { answered, lossesByReason, lost, quantile, type Score } from './score.ts';

/** A client's score, and its requests on the wire. */
export interface FinalScore {
  readonly score: Score;
  /** HTTP requests sent, refused connections included. */
  readonly sent: number;
  /** Those that reached a provider; undefined where nobody can tell. */
  readonly arrived: number | undefined;
}

const MOST_LOSSES_SHOWN = 20;

/** The end of a run: a table of both clients, why answers were lost, and the verdict. */
export function reportOf(ours: FinalScore, plain: FinalScore): string {
  const table = tableOf([ours, plain]);
  const reasons = lossesByReason(plain.score).map(([reason, count]) => `  ${String(count).padStart(4)} × ${reason}`);
  const losses =
    reasons.length > 0
      ? `What the plain client's callers got instead, its times being those of the rest:\n${reasons.join('\n')}`
      : '';
  const parts = [table, losses, verdictOf(ours.score)];
  return parts.filter((part) => part !== '').join('\n\n');
}

function tableOf(finals: readonly FinalScore[]): string {
  const ms = (value: number) => (Number.isNaN(value) ? '-' : `${Math.round(value)} ms`);
  const rows: (readonly [string, (final: FinalScore) => string])[] = [
    ['', ({ score }) => score.name],
    ['asked', ({ score }) => String(score.asked)],
    ['answered', ({ score }) => String(answered(score))],
    ['lost', ({ score }) => String(lost(score).length)],
    ['p50 of the answered', ({ score }) => ms(quantile(score, 0.5))],
    ['p99 of the answered', ({ score }) => ms(quantile(score, 0.99))],
    ['attempts on the wire', ({ sent }) => String(sent)],
  ];
  if (finals.every(({ arrived }) => arrived !== undefined)) {
    rows.push(['  of these, not refused', ({ arrived }) => String(arrived)]);
  }
  return rows
    .map(([name, cell]) => name.padEnd(24) + finals.map((final) => cell(final).padStart(14)).join(''))
    .join('\n');
}

function verdictOf(score: Score): string {
  const losses = lost(score);
  if (losses.length === 0) {
    // Only the simulator's answers are known beforehand.
    const isKnown = score.results.every(({ question }) => question.expected !== undefined);
    return `breakwater lost nothing: each of its answers is there${isKnown ? ', whole and right' : ''}.`;
  }
  const lines = losses.slice(0, MOST_LOSSES_SHOWN).map(({ question, loss, durationMs, trail }) => {
    const { number, atMs, model, streamed } = question;
    const form = streamed ? ', streamed' : '';
    return `  #${number} at ${(atMs / 1_000).toFixed(1)} s (${model}${form}): ${loss} after ${Math.round(durationMs)} ms   ${trail ?? ''}`;
  });
  const more = losses.length > lines.length ? [`  … and ${losses.length - lines.length} more`] : [];
  return [`breakwater lost ${losses.length}:`, ...lines, ...more].join('\n');
}
