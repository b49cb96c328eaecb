/** What every request of the bench asks: a system prompt and one question, as most production calls do. */
export const QUESTION = {
  model: 'gpt-4.1',
  messages: [
    { role: 'system' as const, content: 'You answer questions about a shop: orders, parcels and refunds. Be brief.' },
    { role: 'user' as const, content: 'Where is my parcel 4711, and when will it be here? '.repeat(4) },
  ],
  temperature: 0.2,
};

/** Chunks of a streamed answer; the figure "per chunk" is the whole stream's divided by this. */
export const CHUNKS = 200;

const SENTENCE = 'Your parcel left the depot this morning and will be with you before six this evening. ';

/** A whole answer of about 1.1 KB, which is what a short answer weighs with everything around it. */
export const ANSWER = JSON.stringify({
  id: 'chatcmpl-BvK2v6nPq',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'gpt-4.1-2025-04-14',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: SENTENCE.repeat(6), refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 71,
    completion_tokens: 96,
    total_tokens: 167,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  },
  service_tier: 'default',
  system_fingerprint: 'fp_51e1070cf2',
});

const EVENT = {
  id: 'chatcmpl-BvK2v6nPq',
  object: 'chat.completion.chunk',
  created: 1_760_000_000,
  model: 'gpt-4.1-2025-04-14',
  service_tier: 'default',
  system_fingerprint: 'fp_51e1070cf2',
};

function eventOf(delta: object, finish_reason: string | null): string {
  return `data: ${JSON.stringify({ ...EVENT, choices: [{ index: 0, delta, logprobs: null, finish_reason }], obfuscation: 'a1B2c3' })}\n\n`;
}

/** The streamed answer, chunk by chunk: a role, words, a finish, and the terminator in the last chunk. */
export const EVENTS: readonly string[] = [
  eventOf({ role: 'assistant', content: '', refusal: null }, null),
  ...Array.from({ length: CHUNKS - 2 }, (_, index) => eventOf({ content: ` word${index}` }, null)),
  `${eventOf({}, 'stop')}data: [DONE]\n\n`,
];

/** Whether a request's body asks for a stream; cheap, because the bench must not measure itself. */
export const asksForStream = (body: unknown): boolean => typeof body === 'string' && body.includes('"stream":true');
