import { type Answer, json, type StreamEvent } from '../answers/answer.js';
import { type Reply, reply } from '../answers/reply.js';
import type { Resource } from './call.js';
import { readChat } from './chat-params.js';
import { checkModel } from './models.js';
import type { World } from './world.js';

/** Completes a chat: POST /chat/completions, as JSON or as a stream. */
export const completeChat: Resource = ({ params, model, settings }, world) => {
  checkModel(model, world);
  const request = readChat(params, { seed: world.seed, model, answerTokens: world.answerTokens, settings });
  const replies = Array.from({ length: request.choices }, (_, choice) => reply({ ...request.question, choice }));
  const usage = usageOf(request.promptTokens, replies);
  const frame = { id: world.identify('chatcmpl-'), created: world.seconds(), model };
  const answering = { frame, replies, usage, world };
  return request.stream ? asStream(answering, request.includeUsage) : asJson(answering);
};

interface Answering {
  readonly frame: { readonly id: string; readonly created: number; readonly model: string };
  readonly replies: readonly Reply[];
  readonly usage: object;
  readonly world: World;
}

function asJson({ frame, replies, usage, world }: Answering): Answer {
  const choices = replies.map((one, index) => ({
    index,
    message: messageOf(one, world),
    logprobs: null,
    finish_reason: finishOf(one),
  }));
  const { id, ...rest } = frame;
  const body = {
    id,
    object: 'chat.completion',
    ...rest,
    choices,
    usage,
    service_tier: 'default',
    system_fingerprint: 'fp_simulator',
  };
  return json(
    body,
    replies.reduce((sum, { tokens }) => sum + tokens.length, 0),
  );
}

function messageOf({ tokens, tool }: Reply, world: World): object {
  const text = tokens.join('');
  if (tool === undefined) return { role: 'assistant', content: text, refusal: null, annotations: [] };
  const call = { id: world.identify('call_'), type: 'function', function: { name: tool.name, arguments: text } };
  return { role: 'assistant', content: null, tool_calls: [call], refusal: null, annotations: [] };
}

function asStream({ frame, replies, usage, world }: Answering, includeUsage: boolean): Answer {
  const { id, ...rest } = frame;
  const chunk = (choices: readonly object[], total: object | null): object => ({
    id,
    object: 'chat.completion.chunk',
    ...rest,
    service_tier: 'default',
    system_fingerprint: 'fp_simulator',
    choices,
    ...(includeUsage && { usage: total }),
  });
  const event = (
    index: number,
    delta: object,
    about: { part: StreamEvent['part']; tokens?: number; finish?: string },
  ): StreamEvent => ({
    data: chunk([{ index, delta, logprobs: null, finish_reason: about.finish ?? null }], null),
    tokens: about.tokens ?? 0,
    part: about.part,
  });
  const longest = Math.max(...replies.map(({ tokens }) => tokens.length));
  const events = [
    ...replies.map((one, index) => event(index, openingOf(one, world), { part: 'opening' })),
    // Choices are written side by side, one token of each in turn.
    ...Array.from({ length: longest }, (_, position) =>
      replies.flatMap(({ tokens, tool }, index) => {
        const token = tokens[position];
        if (token === undefined) return [];
        const delta =
          tool === undefined ? { content: token } : { tool_calls: [{ index: 0, function: { arguments: token } }] };
        return [event(index, delta, { part: 'content', tokens: 1 })];
      }),
    ).flat(),
    ...replies.map((one, index) => event(index, {}, { part: 'ending', finish: finishOf(one) })),
  ];
  if (includeUsage) events.push({ data: chunk([], usage), tokens: 0, part: 'ending' });
  return { form: 'events', events: [...events, { data: '[DONE]', tokens: 0, part: 'terminator' }] };
}

function openingOf({ tool }: Reply, world: World): object {
  if (tool === undefined) return { role: 'assistant', content: '', refusal: null };
  const call = {
    index: 0,
    id: world.identify('call_'),
    type: 'function',
    function: { name: tool.name, arguments: '' },
  };
  return { role: 'assistant', content: null, tool_calls: [call], refusal: null };
}

const finishOf = ({ tool, shortened }: Reply): string =>
  shortened ? 'length' : tool === undefined ? 'stop' : 'tool_calls';

function usageOf(promptTokens: number, replies: readonly Reply[]): object {
  const completionTokens = replies.reduce((sum, { tokens }) => sum + tokens.length, 0);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
