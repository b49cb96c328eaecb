import { expect, onTestFinished, test } from 'vitest';
import { readFlags } from '../../packages/simulator/src/cli/flags.js';
import { run } from '../../packages/simulator/src/cli/run.js';

test('reads regions, models, ports and paces', () => {
  const { options } = readFlags(
    '--region seoul=20,4010 --region tokyo=5 --region=paris --model a --model b --seed 7 --port 4000 --tokens-per-second 50'.split(
      ' ',
    ),
  );
  expect(options).toEqual({
    ...{ seed: 7, tokensPerSecond: 50, models: ['a', 'b'] },
    regions: { seoul: { latencyMs: 20, port: 4010 }, tokyo: { latencyMs: 5, port: 4001 }, paris: { port: 4002 } },
  });
  expect(readFlags([]).options.regions).toEqual({ local: { port: 0 } });
});

test('reads faults for regions and models, for good or for a while', () => {
  const flags = ['seoul:refuse', 'seoul/meta/llama:4:silence:1.5', 'tokyo:503:30'].flatMap((fault) => [
    '--fault',
    fault,
  ]);
  expect(readFlags(flags).steps).toEqual([
    { atMs: 0, region: 'seoul', fault: { kind: 'refuse' } },
    { atMs: 0, region: 'seoul', model: 'meta/llama:4', fault: { kind: 'silence' }, forMs: 1500 },
    { atMs: 0, region: 'tokyo', fault: { kind: 'status', status: 503 }, forMs: 30_000 },
  ]);
});

test.each([
  [['--regions', 'seoul'], "Unknown option '--regions'"],
  [['--seed', 'x'], '--seed must be a number, but is "x".'],
  [['--region', '=5'], '--region =5 must be written name[=latencyMs[,port]]'],
  [['--region', 'seoul=fast'], 'the latency of --region seoul=fast must be a number'],
  [['--tokens-per-second', '0'], 'tokensPerSecond must be a number above 0, but is 0'],
  [['--fault', 'seoul'], '--fault seoul must be written region[/model]:kind[:seconds]'],
  [['--fault', 'local:explode'], 'There is no fault "explode" (for local); there are refuse'],
  [['--fault', 'paris:silence'], 'There is no region "paris"; there are local.'],
])('%j ends with exit code 2 and says why', async (args, message) => {
  let [out, error] = ['', ''];
  const ended = await run(args, { out: (text) => (out += text), error: (text) => (error += text) });
  expect(ended).toEqual({ exitCode: 2 });
  expect(error).toContain(message);
  expect(out).toBe('');
});

test('--help prints the flags and every kind of fault', async () => {
  let out = '';
  expect(await run(['--help'], { out: (text) => (out += text), error: () => undefined })).toEqual({ exitCode: 0 });
  expect(out).toContain('--tokens-per-second');
  expect(out).toContain('stream-error');
});

test('serves, and prints its addresses and a line for each request, without keys and prompts', async () => {
  const lines: string[] = [];
  const ended = await run(['--region', 'seoul', '--fault', 'seoul/gpt-4o:503'], {
    out: (text) => lines.push(text),
    error: (text) => lines.push(text),
  });
  if (!('simulator' in ended)) throw new Error(lines.join(''));
  onTestFinished(() => ended.simulator.close());
  const { baseURL } = ended.simulator.region('seoul');
  expect(lines).toEqual([`seoul  ${baseURL}\n`]);
  for (const model of ['gpt-4o', 'gpt-4.1']) {
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'a secret' }] });
    const response = await fetch(`${baseURL}/chat/completions`, {
      method: 'POST',
      body,
      headers: { authorization: 'Bearer sk-secret' },
    });
    await response.text();
  }
  await expect.poll(() => lines.length).toBe(3);
  expect(lines[1]).toMatch(/^1 seoul POST \/v1\/chat\/completions gpt-4o -> 503 faulted \(status\) [\d.]+ ms\n$/);
  expect(lines[2]).toMatch(/^2 seoul POST \/v1\/chat\/completions gpt-4\.1 -> 200 answered [\d.]+ ms\n$/);
  expect(lines.join('')).not.toContain('secret');
});
