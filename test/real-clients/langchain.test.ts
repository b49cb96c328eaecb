import { ChatOpenAI, ChatOpenAICompletions } from '@langchain/openai';
import OpenAI, { createFetch } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { failoversOf, startRegions } from './setup.js';

/** LangChain makes its own client; whoever wants another puts it in its place. */
class ChatWith extends ChatOpenAICompletions {
  constructor(client: OpenAI) {
    super({ model: 'gpt-4.1', apiKey: 'unused', maxRetries: 0 });
    this.client = client as unknown as typeof this.client;
  }
}

async function textOf(stream: AsyncIterable<{ text: string }>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += piece.text;
  return text;
}

/** Asks before and after the first region dies; every answer comes, and nobody but the two regions is asked. */
async function survive(
  model: ChatOpenAI | ChatWith,
  { seoul, trail, strangers }: Awaited<ReturnType<typeof startRegions>>,
): Promise<void> {
  expect((await model.invoke('echo: before')).text).toBe('before');
  seoul.fault({ kind: 'refuse' });
  expect((await model.invoke('echo: meanwhile')).text).toBe('meanwhile');
  expect(await textOf(await model.stream('echo: and streamed'))).toBe('and streamed');
  expect(trail()).toBe('seoul:200 tokyo:200 tokyo:200');
  expect(strangers).toEqual([]);
}

describe('@langchain/openai survives a region that dies under it', () => {
  test('with our client', async () => {
    const regions = await startRegions();
    const { seoul, endpoints } = regions;
    const client = new OpenAI({
      baseURL: seoul.baseURL,
      apiKey: 'sk-seoul',
      router: { routing: 'priority', endpoints },
    });
    const failovers = failoversOf(client);
    const model = new ChatWith(client);
    await survive(model, regions);
    expect(failovers.length).toBe(2);
  });

  test.each([
    ['chat completions', false],
    ['responses', true],
  ])('with our fetch in its configuration, by way of %s', async (_api, useResponsesApi) => {
    const regions = await startRegions();
    const { seoul, endpoints } = regions;
    const routed = createFetch({ routing: 'priority', endpoints, baseURL: seoul.baseURL });
    const failovers = failoversOf(routed);
    const configuration = { baseURL: seoul.baseURL, fetch: routed };
    const model = new ChatOpenAI({
      model: 'gpt-4.1',
      apiKey: 'sk-seoul',
      maxRetries: 0,
      useResponsesApi,
      configuration,
    });
    await survive(model, regions);
    expect(failovers.length).toBe(2);
  });
});
