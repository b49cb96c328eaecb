import { $, attr, h, keyed, say } from './dom.js';
import { ms } from './format.js';

const LEAST_MS = 20_000;
const MOST_MS = 900_000;
const WIDTH = 1_000;
const MOST_LANES = 40;

/** Whole seconds, where there are some. */
const seconds = (value) => ms(value < 1_000 ? value : Math.round(value / 1_000) * 1_000);

/** A quarter of an hour at most, and no longer than there is something to see. */
function windowOf(store, now) {
  const watched = Math.max(LEAST_MS, now - store.since);
  return Math.min(MOST_MS, watched);
}

function summaryOf(spans, from, now) {
  const sums = new Map();
  for (const { what, from: begin, to = now } of spans) {
    const length = Math.min(to, now) - Math.max(begin, from);
    if (length > 0) sums.set(what, (sums.get(what) ?? 0) + length);
  }
  return [...sums].map(([what, length]) => `${what} ${seconds(length)}`).join(', ') || 'nothing';
}

function drawSpans(svg, spans, { from, now }) {
  const items = spans
    .map((span) => ({ ...span, to: Math.min(span.to ?? now, now) }))
    .filter((span) => span.to > Math.max(from, span.from));
  const scale = WIDTH / (now - from);
  keyed(svg, items, {
    keyOf: ({ what, from: begin }) => `${what} ${begin}`,
    make: ({ what }) => h('rect', { class: what, height: 14, y: 0 }),
    update: (rect, { from: begin, to }) => {
      const x = Math.max(0, (begin - from) * scale);
      attr(rect, 'x', x.toFixed(1));
      // What was short is still seen.
      attr(rect, 'width', Math.max(3, (to - from) * scale - x).toFixed(1));
    },
  });
}

/** What breakers did and how long targets rested, a lane for each of which there is something to tell. */
export function drawTimeline(store) {
  const now = store.now();
  const from = now - windowOf(store, now);
  const lanes = [...store.lanes].filter(([, spans]) => spans.some(({ to }) => to === undefined || to > from));
  say($('timeline-span'), `the last ${seconds(now - from)}`);
  say($('axis'), `${seconds(now - from)} ago`);
  attr($('scale'), 'hidden', lanes.length === 0 ? '' : undefined);
  const items = lanes.slice(0, MOST_LANES).map(([name, spans]) => ({ name, spans }));
  keyed($('timeline'), items.length > 0 ? items : [{ name: '' }], {
    keyOf: ({ name }) => name,
    make: ({ name }) =>
      name === ''
        ? h('li', { class: 'empty' }, 'Every breaker is closed, and nobody had to rest.')
        : h(
            'li',
            {},
            h('strong', { title: name }, name),
            h('svg', { viewBox: `0 0 ${WIDTH} 14`, preserveAspectRatio: 'none', 'aria-hidden': true }),
            h('span', { class: 'note' }),
          ),
    update: (item, { spans }) => {
      if (!spans) return;
      drawSpans(item.children[1], spans, { from, now });
      say(item.children[2], summaryOf(spans, from, now));
    },
  });
}
