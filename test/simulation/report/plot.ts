import { faultsOf, type Scenario } from '../scenarios.ts';
import { REGIONS } from '../world/network.ts';
import type { WorldPlan } from '../world/world.ts';
import { element, picture, text } from './svg.ts';
import { type Result, shownMs } from './table.ts';
import { SPANS, type Tally } from './tally.ts';

/** What is drawn. */
export interface Plotted {
  readonly scenario: Scenario;
  /** The world it was played in, for the time and the faults. */
  readonly plan: WorldPlan;
  readonly results: readonly Result[];
}

/** One colour a region, told apart by people who do not see red and green alike (Okabe and Ito). */
const COLOURS = ['#0072b2', '#56b4e9', '#009e73', '#e69f00', '#cc79a7'];
const WIDTH = 940;
const MARGIN = 20;
const TOP = 76;
/** A panel of shares with its title; two stand side by side. */
const PANEL = { width: (WIDTH - 3 * MARGIN) / 2, height: 84, step: 122 };
/** A line of the comparison of latencies. */
const ROW = 20;
const NAMES_WIDTH = 150;
/** The axis of latencies is logarithmic, from here to here; what failed is drawn beyond. */
const AXIS = { fromMs: 400, untilMs: 30_000, ticksMs: [500, 1_000, 2_000, 5_000, 10_000, 30_000] };
const QUANTILES = [
  { share: 0.5, name: 'p50', colour: '#0072b2' },
  { share: 0.99, name: 'p99', colour: '#e69f00' },
  { share: 0.999, name: 'p99.9', colour: '#d55e00' },
];

/** A scenario's picture: which region each contestant has asked over time, and how long its calls took. */
export function plot({ scenario, plan, results }: Plotted): string {
  const panelsHeight = Math.ceil(results.length / 2) * PANEL.step;
  const axisTop = TOP + panelsHeight + 40;
  const height = axisTop + results.length * ROW + 40;
  return picture(
    WIDTH,
    height,
    text(`${scenario.name}: ${scenario.story}`, MARGIN, 28, { 'font-size': 16, 'font-weight': 'bold' }),
    legend(),
    ...results.map((result, index) => panel(result, plan, index)),
    text('how long calls took, in milliseconds (logarithmic); × at the right: not answered', MARGIN, axisTop - 16),
    ...QUANTILES.map(({ name, colour }, at) =>
      text(`● ${name}`, WIDTH - 190 + 60 * at, axisTop - 16, { fill: colour }),
    ),
    axis(axisTop, results.length),
    ...results.map((result, row) => latencies(result, axisTop + (row + 0.5) * ROW)),
  );
}

function legend(): string {
  const words = text('share of each region in the attempts, over time; a bar above a panel: a fault', MARGIN, 52);
  const names = REGIONS.map((name, region) =>
    text(`■ ${name}`, 500 + 88 * region, 52, { fill: COLOURS[region] ?? '' }),
  );
  return words + names.join('');
}

function panel({ contestant, tally }: Result, plan: WorldPlan, index: number): string {
  const left = MARGIN + (index % 2) * (PANEL.width + MARGIN);
  const top = TOP + Math.floor(index / 2) * PANEL.step;
  const { width, height } = PANEL;
  const answered = `${Math.floor(tally.availability * 1e5) / 1e3} % answered`;
  return element(
    'g',
    { transform: `translate(${left} ${top})` },
    text(contestant, 0, 10, { 'font-weight': 'bold' }),
    text(answered, width, 10, { 'text-anchor': 'end' }),
    ...faultBars(plan),
    element('g', { transform: 'translate(0 20)' }, ...areas(tally)),
    element('rect', { y: 20, width, height, fill: 'none', stroke: '#999' }),
  );
}

/** Over each panel, when which region had a fault, in its colour. */
function faultBars(plan: WorldPlan): string[] {
  const x = (ms: number) => (ms / plan.durationMs) * PANEL.width;
  return faultsOf(plan).flatMap((faults, region) =>
    faults.map(({ from, until }) =>
      element('rect', {
        x: x(from),
        y: 14 + region,
        width: x(until) - x(from),
        height: 2,
        fill: COLOURS[region] ?? '',
      }),
    ),
  );
}

/** The regions' shares, one upon the other. */
function areas(tally: Tally): string[] {
  const { width, height } = PANEL;
  const base = new Array<number>(SPANS).fill(0);
  return REGIONS.map((_, region) => {
    const lower = [...base];
    for (const [span, shares] of tally.sharesOverTime.entries()) base[span] = (base[span] ?? 0) + (shares[region] ?? 0);
    const point = (share: number, span: number) =>
      `${(((span + 0.5) / SPANS) * width).toFixed(1)},${(height * (1 - share)).toFixed(1)}`;
    const points = [...base.map(point), ...lower.map(point).reverse()].join(' ');
    return element('polygon', { points, fill: COLOURS[region] ?? '' });
  });
}

const placeOf = (ms: number): number => {
  const width = WIDTH - NAMES_WIDTH - 2 * MARGIN - 30;
  const share = Math.log(ms / AXIS.fromMs) / Math.log(AXIS.untilMs / AXIS.fromMs);
  return MARGIN + NAMES_WIDTH + width * Math.max(0, Math.min(1, share));
};

function axis(top: number, rows: number): string {
  const bottom = top + rows * ROW;
  return AXIS.ticksMs
    .map((ms) => {
      const x = placeOf(ms);
      const line = element('line', { x1: x, x2: x, y1: top, y2: bottom, stroke: '#ddd' });
      return line + text(String(ms), x, bottom + 16, { 'text-anchor': 'middle' });
    })
    .join('');
}

function latencies({ contestant, tally }: Result, y: number): string {
  const dots = QUANTILES.map(({ share, name, colour }) => {
    const ms = tally.quantileMs(share);
    const title = element('title', {}, `${contestant} ${name}: ${shownMs(ms)}`);
    if (!Number.isFinite(ms)) return text('×', WIDTH - MARGIN - 10, y + 4, { fill: colour, 'font-weight': 'bold' });
    return element('circle', { cx: placeOf(ms), cy: y, r: 4.5, fill: colour }, title);
  });
  return text(contestant, MARGIN, y + 4) + dots.join('');
}
