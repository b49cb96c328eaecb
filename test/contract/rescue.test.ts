import { startSimulator } from '@breakwater/simulator';
import { OpenAI, routeOf } from 'breakwater';
import { expect, onTestFinished, test } from 'vitest';
import { question } from './questions.js';

const TEXT = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');

/** A client of two regions, the first of which breaks off. */
async function start() {
  const simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} } });
  onTestFinished(() => simulator.close());
  simulator.region('seoul').fault({ kind: 'cut', afterTokens: 40 });
  const endpoints = simulator.regions.map(({ name, baseURL }) => ({ id: name, baseURL, apiKey: `sk-${name}` }));
  return new OpenAI({ apiKey: 'sk', logLevel: 'off', router: { routing: 'priority', endpoints } });
}

const asked = { ...question(`echo: ${TEXT}`), stream: true as const };

test('an answer that breaks off goes on elsewhere, iterated and in the halves of tee()', async () => {
  const client = await start();
  const streams = [await client.chat.completions.create(asked), ...(await client.chat.completions.create(asked)).tee()];
  for (const stream of streams) {
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(TEXT);
    expect(routeOf(stream)?.attempts.map(({ endpoint }) => endpoint)).toEqual(['seoul', 'tokyo']);
  }
});

test('an answer that breaks off is one message to the helper of streams', async () => {
  const client = await start();
  const helper = client.chat.completions.stream(question(`echo: ${TEXT}`));
  const deltas: string[] = [];
  helper.on('content', (delta) => void deltas.push(delta));
  const { choices, model } = await helper.finalChatCompletion();
  expect(choices).toMatchObject([{ finish_reason: 'stop', message: { role: 'assistant', content: TEXT } }]);
  expect(model).toBe('gpt-4.1');
  expect(deltas.join('')).toBe(TEXT);
});
