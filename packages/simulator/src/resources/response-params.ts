import type { Question, Tool } from '../answers/question.js';
import { invalid, wrongType } from './complaints.js';
import { countTokens, lastTurn } from './messages.js';
import { integerOf, numberOf } from './numbers.js';
import { objectAt, objectsOf } from './objects.js';
import { flagOf, required, textOf } from './params.js';

type Params = Readonly<Record<string, unknown>>;

/** A request for a response, checked. */
export interface ResponseRequest {
  readonly question: Question;
  /** What the response repeats of the request. */
  readonly shown: Params;
  readonly store: boolean;
  readonly previousId: string | undefined;
  readonly promptTokens: number;
}

/** Reads and checks a request for a response; throws the API's 400 about the first field at fault. */
export function readResponse(
  params: Params,
  about: Pick<Question, 'seed' | 'model' | 'answerTokens'>,
): ResponseRequest {
  const input = readInput(params);
  const instructions = textOf(params, 'instructions');
  const tools = objectsOf(params, 'tools').flatMap(readTool);
  const turn = lastTurn(input, ({ type }) => type === 'function_call_output');
  const previousId = textOf(params, 'previous_response_id');
  numberOf(params, 'temperature', [0, 2]);
  const maxTokens = integerOf(params, 'max_output_tokens', [1, 1_000_000]);
  return {
    question: {
      ...about,
      conversation: [instructions, previousId, input],
      lastUserText: turn.text,
      choice: 0,
      tools,
      toolChoice: readToolChoice(params, tools),
      toolsAnswered: turn.toolsAnswered || isToolAnswer(input),
      format: readFormat(params),
      maxTokens,
    },
    shown: {
      instructions: instructions ?? null,
      max_output_tokens: maxTokens ?? null,
      metadata: params.metadata ?? {},
      parallel_tool_calls: params.parallel_tool_calls ?? true,
      previous_response_id: previousId ?? null,
      temperature: params.temperature ?? 1,
      text: params.text ?? { format: { type: 'text' } },
      tool_choice: params.tool_choice ?? 'auto',
      tools: params.tools ?? [],
      top_p: params.top_p ?? 1,
    },
    store: params.store === undefined || params.store === null || flagOf(params, 'store'),
    previousId,
    promptTokens: countTokens([{ content: instructions }, ...input]),
  };
}

/** With `previous_response_id` a tool's answer comes alone, without the question before it. */
const isToolAnswer = (input: readonly Params[]): boolean => input.at(-1)?.type === 'function_call_output';

function readInput(params: Params): Params[] {
  const input = required(params, 'input');
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  if (!Array.isArray(input)) throw wrongType('input', 'a string or an array of input items', input);
  return objectsOf(params, 'input');
}

/** Tools that run at the provider are taken and never used. */
function readTool(tool: Params, index: number): Tool[] {
  if (tool.type !== 'function') return [];
  if (typeof tool.name !== 'string' || tool.name === '') {
    const param = `tools[${index}].name`;
    throw invalid(param, `Missing required parameter: '${param}'.`, 'missing_required_parameter');
  }
  return [{ name: tool.name, parameters: tool.parameters ?? { type: 'object', properties: {} } }];
}

function readToolChoice(params: Params, tools: readonly Tool[]): Question['toolChoice'] {
  const choice = params.tool_choice ?? 'auto';
  if (choice === 'none' || choice === 'auto' || choice === 'required') return choice;
  const { type, name } = objectAt(params, 'tool_choice');
  if (type !== 'function') return 'auto';
  if (typeof name !== 'string' || !tools.some((tool) => tool.name === name)) {
    throw invalid('tool_choice', `Tool choice '${String(name)}' not found in 'tools' parameter.`);
  }
  return { name };
}

function readFormat(params: Params): Question['format'] {
  const format = objectAt(params.text, 'format');
  if (format.type === 'json_object') return 'json';
  return format.type === 'json_schema' ? { schema: format.schema ?? {} } : 'text';
}
