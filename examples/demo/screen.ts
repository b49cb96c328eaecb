import { styleText } from 'node:util';
import type { TargetStatus } from 'breakwater';
import { answered, lost } from './score.ts';
import { failoverLine, type Progress, seconds, type View } from './view.ts';

/** The part of a terminal that is needed here; `process.stdout` is one. */
export interface Terminal {
  readonly columns?: number;
  write(text: string): unknown;
}

type Style = Parameters<typeof styleText>[0];
/** A line is made of parts, so that it can be clipped before colours make its length unknown. */
type Part = readonly [text: string, style?: Style];

const LAST_FAILOVERS = 6;
const BAR_WIDTH = 40;
const CELL_WIDTH = 18;
const STATE_STYLES: Readonly<Record<TargetStatus['state'], Style>> = {
  ready: 'green',
  probing: 'cyan',
  open: 'red',
  cooling: 'yellow',
  quarantined: 'magenta',
  down: 'red',
  limited: 'yellow',
};

/** A view that is drawn in place. Lines are clipped to the terminal: a wrapped one could not be drawn over. */
export function screenView(terminal: Terminal): View {
  const failovers: string[] = [];
  let drawnLines = 0;
  const draw = (progress: Progress) => {
    const lines = linesOf(progress, failovers).map((parts) => clipped(parts, (terminal.columns ?? 80) - 1));
    // Up to the first line of the last drawing; each line is cleared to its end as it is written.
    const up = drawnLines > 0 ? `\x1b[${drawnLines}A` : '';
    terminal.write(`${up}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
    drawnLines = lines.length;
  };
  return {
    failover: (event, elapsedMs) => {
      failovers.push(`${seconds(elapsedMs)}  ${failoverLine(event)}`);
      if (failovers.length > LAST_FAILOVERS) failovers.shift();
    },
    // What is wrong now is drawn with the progress.
    announce: () => {},
    progress: draw,
    end: draw,
  };
}

function linesOf(
  { elapsedMs, runMs, scores, weather, targets }: Progress,
  failovers: readonly string[],
): readonly (readonly Part[])[] {
  const done = Math.round(Math.min(1, elapsedMs / runMs) * BAR_WIDTH);
  return [
    [['█'.repeat(done), 'cyan'], ['░'.repeat(BAR_WIDTH - done), 'dim'], [` ${seconds(elapsedMs)}`]],
    [],
    ...scores.map((score): readonly Part[] => {
      const losses = lost(score).length;
      return [
        [score.name.padEnd(12), 'bold'],
        [`asked ${String(score.asked).padStart(4)}   answered ${String(answered(score)).padStart(4)}   `],
        [`lost ${String(losses).padStart(3)}`, losses > 0 ? 'red' : 'green'],
      ];
    }),
    [],
    [
      ['weather  ', 'bold'],
      [weather.join(' · ') || 'calm', weather.length > 0 ? 'yellow' : 'dim'],
    ],
    [],
    ...gridOf(targets),
    [],
    [['last failovers', 'bold']],
    ...Array.from({ length: LAST_FAILOVERS }, (_, index): readonly Part[] => [[failovers[index] ?? '', 'dim']]),
  ];
}

/** A row for each model, a column for each endpoint. */
function gridOf(targets: readonly TargetStatus[]): readonly (readonly Part[])[] {
  const endpoints = [...new Set(targets.map(({ endpoint }) => endpoint))];
  const models = [...new Set(targets.map(({ model }) => model))].sort();
  const width = Math.max(0, ...models.map((model) => model.length)) + 2;
  const heading: readonly Part[] = [
    [' '.repeat(width)],
    ...endpoints.map((endpoint): Part => [endpoint.padEnd(CELL_WIDTH), 'bold']),
  ];
  const rows = models.map((model): readonly Part[] => [
    [model.padEnd(width)],
    ...endpoints.map((endpoint) => cellOf(targets.find((one) => one.model === model && one.endpoint === endpoint))),
  ]);
  return [heading, ...rows];
}

function cellOf(status: TargetStatus | undefined): Part {
  if (!status) return [' '.repeat(CELL_WIDTH)];
  // A target that is open until somebody closes it has no time to count down.
  const { state, readyInMs = 0 } = status;
  const text = readyInMs > 0 ? `${state} ${Math.ceil(readyInMs / 1_000)} s` : state;
  return [text.padEnd(CELL_WIDTH), STATE_STYLES[state]];
}

function clipped(parts: readonly Part[], width: number): string {
  let left = width;
  let line = '';
  for (const [text, style] of parts) {
    const shown = text.slice(0, Math.max(0, left));
    left -= shown.length;
    if (shown !== '') line += style ? styleText(style, shown) : shown;
  }
  return line;
}
