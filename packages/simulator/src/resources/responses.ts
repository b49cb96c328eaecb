import { type Answer, json } from '../answers/answer.js';
import { Rejection } from '../answers/rejection.js';
import { type Reply, reply } from '../answers/reply.js';
import { decode } from '../requests/decode.js';
import type { Resource } from './call.js';
import { checkModel } from './models.js';
import { flagOf } from './params.js';
import { eventsOf, type OutputItem } from './response-events.js';
import { type ResponseRequest, readResponse } from './response-params.js';
import type { World } from './world.js';

/** Creates a response: POST /responses, as JSON or as typed events. */
export const createResponse: Resource = ({ params, model }, world) => {
  checkModel(model, world);
  const request = readResponse(params, { seed: world.seed, model, answerTokens: world.answerTokens });
  checkPrevious(request.previousId, world);
  const answered = reply(request.question);
  const pending = frameOf(request, world);
  const item = itemOf(answered, world);
  const ended = {
    ...pending,
    status: item.status,
    incomplete_details: answered.shortened ? { reason: 'max_output_tokens' } : null,
    output: [item],
    usage: usageOf(request.promptTokens, answered),
  };
  if (request.store) world.responses.set(String(pending.id), ended);
  if (!flagOf(params, 'stream')) return json(ended, answered.tokens.length);
  return { form: 'events', events: eventsOf({ pending, ended, item, tokens: answered.tokens }) };
};

/** Finds a stored response again: GET /responses/{id}. */
export const retrieveResponse: Resource = ({ path }, { responses }) => json(find(path, responses));

/** Forgets a stored response: DELETE /responses/{id}. */
export const deleteResponse: Resource = ({ path }, { responses }): Answer => {
  const { id } = find(path, responses);
  responses.delete(String(id));
  return json({ id, object: 'response', deleted: true });
};

function find(path: string, responses: World['responses']) {
  const id = decode(path.slice('/responses/'.length));
  const found = responses.get(id);
  if (found === undefined) throw new Rejection(404, { message: `Response with id '${id}' not found.` });
  return found;
}

function checkPrevious(id: string | undefined, { responses }: World): void {
  if (id === undefined || responses.has(id)) return;
  throw new Rejection(400, {
    message: `Previous response with id '${id}' not found.`,
    param: 'previous_response_id',
    code: 'previous_response_not_found',
  });
}

/** The response before its first token; what the caller asked for is repeated in it, as the API does. */
function frameOf({ question, shown, store }: ResponseRequest, world: World): Record<string, unknown> {
  return {
    id: world.identify('resp_'),
    object: 'response',
    created_at: world.seconds(),
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    ...shown,
    model: question.model,
    output: [],
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store,
    truncation: 'disabled',
    usage: null,
    user: null,
  };
}

function itemOf({ tokens, tool, shortened }: Reply, world: World): OutputItem {
  const text = tokens.join('');
  const status = shortened ? 'incomplete' : 'completed';
  if (tool !== undefined) {
    const [id, callId] = [world.identify('fc_'), world.identify('call_')];
    return { id, type: 'function_call', status, call_id: callId, name: tool.name, arguments: text };
  }
  const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }] as const;
  return { id: world.identify('msg_'), type: 'message', status, role: 'assistant', content };
}

function usageOf(inputTokens: number, { tokens }: Reply): object {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: tokens.length,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + tokens.length,
  };
}
