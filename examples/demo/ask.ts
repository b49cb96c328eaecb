import { isStreamInterruptedError, routeOf } from 'breakwater';
import OpenAI from 'openai';
import type { Contestant } from './contestants.ts';
import type { Question } from './traffic.ts';

/** How one question came out for one client. */
export interface Result {
  readonly question: Question;
  /** Undefined if it was answered, and rightly; else why it counts as lost. */
  readonly loss: string | undefined;
  /** From asking to the last word of the answer, or to the failure. */
  readonly durationMs: number;
  /** The attempts that were made, where the client can tell: `seoul/gpt-4.1:503 tokyo/gpt-4.1:ok`. */
  readonly trail: string | undefined;
}

/** Asks one question and judges the answer. Never rejects. */
export async function ask(contestant: Contestant, question: Question): Promise<Result> {
  const startedAt = performance.now();
  const end = (loss: string | undefined, of?: unknown): Result => {
    const trail = routeOf(of)
      ?.attempts.map(({ target, kind, status }) => `${target}:${kind === 'ok' ? kind : (status ?? kind)}`)
      .join(' ');
    return { question, loss, durationMs: performance.now() - startedAt, trail };
  };
  try {
    return end(judge(await textOf(contestant, question), question));
  } catch (error) {
    return end(kindOf(error), error);
  }
}

async function textOf({ client, requestOptions }: Contestant, { model, prompt, streamed }: Question): Promise<string> {
  const params = { model, messages: [{ role: 'user' as const, content: prompt }] };
  if (!streamed) {
    const completion = await client.chat.completions.create(params, requestOptions());
    return completion.choices[0]?.message.content ?? '';
  }
  const stream = await client.chat.completions.create({ ...params, stream: true }, requestOptions());
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

/** An answer that came without an error can still be none. */
function judge(text: string, { expected }: Question): string | undefined {
  if (text === '') return 'an empty answer, and no error';
  if (expected === undefined || text === expected) return undefined;
  return expected.startsWith(text) ? 'a cut answer, and no error' : 'a wrong answer';
}

function kindOf(error: unknown): string {
  if (isStreamInterruptedError(error)) return `the stream of ${error.target} was cut after its first word`;
  if (error instanceof OpenAI.APIUserAbortError || error instanceof OpenAI.APIConnectionTimeoutError)
    return 'no answer in time';
  if (error instanceof OpenAI.APIConnectionError) return 'connection failed';
  if (error instanceof OpenAI.APIError && error.status !== undefined) return `HTTP ${error.status}`;
  if (error instanceof SyntaxError) return 'an answer that is not JSON';
  if (error instanceof Error && /terminated|aborted|socket|ECONN/i.test(`${error.name} ${error.message}`))
    return 'connection broke';
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
