import { $, attr, css, h, keyed, linePath, say } from './dom.js';
import { clock, compact, count, left, ms, percent, place, rate, SHAPES, usd, words } from './format.js';

const RECENT_SECONDS = 5;

/** An element that says a state by its colour, its shape and its word. */
export function badge() {
  return h('span', { class: 'badge' }, h('svg', { viewBox: '0 0 12 12', 'aria-hidden': true }, h('path')), h('span'));
}

/** Fills a badge. */
export function showBadge(element, state, text = state) {
  attr(element, 'data-state', state);
  attr(element.firstChild.firstChild, 'd', SHAPES[state] ?? SHAPES.ready);
  say(element.lastChild, text);
}

/** A state, and for how long. */
export function stateText({ state, until, mode }, now) {
  const leftMs = until === undefined || state === 'ready' ? 0 : until - now;
  const observed = mode === 'observe-only' ? ', observed' : mode === 'disabled' ? ', breaker off' : '';
  if (mode === 'forced-open') return 'open, by hand';
  return `${state}${leftMs > 0 ? ` ${left(leftMs)}` : ''}${observed}`;
}

/** The average over the last seconds that are over. */
export function recentRate(store, id) {
  return store.counted(id, RECENT_SECONDS, 0).reduce((sum, value) => sum + value, 0) / RECENT_SECONDS;
}

function tilesOf(store) {
  const { totals, counts } = store;
  const perSecond = [...counts.keys()].reduce((sum, id) => sum + recentRate(store, id), 0);
  const { started, succeeded, failed, failovers, fallbackRate, rescues, retries, inFlight, costUSD, unpriced } = totals;
  const tokens = `${compact(totals.inputTokens + totals.outputTokens)} tokens`;
  const [period, budget] = Object.entries(totals.budget ?? {})[0] ?? [];
  const cost = budget ? `of ${usd(budget.limitUSD)} a ${period}: ${usd(budget.spentUSD)}` : tokens;
  return [
    { name: 'Attempts per second', value: rate(perSecond), note: `${count(inFlight)} requests in flight` },
    { name: 'Requests', value: count(started), note: `${count(succeeded)} answered` },
    {
      name: 'Answered',
      value: percent(succeeded / (succeeded + failed)),
      note: failed === 0 ? 'none failed' : `${count(failed)} failed`,
      tone: failed > 0 ? 'bad' : succeeded > 0 ? 'good' : undefined,
    },
    { name: 'Failovers', value: count(failovers), note: `${percent(fallbackRate)} answered elsewhere` },
    { name: 'Retries', value: count(retries), note: `${count(rescues)} streams rescued` },
    { name: 'Cost', value: usd(costUSD), note: unpriced > 0 ? `${cost}, ${count(unpriced)} unpriced` : cost },
  ];
}

/** The figures at the top. */
export function drawTiles(store) {
  keyed($('tiles'), tilesOf(store), {
    keyOf: ({ name }) => name,
    make: ({ name }) =>
      h('div', { class: 'tile' }, h('h2', {}, name), h('p', { class: 'value' }), h('p', { class: 'note' })),
    update: (tile, { value, note, tone }) => {
      attr(tile, 'data-tone', tone);
      say(tile.children[1], value);
      say(tile.children[2], note);
    },
  });
}

/** What is raised, the newest first. */
export function drawAlerts({ alerts }) {
  attr($('alerts'), 'hidden', alerts.length === 0 ? '' : undefined);
  keyed($('alert-list'), [...alerts].reverse(), {
    keyOf: ({ title, at }) => `${at} ${title}`,
    make: () => h('li', {}, h('strong'), h('span'), h('time')),
    update: (item, { title, detail, at, isOver }) => {
      attr(item, 'data-over', isOver ? '' : undefined);
      say(item.children[0], title);
      say(item.children[1], detail);
      say(item.children[2], isOver ? 'over' : `since ${clock(at)}`);
    },
  });
}

const stateOf = (ready, targets) => (ready === targets ? 'ready' : ready === 0 ? 'down' : 'limited');

/** How an endpoint stands at which nobody was asked yet: as far as probes tell. */
function standOf(probe) {
  if (!probe) return ['unknown', 'not asked yet'];
  if (probe.isDown) return ['down', 'down'];
  return probe.verdict === 'good' ? ['ready', 'up'] : ['limited', probe.verdict];
}

function probeText({ at, verdict, status, p50Ms }) {
  const answered = status === undefined ? verdict : `${verdict} (${status})`;
  return `probed ${clock(at)}: ${answered}${p50Ms === undefined ? '' : `, median ${ms(p50Ms)}`}`;
}

