import type { Reading, RequestView, Resource } from './request/read.js';
import { lookThrough } from './response/well-formed.js';

/**
 * Gives the answer when everything has failed: a text (chat completions, completions and responses), a whole answer of the resource,
 * or undefined to let the error through. What it throws is reported, and the error goes through as well.
 */
export type LastResort = (
  error: Error,
  request: RequestView,
) => string | object | undefined | Promise<string | object | undefined>;

/**
 * Makes a response of what {@link LastResort} gave; undefined when it cannot be one.
 * @throws TypeError for what is neither a text nor a whole answer
 */
export function lastResortResponse(
  given: string | object,
  { resource, model = '', streamed }: Reading,
): Response | undefined {
  const fault = faultOf(given, resource);
  if (fault) throw new TypeError(`lastResort must give a text, a whole answer or undefined, but gave ${fault}`);
  const answer = typeof given === 'string' ? answerOf(given, resource, model) : given;
  if (answer === undefined) return undefined;
  if (!streamed) return Response.json(answer);
  const events = eventsOf(answer as Record<string, unknown>, resource);
  return new Response(events, { headers: { 'content-type': 'text/event-stream' } });
}

function faultOf(given: unknown, resource: Resource | undefined): string | undefined {
  if (typeof given === 'string') return undefined;
  const isWhole = typeof given === 'object' && given !== null;
  return isWhole ? lookThrough(JSON.stringify(given), resource).fault : typeof given;
}

const stamp = () => ({ id: `lastresort-${crypto.randomUUID()}`, created: Math.floor(Date.now() / 1000) });
const NO_USAGE = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

function answerOf(text: string, resource: Resource | undefined, model: string): object | undefined {
  const { id, created } = stamp();
  if (resource === 'chat.completions') {
    const message = { role: 'assistant', content: text, refusal: null };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
    return { id, object: 'chat.completion', created, model, choices, usage: NO_USAGE };
  }
  if (resource === 'completions') {
    const choices = [{ index: 0, text, logprobs: null, finish_reason: 'stop' }];
    return { id, object: 'text_completion', created, model, choices, usage: NO_USAGE };
  }
  return resource === 'responses' ? responseOf(text, { id, created, model }) : undefined;
}

function responseOf(text: string, { id, created, model }: { id: string; created: number; model: string }): object {
  const content = [{ type: 'output_text', text, annotations: [] }];
  const output = [{ id: `msg-${id}`, type: 'message', role: 'assistant', status: 'completed', content }];
  const usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
  return { id, object: 'response', created_at: created, model, status: 'completed', error: null, output, usage };
}

/** A whole answer as the stream that a caller who asked for one expects. */
function eventsOf(answer: Record<string, unknown>, resource: Resource | undefined): string {
  if (resource === 'responses') return typedEventsOf(answer);
  const { choices, usage: _usage, ...rest } = answer;
  const object = resource === 'chat.completions' ? 'chat.completion.chunk' : rest.object;
  const list = Array.isArray(choices) ? (choices as Record<string, unknown>[]) : [];
  const pieces = list.map(({ message, ...choice }) => (message ? { ...choice, delta: deltaOf(message) } : choice));
  return `data: ${JSON.stringify({ ...rest, object, choices: pieces })}\n\ndata: [DONE]\n\n`;
}

/** A message as one delta: only there do tool calls have a place of their own. */
function deltaOf(message: object): object {
  const { tool_calls: calls } = message as { tool_calls?: unknown };
  if (!Array.isArray(calls)) return message;
  return { ...message, tool_calls: calls.map((call: object, index) => ({ index, ...call })) };
}

interface OutputItem {
  readonly id?: string;
  readonly type?: string;
  readonly content?: readonly { readonly type?: string; readonly text?: string }[];
}

function typedEventsOf(answer: Record<string, unknown>): string {
  const output = (Array.isArray(answer.output) ? answer.output : []) as readonly OutputItem[];
  const events: Record<string, unknown>[] = [
    { type: 'response.created', response: { ...answer, status: 'in_progress', output: [] } },
  ];
  for (const [index, item] of output.entries()) {
    // Only messages grow part by part; a tool call or a reasoning item is there as a whole.
    const parts = item.type === 'message' ? (item.content ?? []) : [];
    const begun = item.type === 'message' ? { ...item, content: [] } : item;
    events.push({ type: 'response.output_item.added', output_index: index, item: begun });
    for (const [place, part] of parts.entries()) {
      const at = { item_id: item.id, output_index: index, content_index: place };
      const isText = part.type === 'output_text';
      const { text = '' } = part;
      events.push({ type: 'response.content_part.added', ...at, part: isText ? { ...part, text: '' } : part });
      if (isText) {
        events.push({ type: 'response.output_text.delta', ...at, delta: text, logprobs: [] });
        events.push({ type: 'response.output_text.done', ...at, text, logprobs: [] });
      }
      events.push({ type: 'response.content_part.done', ...at, part });
    }
    events.push({ type: 'response.output_item.done', output_index: index, item });
  }
  events.push({ type: 'response.completed', response: answer });
  return events
    .map((event, number) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: number })}\n\n`)
    .join('');
}
