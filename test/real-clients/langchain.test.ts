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

describe('@langchain/openai survives a region that dies under it', () => {
  test('with our client', async () => {
    const { seoul, endpoints, trail, strangers } = await startRegions();
    const client = new OpenAI({ baseURL: seoul.baseURL, apiKey: 'sk-seoul', router: { endpoints } });
    const failovers = failoversOf(client);
    const model = new ChatWith(client);
    expect((await model.invoke('echo: before')).text).toBe('before');
    seoul.fault({ kind: 'refuse' });
    expect((await model.invoke('echo: meanwhile')).text).toBe('meanwhile');
    expect(await textOf(await model.stream('echo: and streamed'))).toBe('and streamed');
    expect(failovers.length).toBe(2);
    expect(trail()).toBe('seoul:200 tokyo:200 tokyo:200');
    expect(strangers).toEqual([]);
  });

  test.each([
    ['chat completions', false],
    ['responses', true],
  ])('with our fetch in its configuration, by way of %s', async (_api, useResponsesApi) => {
    const { seoul, endpoints, trail, strangers } = await startRegions();
    const routed = createFetch({ endpoints, baseURL: seoul.baseURL });
    const failovers = failoversOf(routed);
    const configuration = { baseURL: seoul.baseURL, fetch: routed };
    const model = new ChatOpenAI({
      model: 'gpt-4.1',
      apiKey: 'sk-seoul',
      maxRetries: 0,
      useResponsesApi,
      configuration,
    });
    expect((await model.invoke('echo: before')).text).toBe('before');
    seoul.fault({ kind: 'refuse' });
    expect((await model.invoke('echo: meanwhile')).text).toBe('meanwhile');
    expect(await textOf(await model.stream('echo: and streamed'))).toBe('and streamed');
    expect(failovers.length).toBe(2);
    expect(trail()).toBe('seoul:200 tokyo:200 tokyo:200');
    expect(strangers).toEqual([]);
  });
});
