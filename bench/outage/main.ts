// What an outage costs, in real time and over real HTTP: `pnpm bench:outage` takes two minutes, prints a line for each scene and fails
// when one does not keep its word. One region goes down while ten calls a second come in; the other one stays well.
import { columns } from '../report.ts';
import { play, type Scene } from './scene.ts';

/** Down for eight seconds and up for eight, five times. */
const FLAPS = Array.from({ length: 5 }, (_, round) => [8 + 16 * round, 16 + 16 * round] as const);
const MINUTE = [[5, 65]] as const;
const ERROR = { kind: 'status', status: 500 } as const;

const SCENES: readonly Scene[] = [
  { name: 'a minute of 500s', fault: ERROR, downs: MINUTE, seconds: 110 },
  { name: 'a minute of refused connections', fault: { kind: 'refuse' }, downs: MINUTE, seconds: 110 },
  { name: 'a minute of 503s', fault: { kind: 'status', status: 503 }, downs: MINUTE, seconds: 110 },
  { name: '8 s up, 8 s down', fault: ERROR, downs: FLAPS, seconds: 96, maxOpenMs: 5_000 },
  { name: '8 s up, 8 s down, waits as they are', fault: ERROR, downs: FLAPS, seconds: 96, isShownOnly: true },
  {
    name: 'half a second of 500s, nobody else',
    fault: ERROR,
    downs: [[2, 2.5]],
    seconds: 12,
    isAlone: true,
    isShownOnly: true,
  },
  {
    name: 'ten seconds of 500s, nobody else',
    fault: ERROR,
    downs: [[2, 12]],
    seconds: 20,
    isAlone: true,
    isShownOnly: true,
  },
];

const told = await Promise.all(SCENES.map(play));
const rows = told.map(({ name, asked, lost, whileDown, backAfterMs, longestWaitMs, faults }) => [
  name,
  String(asked),
  String(lost),
  whileDown.join(' '),
  backAfterMs.map((ms) => (ms === undefined ? '–' : (ms / 1_000).toFixed(1))).join(' '),
  longestWaitMs.map((ms) => (ms / 1_000).toFixed(1)).join(' '),
  faults.length === 0 ? 'ok' : `FAIL: ${faults.join('; ')}`,
]);
console.log(columns([['', 'asked', 'lost', 'asked while down', 'back after, s', 'longest wait, s', ''], ...rows]));
process.exitCode = told.some(({ faults }) => faults.length > 0) ? 1 : 0;
