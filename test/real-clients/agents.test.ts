import { Agent, OpenAIProvider, Runner, setDefaultOpenAIClient, setTracingDisabled } from '@openai/agents';
import OpenAI from 'breakwater';
import { describe, expect, test } from 'vitest';
import { failoversOf, startRegions } from './setup.js';

setTracingDisabled(true);

describe('@openai/agents with our client survives a region that dies under it', () => {
  test.each([
    ['responses', true],
    ['chat completions', false],
  ])('by way of %s', async (_api, useResponses) => {
    const { seoul, endpoints, trail, strangers } = await startRegions();
    const client = new OpenAI({
      baseURL: seoul.baseURL,
      apiKey: 'sk-seoul',
      router: { routing: 'priority', endpoints },
    });
    const failovers = failoversOf(client);
    setDefaultOpenAIClient(client);
    // A runner of its own, because the library's default one keeps the first client it has met.
    const runner = new Runner({ modelProvider: new OpenAIProvider({ useResponses }), tracingDisabled: true });
    const agent = new Agent({ name: 'Parrot', model: 'gpt-4.1' });
    expect((await runner.run(agent, 'echo: before')).finalOutput).toBe('before');

    seoul.fault({ kind: 'refuse' });
    expect((await runner.run(agent, 'echo: meanwhile')).finalOutput).toBe('meanwhile');
    const streamed = await runner.run(agent, 'echo: and streamed', { stream: true });
    let text = '';
    for await (const piece of streamed.toTextStream()) text += piece;
    await streamed.completed;
    expect(text).toBe('and streamed');
    expect(streamed.finalOutput).toBe('and streamed');
    expect(failovers).toEqual(['seoul/gpt-4.1 > tokyo/gpt-4.1', 'seoul/gpt-4.1 > tokyo/gpt-4.1']);
    expect(trail()).toBe('seoul:200 tokyo:200 tokyo:200');
    expect(strangers).toEqual([]);
  });
});
