import { durationText } from '../base/duration.js';
import type { Decision } from '../routing/weigh.js';
import type { ExplainedEndpoint, ExplainedModel, ExplainedTarget, Explanation } from './explanation.js';
import { notesOf } from './explanation-notes.js';
import { chanceText, cut, INDENT, numberText, percentText, WIDTH, wrapped } from './explanation-words.js';

/** A column of the table; left out where it would say the same of everybody. */
interface Column {
  readonly title: string;
  readonly isNeeded: (all: readonly ExplainedTarget[], explanation: Explanation) => boolean;
  readonly cell: (target: ExplainedTarget) => string;
}

const always = () => true;

const COLUMNS: readonly Column[] = [
  { title: '#', isNeeded: always, cell: ({ order }) => (order === undefined ? '-' : `${order}`) },
  { title: 'endpoint', isNeeded: always, cell: ({ endpoint }) => cut(endpoint) },
  { title: 'first', isNeeded: (all) => all.some((one) => one.chance !== undefined), cell: (one) => chanceText(one) },
  { title: 'cost', isNeeded: (all) => all.some((one) => one.cost !== undefined), cell: (one) => numberText(one.cost) },
  { title: 'expected', isNeeded: always, cell: ({ expectedMs }) => durationText(expectedMs) },
  { title: 'rtt', isNeeded: always, cell: ({ rttMs }) => (rttMs === 0 ? '?' : durationText(rttMs)) },
  { title: 'success', isNeeded: always, cell: ({ successRate }) => percentText(successRate) },
  { title: 'in flight', isNeeded: always, cell: (one) => flightText(one) },
  { title: 'answers', isNeeded: always, cell: ({ samples }) => `${Math.round(samples)}` },
  { title: 'tier', isNeeded: (all) => all.some(({ tier }) => tier !== 0), cell: ({ tier }) => `${tier}` },
  { title: 'weight', isNeeded: (all) => all.some(({ weight }) => weight !== 1), cell: (one) => numberText(one.weight) },
];

/** The name of a model is what a table is looked through for. */
const LONGEST_TITLE = 80;

const LEFT_OUT: Readonly<Record<ExplainedEndpoint['reason'], string>> = {
  unserved: 'do not serve it',
  'other-endpoint': 'the request names another endpoint',
  'not-included': 'not among `only` of the request',
  excluded: 'excluded by the request',
  stays: 'what keeps state stays at the first endpoint',
  dearer: 'dearer, and the budget is spent',
};

/** An explanation as a table of at most 110 columns, for a terminal or a log. */
export function tableOf(explanation: Explanation): string {
  const all = explanation.models.flatMap(({ targets }) => targets);
  const columns = COLUMNS.filter(({ isNeeded }) => isNeeded(all, explanation));
  // All models have the same columns, so that they can be compared.
  const widths = columns.map(({ title, cell }) => Math.max(title.length, ...all.map((one) => cell(one).length)));
  const row = (cells: readonly string[]) => cells.map((cell, at) => aligned(cell, widths[at] ?? 0, at)).join('  ');
  const lines = wrapped(summaryOf(explanation), '');
  for (const model of explanation.models) {
    lines.push('', ...wrapped([cut(model.model, LONGEST_TITLE), ...model.decisions.map(decisionText)].join('; '), ''));
    if (model.targets.length > 0) lines.push(row(columns.map(({ title }) => title)).trimEnd());
    for (const target of inOrder(model)) lines.push(...rowsOf(row(columns.map(({ cell }) => cell(target))), target));
    lines.push(...remarksOf(model));
  }
  return lines.join('\n');
}

/** Names stand at the left of their column, numbers at its right. */
const aligned = (cell: string, width: number, at: number): string =>
  at === 1 ? cell.padEnd(width) : cell.padStart(width);

/** What there is to note stands beside a target, or below it where there is no room. */
function rowsOf(row: string, target: ExplainedTarget): string[] {
  const notes = notesOf(target).join('; ');
  if (notes === '') return [row];
  const line = `${row}  ${notes}`;
  return line.length <= WIDTH ? [line] : [row, ...wrapped(notes, INDENT)];
}

function summaryOf({ model, streamed, strategy, maxAttempts, order, last, isAlone }: Explanation): string {
  const what = `${streamed ? 'a stream' : 'a whole answer'} of ${model ?? 'no model'}`;
  const attempts = maxAttempts === 1 ? 'one attempt' : `at most ${maxAttempts} attempts`;
  const parts = [`${what}, by ${strategy}, ${attempts}`];
  if (isAlone) parts.push('there is nowhere else to go');
  if (last) parts.push(`all are resting: ${last.how} asks ${last.target}${after(last.afterMs)}`);
  else if (order.length === 0) parts.push('nobody can be asked');
  return parts.join('; ');
}

const after = (ms: number | undefined): string => (ms ? ` after ${durationText(ms)}` : ' at once');

const placeOf = ({ order }: ExplainedTarget): number => order ?? Number.MAX_SAFE_INTEGER;

/** Those that would be asked come first. */
const inOrder = ({ targets }: ExplainedModel): readonly ExplainedTarget[] =>
  [...targets].sort((one, other) => placeOf(one) - placeOf(other));

function remarksOf({ leftOut }: ExplainedModel): string[] {
  const remarks: string[] = [];
  const reasons = new Set(leftOut.map(({ reason }) => reason));
  for (const reason of reasons) {
    const those = leftOut.filter((one) => one.reason === reason).map(({ endpoint }) => endpoint);
    remarks.push(`left out, ${LEFT_OUT[reason]}: ${those.join(', ')}`);
  }
  return remarks.flatMap((remark) => wrapped(remark, INDENT));
}

function decisionText(decision: Decision): string {
  if (decision.by === 'tier') return `tier ${decision.tier} goes first`;
  if (decision.by === 'spill')
    return `spilled over to tier ${decision.tier}: the best of tier ${decision.from} is too dear`;
  if (decision.by === 'region')
    return decision.isTaken
      ? `the preferred region ${decision.region} goes first`
      : `the preferred region ${decision.region} is too dear, and is not preferred`;
  if (decision.by === 'probe') return `${cut(decision.target)} is tried, to find out whether it is well again`;
  return decision.home === undefined
    ? 'no home for the sticky key: where it would be is too dear or too full'
    : `calls with this sticky key are at home at ${decision.home}`;
}

function flightText({ inFlight, capacity }: ExplainedTarget): string {
  return capacity === undefined ? `${inFlight}` : `${inFlight} of ${Math.round(capacity)}`;
}
