import type { Tally } from './tally.ts';

/** One contestant's result in a scenario. */
export interface Result {
  readonly contestant: string;
  readonly tally: Tally;
}

/** All results of one scenario. */
export interface Page {
  readonly scenario: string;
  readonly results: readonly Result[];
}

/** Everything in one table: `answered % / p50 / p99 / p99.9 ms / attempts a call`, a line for each scenario. */
export function overview(pages: readonly Page[]): string {
  const names = pages[0]?.results.map(({ contestant }) => contestant) ?? [];
  const lines = [
    ['scenario', ...names],
    ['---', ...names.map(() => '---')],
  ];
  for (const { scenario, results } of pages) lines.push([scenario, ...results.map(({ tally }) => inShort(tally))]);
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function inShort(tally: Tally): string {
  const quantiles = [0.5, 0.99, 0.999].map((share) => shownMs(tally.quantileMs(share)));
  return [percent(tally.availability, 2), ...quantiles, tally.attemptsPerCall.toFixed(2)].join('/');
}

const HEAD = [
  'contestant',
  'answered %',
  'p50',
  'p99',
  'p99.9 ms',
  'p99 ÷ oracle',
  'attempts a call',
  'within 3 s %',
  'shares %',
];

/** The results of one scenario as a table in Markdown; `fail` is a quantile at which calls were not answered at all. */
export function table(results: readonly Result[]): string {
  const oracleMs = results.find(({ contestant }) => contestant === 'oracle')?.tally.quantileMs(0.99);
  const rows = [HEAD, HEAD.map((_, column) => (column === 0 ? '---' : '--:'))];
  for (const result of results) rows.push(rowOf(result, oracleMs));
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0)).join(' | ')} |`).join('\n');
}

function rowOf({ contestant, tally }: Result, oracleMs: number | undefined): string[] {
  const p99 = tally.quantileMs(0.99);
  return [
    contestant,
    percent(tally.availability, 3),
    shownMs(tally.quantileMs(0.5)),
    shownMs(p99),
    shownMs(tally.quantileMs(0.999)),
    oracleMs !== undefined && Number.isFinite(p99 / oracleMs) ? (p99 / oracleMs).toFixed(2) : '–',
    tally.attemptsPerCall.toFixed(3),
    percent(tally.soon, 1),
    tally.shares.map((share) => Math.round(share * 100)).join('/'),
  ];
}

/** A quantile as it is printed: whole milliseconds, or `fail`. */
export const shownMs = (ms: number): string => (Number.isFinite(ms) ? ms.toFixed(0) : 'fail');

/** Rounded down, because 100 % means all of them. */
function percent(share: number, digits: number): string {
  const unit = 10 ** digits;
  return share === 1 ? '100' : (Math.floor(share * 100 * unit) / unit).toFixed(digits);
}

const pad = (cell: string, width: number): string =>
  cell.startsWith('--') ? cell.padStart(width, '-') : cell.padEnd(width);
