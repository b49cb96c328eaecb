import type { StreamEvent } from '../answers/answer.js';

interface OutputText {
  readonly type: 'output_text';
  readonly text: string;
  readonly annotations: readonly [];
  readonly logprobs: readonly [];
}

/** What the model said or wants called, as the API lists it in `output`. */
export type OutputItem = { readonly id: string; readonly status: 'completed' | 'incomplete' } & (
  | { readonly type: 'message'; readonly role: 'assistant'; readonly content: readonly [OutputText] }
  | { readonly type: 'function_call'; readonly call_id: string; readonly name: string; readonly arguments: string }
);

interface Written {
  /** The response at its start and at its end. */
  readonly pending: object;
  readonly ended: { readonly status: OutputItem['status'] };
  readonly item: OutputItem;
  readonly tokens: readonly string[];
}

type Draft = Omit<StreamEvent, 'data' | 'name'> & { readonly type: string; readonly fields: object };

/** The events of a streamed response, numbered in their order; there is no `[DONE]` in this API. */
export function eventsOf({ pending, ended, item, tokens }: Written): StreamEvent[] {
  const drafts: Draft[] = [
    around('response.created', 'opening', { response: pending }),
    around('response.in_progress', 'opening', { response: pending }),
    ...itemEvents(item, tokens),
    around(`response.${ended.status}`, 'ending', { response: ended }),
  ];
  return drafts.map(({ type, fields, tokens: count, part }, index) => ({
    name: type,
    data: { type, sequence_number: index, ...fields },
    tokens: count,
    part,
  }));
}

function itemEvents(item: OutputItem, tokens: readonly string[]): Draft[] {
  const place = { item_id: item.id, output_index: 0 };
  const deltas = (type: string, where: object): Draft[] =>
    tokens.map((delta) => ({
      type,
      fields: { ...where, delta, ...(item.type === 'message' && { logprobs: [] }) },
      tokens: 1,
      part: 'content',
    }));
  if (item.type === 'function_call') {
    return [
      around('response.output_item.added', 'content', {
        output_index: 0,
        item: { ...item, status: 'in_progress', arguments: '' },
      }),
      ...deltas('response.function_call_arguments.delta', place),
      around('response.function_call_arguments.done', 'content', {
        ...place,
        name: item.name,
        arguments: item.arguments,
      }),
      around('response.output_item.done', 'content', { output_index: 0, item }),
    ];
  }
  const inPart = { ...place, content_index: 0 };
  const [part] = item.content;
  return [
    around('response.output_item.added', 'content', {
      output_index: 0,
      item: { ...item, status: 'in_progress', content: [] },
    }),
    around('response.content_part.added', 'content', { ...inPart, part: { ...part, text: '' } }),
    ...deltas('response.output_text.delta', inPart),
    around('response.output_text.done', 'content', { ...inPart, text: part.text, logprobs: [] }),
    around('response.content_part.done', 'content', { ...inPart, part }),
    around('response.output_item.done', 'content', { output_index: 0, item }),
  ];
}

/** An event that frames the answer and carries no token of it. */
function around(type: string, part: StreamEvent['part'], fields: object): Draft {
  return { type, fields, tokens: 0, part };
}
