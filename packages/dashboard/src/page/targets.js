import { $, attr, h, keyed, say } from './dom.js';
import { count, ms, percent, rate, usd } from './format.js';
import { badge, recentRate, showBadge, showSparkline, sparkline, stateText } from './panels.js';

const LEAST_SECONDS = 20;
const MOST_SECONDS = 120;
const ACTIONS = [
  ['open', 'Open', 'refuses every call until it is closed'],
  ['close', 'Close', 'lets calls through again'],
  ['reset', 'Reset', 'forgets everything'],
  ['observe-only', 'Observe', 'lets every call through and only counts'],
];

/** Rows are models and columns are endpoints: where trouble is of a region, or of a model, that is seen at once. */
export function drawGrid(store) {
  const targets = [...store.targets.values()];
  const endpoints = [...new Set(targets.map(({ endpoint }) => endpoint))];
  const models = [...new Set(targets.map(({ model }) => model))];
  head($('grid-head'), targets.length > 0 ? ['Model', ...endpoints] : []);
  keyed($('grid'), models, {
    keyOf: (model) => `${model} ${endpoints.length}`,
    make: (model) => h('tr', {}, h('th', { scope: 'row' }, model), ...endpoints.map(() => h('td'))),
    update: (row, model) => {
      for (const [index, endpoint] of endpoints.entries()) {
        const cell = row.children[index + 1];
        const target = targets.find((one) => one.model === model && one.endpoint === endpoint);
        if (!target) continue;
        if (!cell.firstElementChild) cell.replaceChildren(badge());
        showBadge(cell.firstElementChild, target.state, stateText(target, store.now()));
      }
    },
  });
}

function head(parent, names) {
  keyed(parent, names.length > 0 ? [names] : [], {
    keyOf: (all) => all.join('\n'),
    make: (all) =>
      h('tr', {}, ...all.map((name) => h('th', { scope: 'col', class: FIGURES.includes(name) && 'number' }, name))),
    update: () => {},
  });
}

const FIGURES = ['p50', 'p95', 'Success', 'In flight', 'Attempts', 'Failed', 'Cost'];

/** A line for each target, with what it does and, where that is allowed, what may be done to it. */
export function drawTargets(store, command) {
  const targets = [...store.targets].map(([id, view]) => ({ id, ...view }));
  const controls = store.allowControl ? ['Breaker'] : [];
  head($('targets-head'), ['Target', 'State', 'Attempts per second', ...FIGURES, ...controls]);
  keyed($('targets'), targets, {
    keyOf: ({ id }) => `${id} ${controls.length}`,
    make: ({ id }) => targetRow(id, controls.length > 0 && command),
    update: (row, target) => fillRow(row, target, store),
  });
}

function targetRow(id, command) {
  const row = h(
    'tr',
    {},
    h('th', { scope: 'row' }, id),
    h('td', {}, badge()),
    h('td', { class: 'rate' }, sparkline(), h('span')),
    ...FIGURES.map(() => h('td', { class: 'number' })),
  );
  if (command) row.append(h('td', {}, toolbar(id, command)));
  return row;
}

function fillRow(row, target, store) {
  const [, state, rates, p50, p95, success, inFlight, attempts, failed, cost] = row.children;
  showBadge(state.firstChild, target.state, stateText(target, store.now()));
  const seconds = Math.round(Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, (store.now() - store.since) / 1_000)));
  showSparkline(rates.firstChild, store.counted(target.id, seconds, 0), store.counted(target.id, seconds, 1));
  say(rates.lastChild, rate(recentRate(store, target.id)));
  say(p50, ms(target.p50Ms));
  say(p95, ms(target.p95Ms));
  say(success, target.attempts > 0 ? percent(target.successRate) : '–');
  say(inFlight, count(target.inFlight));
  say(attempts, count(target.attempts));
  say(failed, count(target.failed));
  attr(failed, 'data-tone', target.failed > 0 ? 'bad' : undefined);
  say(cost, usd(target.costUSD));
  const bar = row.querySelector('[role=toolbar]');
  const active = target.mode === 'forced-open' ? 'open' : target.mode;
  for (const button of bar?.children ?? [])
    attr(button, 'data-active', button.dataset.action === active ? '' : undefined);
}

/** One stop of the tab key for each target; inside of it the arrows move. */
function toolbar(id, command) {
  const bar = h('div', { role: 'toolbar', 'aria-label': `Breaker of ${id}` });
  for (const [action, text, title] of ACTIONS) {
    const names = { type: 'button', class: 'button', 'data-action': action, 'aria-label': `${text} ${id}` };
    const button = h('button', { ...names, title: `${text}: ${title}`, tabindex: action === 'open' ? 0 : -1 }, text);
    button.addEventListener('click', () => command(id, action));
    bar.append(button);
  }
  bar.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...bar.children];
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    for (const one of all) attr(one, 'tabindex', one === next ? 0 : -1);
    next.focus();
  });
  return bar;
}
