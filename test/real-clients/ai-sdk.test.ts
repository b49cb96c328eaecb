import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';
import { createFetch } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { failoversOf, startRegions } from './setup.js';

describe('the AI SDK with our fetch survives a region that dies under it', () => {
  test.each(['responses', 'chat'] as const)('by way of %s', async (api) => {
    const { seoul, endpoints, trail, strangers } = await startRegions();
    const routed = createFetch({ routing: 'priority', endpoints, baseURL: seoul.baseURL });
    const failovers = failoversOf(routed);
    const model = createOpenAI({ baseURL: seoul.baseURL, apiKey: 'sk-seoul', fetch: routed })[api]('gpt-4.1');
    expect((await generateText({ model, prompt: 'echo: before', maxRetries: 0 })).text).toBe('before');

    seoul.fault({ kind: 'refuse' });
    expect((await generateText({ model, prompt: 'echo: meanwhile', maxRetries: 0 })).text).toBe('meanwhile');
    let text = '';
    for await (const piece of streamText({ model, prompt: 'echo: and streamed', maxRetries: 0 }).textStream)
      text += piece;
    expect(text).toBe('and streamed');
    expect(failovers).toEqual(['seoul/gpt-4.1 > tokyo/gpt-4.1', 'seoul/gpt-4.1 > tokyo/gpt-4.1']);
    expect(trail()).toBe('seoul:200 tokyo:200 tokyo:200');
    expect(routed.router.stats()).toMatchObject({ requests: { started: 3, succeeded: 3 } });
    expect(strangers).toEqual([]);
  });
});
