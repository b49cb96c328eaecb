import { json, type StreamEvent } from '../answers/answer.js';
import type { GoingOn } from '../answers/question.js';
import { type Reply, reply } from '../answers/reply.js';
import { tokensOf } from '../answers/text.js';
import type { Resource } from './call.js';
import { wrongType } from './complaints.js';
import { checkModel } from './models.js';
import { integerOf } from './numbers.js';
import { objectAt } from './objects.js';
import { flagOf, required } from './params.js';

/** Completes texts: POST /completions, the oldest of the text resources, as JSON or as a stream. */
export const completeText: Resource = ({ params, model }, world) => {
  checkModel(model, world);
  const prompts = readPrompts(required(params, 'prompt'));
  const count = integerOf(params, 'n', [1, 128]) ?? 1;
  const maxTokens = integerOf(params, 'max_tokens', [0, 1_000_000]) ?? 16;
  const asked = prompts.map(readPrompt);
  const replies = asked.flatMap(({ prompt, goingOn }) =>
    Array.from({ length: count }, (_, choice) =>
      reply({
        ...{ seed: world.seed, model, choice, maxTokens, answerTokens: world.answerTokens },
        ...{ conversation: prompt, lastUserText: prompt, format: 'text', goingOn },
        ...{ tools: [], toolChoice: 'none', toolsAnswered: false },
      }),
    ),
  );
  const frame = { id: world.identify('cmpl-'), object: 'text_completion', created: world.seconds(), model };
  const usage = usageOf(prompts, replies);
  if (flagOf(params, 'stream')) {
    const includeUsage = objectAt(params, 'stream_options').include_usage === true;
    return { form: 'events', events: eventsOf({ frame, replies, usage: includeUsage ? usage : undefined }) };
  }
  const choices = replies.map((one, index) => choiceOf(one.tokens.join(''), index, finishOf(one)));
  return json({ ...frame, choices, usage }, usage.completion_tokens);
};

interface Streaming {
  readonly frame: object;
  readonly replies: readonly Reply[];
  readonly usage: object | undefined;
}

function eventsOf({ frame, replies, usage }: Streaming): StreamEvent[] {
  const event = (choices: readonly object[], tokens: number, part: StreamEvent['part']): StreamEvent => ({
    data: { ...frame, choices, ...(usage && { usage: null }) },
    tokens,
    part,
  });
  return [
    ...replies.flatMap(({ tokens }, index) => tokens.map((text) => event([choiceOf(text, index, null)], 1, 'content'))),
    ...replies.map((one, index) => event([choiceOf('', index, finishOf(one))], 0, 'ending')),
    ...(usage ? [{ data: { ...frame, choices: [], usage }, tokens: 0, part: 'ending' } as const] : []),
    { data: '[DONE]', tokens: 0, part: 'terminator' },
  ];
}

function readPrompts(prompt: unknown): string[] {
  if (typeof prompt === 'string') return [prompt];
  if (!Array.isArray(prompt) || prompt.length === 0) throw wrongType('prompt', 'a string or a non-empty array', prompt);
  if (prompt.every((item) => typeof item === 'number')) return [prompt.join(' ')];
  return prompt.map((item: unknown) => (Array.isArray(item) ? item.join(' ') : String(item)));
}

/** The question, the text that it asks for, and what has been said of it. */
const ECHO = /^(\s*echo: ?(.*?\n\n))(.+)$/is;

/** A prompt that asks for an echo ends with a blank line; what stands behind that is the answer so far. */
function readPrompt(prompt: string): { prompt: string; goingOn?: GoingOn } {
  const [, question = prompt, answer = '', said = ''] = ECHO.exec(prompt) ?? [];
  if (said === '' || !answer.startsWith(said)) return { prompt };
  return { prompt: question, goingOn: { said, lead: '', isNewTurn: false } };
}

const choiceOf = (text: string, index: number, finish: string | null) => ({
  text,
  index,
  logprobs: null,
  finish_reason: finish,
});
const finishOf = ({ shortened }: Reply): string => (shortened ? 'length' : 'stop');

function usageOf(prompts: readonly string[], replies: readonly Reply[]) {
  const promptTokens = prompts.reduce((sum, prompt) => sum + tokensOf(prompt).length, 0);
  const completionTokens = replies.reduce((sum, { tokens }) => sum + tokens.length, 0);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}
