import type { RegionOptions } from '@breakwater/simulator';
import type OpenAI from 'breakwater';
import type { RouterOptions } from 'breakwater';
import type Official from 'openai';
import { question, start } from './setup.js';

/** Sixty tokens. */
export const SIXTY = Array.from({ length: 60 }, (_, index) => `word${index + 1}`).join(' ');

/** A streamed question whose answer is known. */
export const asked = { ...question(`echo: ${SIXTY}`), stream: true as const };

/** What is different in a world. */
export interface Difference {
  readonly router?: RouterOptions;
  readonly seoul?: RegionOptions;
  readonly tokyo?: RegionOptions;
  /** Of each endpoint. */
  readonly limits?: { readonly tokensPerMinute: number };
  /** How tokyo is said to go on with its last turn. @default what is known of the model by its name */
  readonly prefill?: 'plain' | 'prefix' | 'continue_final_message' | false;
}

/** Seoul, which is asked first, and tokyo, which is to go on. */
export function startBroken({ router = {}, seoul = {}, tokyo = {}, prefill, limits }: Difference = {}) {
  return start({
    simulator: { regions: { seoul, tokyo } },
    router,
    endpoint: ({ name }) => ({
      ...(limits && { limits }),
      ...(name === 'tokyo' && prefill !== undefined && { prefill }),
    }),
  });
}

type Chunk = Official.ChatCompletionChunk;

/** All of a stream, and the error that ended it, if one did. */
export interface ReadOut {
  readonly chunks: readonly Chunk[];
  readonly text: string;
  readonly error: unknown;
}

/** Reads a stream to its end, whichever that is. */
export async function readOut(stream: AsyncIterable<Chunk>): Promise<ReadOut> {
  const chunks: Chunk[] = [];
  let error: unknown;
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch (thrown) {
    error = thrown;
  }
  return { chunks, text: chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), error };
}

/** Asks the question, or one like it, and reads the answer. */
export async function answerOf(client: OpenAI, more: object = {}, options: object = {}): Promise<ReadOut> {
  return readOut(await client.chat.completions.create({ ...asked, ...more }, options));
}
