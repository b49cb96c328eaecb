// What limits are worth on the wire, in two minutes of real time and over real HTTP: `pnpm bench:limits:live` prints a line for each scene,
// all of which are played at once, and fails when one does not keep its word. --minutes=5 plays for longer,
// --only=four those scenes with that text.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { columns } from '../report.ts';
import { percent, play, type Scene } from './live-scene.ts';

const { values: flags } = parseArgs({
  // pnpm hands on the `--` that separates its own flags.
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: { minutes: { type: 'string', default: '2' }, only: { type: 'string', default: '' } },
});

const FOUR = ['learned', 'learned', 'learned', 'learned'] as const;
const CONFIGURED = { clients: ['configured'], word: { refused: 0.01, goodput: 0.97 } } as const;
const LEARNED = { clients: ['learned'], word: { refusedLater: 0.03, goodput: 0.97 } } as const;
const SHARED = { clients: FOUR, word: { refused: 0.05, goodput: 0.85 } } as const;

const SCENES: readonly Scene[] = [
  { name: 'configured', ...CONFIGURED },
  { name: 'configured, what is not used comes back', ...CONFIGURED, doesSettle: true },
  { name: 'learned', ...LEARNED },
  { name: 'learned, what is not used comes back', ...LEARNED, doesSettle: true },
  { name: 'four learned', ...SHARED },
  { name: 'four learned, what is not used comes back', ...SHARED, doesSettle: true },
  { name: 'configured, nothing left at first', clients: ['configured'], isEmpty: true },
  { name: 'learned, nothing left at first', clients: ['learned'], isEmpty: true },
  { name: 'four learned, nothing left at first', clients: FOUR, isEmpty: true },
  { name: 'configured, 130 % asked for', clients: ['configured'], load: 1.3 },
  { name: 'learned, 130 % asked for', clients: ['learned'], load: 1.3 },
  { name: 'four learned, 130 % asked for', clients: FOUR, load: 1.3 },
  { name: 'four learned, in turns', clients: FOUR, routing: 'round-robin' },
  { name: 'the official client', clients: ['official'] },
  { name: 'the official client, nothing left at first', clients: ['official'], isEmpty: true },
  { name: 'the official client, 130 % asked for', clients: ['official'], load: 1.3 },
];

const delay = monitorEventLoopDelay({ resolution: 20 });
delay.enable();
const told = await Promise.all(
  SCENES.filter(({ name }) => name.includes(flags.only)).map((scene) => play(scene, Number(flags.minutes))),
);
const rows = told.map(({ scene, asked, sent, refused, refusedLater, goodput, lost, longestMs, faults }) => [
  scene.name,
  String(asked),
  String(sent),
  percent(refused),
  percent(refusedLater),
  percent(goodput),
  Object.entries(lost)
    .map(([name, many]) => `${many} ${name}`)
    .join(', ') || '0',
  (longestMs / 1_000).toFixed(1),
  faults.length > 0 ? `FAIL: ${faults.join('; ')}` : scene.word ? 'ok' : '',
]);
const head = ['', 'asked', 'sent', '429', '429 from the 2nd minute', 'answered', 'lost', 'longest, s', ''];
console.log(columns([head, ...rows]));
// On a machine that stands still for seconds the calls come in heaps, and a sliding window lets them go in the same heaps a minute later.
console.log(`\nThe longest time that this process did not get a turn: ${(delay.max / 1e9).toFixed(1)} s.`);
process.exitCode = told.some(({ faults }) => faults.length > 0) ? 1 : 0;
