import { $, attr, say } from './dom.js';
import { day } from './format.js';
import { listen, send } from './live.js';
import { drawAlerts, drawLimits, drawLog, drawRegions, drawTiles } from './panels.js';
import { Store } from './store.js';
import { drawGrid, drawTargets } from './targets.js';
import { drawTimeline } from './timeline.js';

const store = new Store();
const LINKS = { live: 'Live', lost: 'Reconnecting…', recorded: 'Recorded' };

function link(state) {
  attr($('link'), 'data-link', state);
  say($('link-text'), state === 'recorded' ? `${LINKS.recorded} ${day(store.at)}` : LINKS[state]);
}

async function command(target, action) {
  say($('said'), await send(target, action));
}

function draw() {
  if (store.isEmpty || document.hidden) return;
  for (const part of [drawAlerts, drawTiles, drawRegions, drawGrid, drawTimeline, drawLog, drawLimits]) part(store);
  drawTargets(store, command);
  say(
    $('foot'),
    `Watched since ${day(store.since)}. Figures are of this process alone; nothing on this page comes from elsewhere.`,
  );
}

const THEMES = ['auto', 'light', 'dark'];

/** What was chosen is kept where it may be kept: files and private windows have no place for it. */
function kept(theme) {
  try {
    if (theme) localStorage.setItem('breakwater-theme', theme);
    return localStorage.getItem('breakwater-theme') ?? 'auto';
  } catch {
    return theme ?? 'auto';
  }
}

function showTheme(theme) {
  attr(document.documentElement, 'data-theme', theme);
  say($('theme'), `Theme: ${theme}`);
}

// What scrolls is reached by the keyboard too.
for (const box of document.querySelectorAll('.scroll, .log')) {
  attr(box, 'tabindex', 0);
  if (box.role) continue;
  attr(box, 'role', 'group');
  attr(box, 'aria-label', box.parentElement.querySelector('h2').firstChild.textContent.trim());
}

showTheme(kept());
$('theme').addEventListener('click', () => {
  const before = document.documentElement.dataset.theme;
  showTheme(kept(THEMES[(THEMES.indexOf(before) + 1) % THEMES.length]));
});

const recorded = JSON.parse($('state').textContent);
if (recorded) {
  store.isRecorded = true;
  store.picture(recorded);
  link('recorded');
  $('save').remove();
  draw();
} else {
  const then =
    (take) =>
    (...given) => {
      take(...given);
      draw();
    };
  listen({ picture: then((state) => store.picture(state)), change: then((delta) => store.change(delta)), link });
  // Times go on although nothing changes.
  setInterval(draw, 1_000);
}
document.addEventListener('visibilitychange', draw);
