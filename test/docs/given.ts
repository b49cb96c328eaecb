// What the blocks of the pages take for granted: the client and the answer of the block before, and their reader's own things.
import OpenAI from 'breakwater';

export { readFile, writeFile } from 'node:fs/promises';
export { createOpenAI } from '@ai-sdk/openai';

export const client = new OpenAI({
  apiKey: 'any',
  router: {
    endpoints: [
      { id: 'seoul', baseURL: 'https://seoul.example.com/v1', apiKey: 'key-of-seoul' },
      { id: 'tokyo', baseURL: 'https://tokyo.example.com/v1', apiKey: 'key-of-tokyo' },
    ],
  },
});
export const answer = await client.chat.completions.create({
  model: 'gpt-4.1',
  messages: [{ role: 'user', content: 'Hello' }],
});

export const item = 'rope';
export const { signal } = new AbortController();
export const lastKnown = new Map([[item, 3]]);
export const fetchStock = async (_item: string): Promise<number> => 4;
