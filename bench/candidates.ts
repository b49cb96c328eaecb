import { OpenAI } from 'breakwater';
import { OpenAI as Official } from 'openai';
import { CHUNKS, QUESTION } from './payloads.ts';
import type { World } from './worlds.ts';

/** A client under measurement. */
export interface Candidate {
  readonly name: CandidateName;
  readonly client: Official;
}

/** `control` is the official client in a subclass's clothes: what it differs from 1 by is the bench's own error. `least` are not ours. */
export type CandidateName = 'official' | 'control' | 'one endpoint' | 'five endpoints' | `least: ${string}`;

/** The clients of one world; all retries and clocks stand at their defaults, as users have them. */
export function candidates({ baseURLs, fetch }: World): readonly Candidate[] {
  const [baseURL = ''] = baseURLs;
  const official = { baseURL, apiKey: 'sk-bench', fetch };
  // Each on another host than the client's own and with its own key: the way with the most to do.
  const endpoints = baseURLs.map((url, index) => ({
    id: `region-${index + 1}`,
    baseURL: url,
    apiKey: `sk-bench-${index + 1}`,
  }));
  return [
    { name: 'official', client: new Official(official) },
    { name: 'control', client: new OpenAI(official) },
    { name: 'one endpoint', client: new OpenAI({ ...official, router: {} }) },
    { name: 'five endpoints', client: new OpenAI({ apiKey: 'sk-bench', fetch, router: { endpoints } }) },
  ];
}

/** Asks once and looks at the answer, so that no client can be fast by doing nothing. */
export async function ask({ client }: Candidate, streamed: boolean): Promise<void> {
  if (!streamed) {
    const { choices } = await client.chat.completions.create(QUESTION);
    if (!choices[0]?.message.content) throw new Error('an empty answer');
    return;
  }
  let chunks = 0;
  for await (const _chunk of await client.chat.completions.create({ ...QUESTION, stream: true })) chunks += 1;
  if (chunks !== CHUNKS) throw new Error(`${chunks} chunks instead of ${CHUNKS}`);
}
