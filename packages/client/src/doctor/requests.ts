import type { SeenLimits } from '@breakwater/core';
import type { OpenAI, RoutedRequestOptions } from 'breakwater';
import { onOneLine } from '../log/words.js';
import { limitsIn } from '../response/rate-headers.js';
import { failureOf, type RequestFailure } from './failure.js';
import { type Bounds, within } from './within.js';

/** Where requests go, and how long they may take. */
export interface Errand extends Bounds {
  readonly client: OpenAI;
  readonly endpoint: string;
}

/** What came of a request. */
export type Reply<Found> =
  | { readonly failure: RequestFailure }
  | ({ readonly ms: number; readonly limits: SeenLimits | undefined } & Found);

/** Asks for the list of models. Never rejects. */
export function listModels(errand: Errand): Promise<Reply<{ readonly ids: readonly string[] }>> {
  return sent(errand, async (options) => {
    const response = await errand.client.get('/models', options).asResponse();
    const text = await response.text();
    if (/html/i.test(response.headers.get('content-type') ?? '')) throw new NoListError('page');
    const ids = idsIn(text);
    if (!ids) throw new NoListError('no list');
    return { headers: response.headers, ids };
  });
}

/** Asks a model for a word. Never rejects. */
export function askForAnswer(errand: Errand, model: string): Promise<Reply<{ readonly text: string }>> {
  return sent(errand, async (options) => {
    const { data, response } = await errand.client.chat.completions.create(questionTo(model), options).withResponse();
    return { headers: response.headers, text: data.choices[0]?.message.content ?? '' };
  });
}

/** Asks a model for a word, streamed. Never rejects. */
export function askForStream(
  errand: Errand,
  model: string,
): Promise<Reply<{ readonly text: string; readonly firstTokenMs: number | undefined }>> {
  return sent(errand, async (options) => {
    const startedAt = performance.now();
    const question = { ...questionTo(model), stream: true as const };
    const { data, response } = await errand.client.chat.completions.create(question, options).withResponse();
    let text = '';
    let firstTokenMs: number | undefined;
    for await (const chunk of data) {
      const more = chunk.choices[0]?.delta.content ?? '';
      if (more !== '') firstTokenMs ??= Math.round(performance.now() - startedAt);
      text += more;
    }
    return { headers: response.headers, text, firstTokenMs };
  });
}

/** Without a limit of tokens: which word there is for one depends on the model. */
const questionTo = (model: string) => ({
  model,
  messages: [{ role: 'user' as const, content: 'Answer with the one word: ok' }],
});

/** What was answered is no list of models; the message is the kind of failure. */
class NoListError extends Error {}

async function sent<Found>(
  { client: _client, endpoint, ...bounds }: Errand,
  work: (options: RoutedRequestOptions) => Promise<Found & { readonly headers: Headers }>,
): Promise<Reply<Found>> {
  const startedAt = performance.now();
  try {
    const router = { endpoint, fallbacks: false as const };
    const { headers, ...found } = await within(bounds, (signal) => work({ signal, router }));
    const ms = Math.round(performance.now() - startedAt);
    return { ...(found as unknown as Found), ms, limits: limitsIn(headers, Date.now()) };
  } catch (error) {
    return { failure: error instanceof NoListError ? { kind: error.message } : failureOf(error) };
  }
}

/** The ids in a list of models; undefined for what is none. */
function idsIn(text: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    // Some answer with the bare list.
    const data: unknown = Array.isArray(list) ? list : (list as { data?: unknown }).data;
    if (!Array.isArray(data)) return undefined;
    return data.flatMap((one: { readonly id?: unknown } | null) =>
      typeof one?.id === 'string' ? [printable(one.id)] : [],
    );
  } catch {
    return undefined;
  }
}

const LONGEST_ID = 100;

/** Names come from a server and end in a terminal. */
const printable = (id: string): string => onOneLine(id).slice(0, LONGEST_ID);
