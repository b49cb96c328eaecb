// Many streams at once over real HTTP: `pnpm bench:streams` opens two thousand with one client, one in twenty of which is cut in the
// middle and goes on elsewhere, and fails when one is not whole. It prints how many were open at once and what each took of memory.
import { Worker } from 'node:worker_threads';
import OpenAI from 'breakwater';
import { columns } from '../report.ts';

const STREAMS = Number(process.argv[2] ?? 2_000);
const WORDS = Array.from({ length: 20 }, (_, index) => `word${index + 1}`).join(' ');

const server = new Worker(new URL('./server.ts', import.meta.url));
const endpoints = await new Promise<{ id: string; baseURL: string }[]>((resolve, reject) => {
  server.once('message', resolve);
  server.once('error', reject);
});
const client = new OpenAI({
  apiKey: 'sk-any',
  timeout: 300_000,
  logLevel: 'off',
  router: { routing: 'priority', endpoints: endpoints.map((one) => ({ ...one, apiKey: 'sk-any' })) },
});

let open = 0;
let mostOpen = 0;
let bytesEach = 0;

async function read(): Promise<string> {
  const messages = [{ role: 'user' as const, content: `echo: ${WORDS}` }];
  const stream = await client.chat.completions.create({ model: 'gpt-4.1', messages, stream: true });
  open += 1;
  mostOpen = Math.max(mostOpen, open);
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  open -= 1;
  return text;
}

const used = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
};

const before = used();
const startedAt = performance.now();
const reading = Array.from({ length: STREAMS }, () => read().catch((error: unknown) => String(error)));
const measuring = setInterval(() => {
  if (open < STREAMS * 0.9) return;
  bytesEach ||= (used() - before) / open;
}, 200);
const texts = await Promise.all(reading);
clearInterval(measuring);
const seconds = (performance.now() - startedAt) / 1_000;
const broken = texts.filter((text) => text !== WORDS);
const { rescues, requests } = client.router.stats();
const left = client.router.status().targets.reduce((sum, { inFlight }) => sum + inFlight, 0);
await server.terminate();

console.log(
  columns([
    ['streams', 'open at once', 'rescued', 'not whole', 'left under way', 'KB each', 'seconds'],
    [
      STREAMS,
      mostOpen,
      rescues,
      broken.length,
      left + requests.inFlight,
      (bytesEach / 1_024).toFixed(1),
      seconds.toFixed(1),
    ].map(String),
  ]),
);
if (broken.length > 0) console.log(`The first: ${broken[0]}`);
process.exit(broken.length > 0 || left > 0 || rescues === 0 ? 1 : 0);