/** The endpoints, with how far they are and how they do. */
export function drawRegions(store) {
  const regions = [...store.regions].map(([id, view]) => ({ id, ...view }));
  // One measure for all, or the bars could not be compared. Where no call was answered yet there is but the way.
  const isOfWays = regions.every(({ rttMs }) => rttMs > 0) || !regions.some(({ p50Ms }) => p50Ms > 0);
  const measure = isOfWays ? 'rttMs' : 'p50Ms';
  const slowest = Math.max(1, ...regions.map((one) => one[measure] ?? 0));
  keyed($('regions'), regions, {
    keyOf: ({ id }) => id,
    make: ({ id }) =>
      h(
        'li',
        {},
        h('div', { class: 'row' }, h('strong', {}, id), badge()),
        h('p', { class: 'note' }),
        h('div', { class: 'bar', 'aria-hidden': true }, h('span')),
        h('p', { class: 'row figures' }, h('span'), h('span'), h('span')),
        h('p', { class: 'note' }),
      ),
    update: (item, { id, region, location, probe, ready, targets, inFlight, ...times }) => {
      const [head, where, bar, figures, probed] = item.children;
      if (targets === 0) showBadge(head.children[1], ...standOf(probe));
      else showBadge(head.children[1], stateOf(ready, targets), `${ready} of ${targets} ready`);
      const told = [region === id ? undefined : region, location && place(location)].filter(Boolean).join(' · ');
      say(where, told);
      attr(where, 'hidden', told === '' ? '' : undefined);
      css(bar.firstChild, 'width', `${Math.max(2, ((times[measure] ?? 0) / slowest) * 100)}%`);
      say(figures.children[0], `round trip ${ms(times.rttMs)}`);
      say(figures.children[1], `answer ${ms(times.p50Ms)}`);
      say(figures.children[2], `${count(inFlight)} in flight`);
      say(probed, probe ? probeText(probe) : '');
      attr(probed, 'hidden', probe ? undefined : '');
    },
  });
}

/** What is left of each limit that is known. */
export function drawLimits(store) {
  const limits = [...store.limits].flatMap(([scope, dimensions]) =>
    Object.entries(dimensions).map(([dimension, view]) => ({ scope, dimension, ...view })),
  );
  keyed($('limits'), limits.length > 0 ? limits : [{ scope: '', dimension: '' }], {
    keyOf: ({ scope, dimension }) => `${scope} ${dimension}`,
    make: ({ scope }) =>
      scope === ''
        ? h('li', { class: 'empty' }, 'No limit is set, and no answer has told of one.')
        : h(
            'li',
            {},
            h('strong', {}, scope),
            h('span', { class: 'note' }),
            h('div', { class: 'bar', 'aria-hidden': true }, h('span')),
          ),
    update: (item, { scope, dimension, left: some, of }) => {
      if (scope === '') return;
      const [, figure, bar] = item.children;
      say(figure, `${count(some)}${of === undefined ? '' : ` of ${count(of)}`} ${words(dimension)} left`);
      attr(bar, 'hidden', of === undefined ? '' : undefined);
      const share = of ? Math.max(0, Math.min(1, some / of)) : 1;
      attr(bar, 'data-tone', share < 0.1 ? 'bad' : share < 0.3 ? 'warn' : undefined);
      css(bar.firstChild, 'width', `${share * 100}%`);
    },
  });
}

const SHOWN_ENTRIES = 80;

/** What happened, the newest first. */
export function drawLog(store) {
  const entries = [...store.log.values()].slice(-SHOWN_ENTRIES).reverse();
  keyed($('log'), entries, {
    keyOf: ({ id }) => id,
    make: ({ at, name, tone }) =>
      h(
        'li',
        { 'data-tone': tone, 'data-event': name },
        h('time', { datetime: new Date(at).toISOString() }, clock(at)),
        h('div', {}, h('strong'), h('span', { class: 'times' }), h('span', { class: 'note' })),
      ),
    update: (item, { title, detail, count: times }) => {
      const [strong, counted, note] = item.children[1].children;
      say(strong, title);
      say(counted, times > 1 ? `× ${count(times)}` : '');
      say(note, detail);
    },
  });
}

/** A small chart of two minutes: all attempts as an area, the failures over it. */
export function sparkline() {
  return h(
    'svg',
    { class: 'spark', viewBox: '0 0 100 20', preserveAspectRatio: 'none', 'aria-hidden': true },
    h('path', { class: 'area' }),
    h('path', { class: 'line' }),
    h('path', { class: 'failures' }),
  );
}

/** Fills a sparkline. */
export function showSparkline(svg, asked, failed) {
  const most = Math.max(1, ...asked, ...failed);
  attr(svg.children[0], 'd', linePath(asked, most, true));
  attr(svg.children[1], 'd', linePath(asked, most, false));
  attr(svg.children[2], 'd', failed.some((value) => value > 0) ? linePath(failed, most, true) : '');
}
