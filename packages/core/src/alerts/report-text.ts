import { isoText } from '../base/calendar.js';
import { durationText } from '../base/duration.js';
import type { JournalEntry } from './journal.js';
import type { Report, ReportedTarget } from './report.js';
import { nameText, shareText, timesText } from './words.js';

const MOST_TARGETS = 20;
const MOST_EVENTS = 15;
const MOST_OPENINGS = 5;

/** A report as a text for an incident channel. */
export function textOfReport(report: Report): string {
  return [
    ...head(report),
    '',
    ...targetLines(report.targets),
    ...section('Openings', openingLines(report)),
    ...section('Lately', report.recent.slice(-MOST_EVENTS).map(eventLine)),
  ].join('\n');
}

function head({ at, windowMs, score, wrong, counts }: Report): string[] {
  const health = `Health ${score} of 100 in the last ${durationText(windowMs)}, at ${isoText(at)}.`;
  const { succeeded, failed } = counts.requests;
  const { failovers, retries, rescues, lastResorts } = counts;
  const share = failed === 0 ? '' : ` (${shareText(failed / (succeeded + failed))})`;
  const rest = [`failovers: ${failovers}`, `retries: ${retries}`, `streams rescued: ${rescues}`];
  if (lastResorts > 0) rest.push(`answered by lastResort: ${lastResorts}`);
  const done = `Since the start: requests answered: ${succeeded}, failed: ${failed}${share}, ${rest.join(', ')}.`;
  if (wrong.length === 0) return [`${health} Nothing is wrong now.`, done];
  return [`${health} What is wrong now:`, ...wrong.map((sentence) => `- ${sentence}`), done];
}

/** The worst first: those are what a report is read for. */
function targetLines(targets: readonly ReportedTarget[]): string[] {
  const worst = [...targets].sort((one, other) => one.score - other.score);
  const told = worst.slice(0, MOST_TARGETS).map(rowOf);
  const rows = [['target', 'health', 'down for', 'openings', 'now'], ...told];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const more = targets.length - told.length;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

const rowOf = ({ target, score, downMs, openings, state, readyInMs }: ReportedTarget): string[] => [
  nameText(target),
  `${score}`,
  downMs === 0 ? '-' : durationText(downMs),
  `${openings}`,
  readyInMs ? `${state}, ${durationText(readyInMs)} left` : state,
];

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines];

const openingLines = ({ openings }: Report): string[] =>
  openings
    .slice(-MOST_OPENINGS)
    .map(
      ({ at, target, reason, openForMs }) =>
        `${timeText(at)}  ${nameText(target)} for ${durationText(openForMs)}: ${reason}`,
    );

function eventLine({ at, lastAt, times, text }: JournalEntry): string {
  const often = times === 1 ? '' : ` (${timesText(times)}, last at ${timeText(lastAt)})`;
  return `${timeText(at)}  ${text}${often}`;
}

/** The time of day, in UTC. */
const timeText = (at: number): string => isoText(at).slice(11);
