import type { Question, Tool } from '../answers/question.js';
import type { RegionSettings } from '../options.js';
import { invalid, wrongType } from './complaints.js';
import { readGoingOn } from './going-on.js';
import { countTokens, lastTurn } from './messages.js';
import { integerOf, numberOf } from './numbers.js';
import { objectAt, objectsOf } from './objects.js';
import { flagOf, required } from './params.js';

type Params = Readonly<Record<string, unknown>>;

/** A chat request, checked. */
export interface ChatRequest {
  readonly question: Omit<Question, 'choice'>;
  readonly choices: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly promptTokens: number;
}

/** What a chat request is read for. */
export interface ChatTerms extends Pick<Question, 'seed' | 'model' | 'answerTokens'> {
  readonly settings: RegionSettings;
}

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];
const ANY_COUNT = [1, 1_000_000] as const;

/** Reads and checks a chat request; throws the API's 400 about the first field at fault. */
export function readChat(params: Params, { settings, ...about }: ChatTerms): ChatRequest {
  const said = readMessages(params);
  const { messages, goingOn } = readGoingOn(said, settings);
  const tools = objectsOf(params, 'tools').map(readTool);
  const stream = flagOf(params, 'stream');
  if (!stream && params.stream_options !== undefined && params.stream_options !== null) {
    throw invalid('stream_options', "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  }
  numberOf(params, 'temperature', [0, 2]);
  numberOf(params, 'top_p', [0, 1]);
  const turn = lastTurn(messages, ({ role }) => role === 'tool' || role === 'function');
  const maxTokens = integerOf(params, 'max_completion_tokens', ANY_COUNT) ?? integerOf(params, 'max_tokens', ANY_COUNT);
  return {
    question: {
      ...about,
      conversation: messages,
      goingOn,
      lastUserText: turn.text,
      tools,
      toolChoice: readToolChoice(params, tools),
      toolsAnswered: turn.toolsAnswered,
      format: readFormat(params),
      maxTokens,
    },
    choices: integerOf(params, 'n', [1, 128]) ?? 1,
    stream,
    includeUsage: objectAt(params, 'stream_options').include_usage === true,
    promptTokens: countTokens(said),
  };
}

function readMessages(params: Params): Params[] {
  required(params, 'messages');
  const messages = objectsOf(params, 'messages');
  if (messages.length === 0) {
    throw invalid(
      'messages',
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'empty_array',
    );
  }
  messages.forEach(({ role, content }, index) => {
    const place = `messages[${index}]`;
    if (role === undefined)
      throw invalid(`${place}.role`, `Missing required parameter: '${place}.role'.`, 'missing_required_parameter');
    if (!ROLES.includes(String(role))) {
      const names = ROLES.map((name) => `'${name}'`).join(', ');
      throw invalid(
        `${place}.role`,
        `Invalid value: '${String(role)}'. Supported values are: ${names}.`,
        'invalid_value',
      );
    }
    const empty = content === undefined || content === null;
    if (empty && role !== 'assistant') {
      throw invalid(`${place}.content`, `Invalid value for 'content': expected a string, got null.`);
    }
    if (!empty && typeof content !== 'string' && !Array.isArray(content)) {
      throw wrongType(`${place}.content`, 'one of a string or array of objects', content);
    }
  });
  return messages;
}

function readTool(tool: Params, index: number): Tool {
  const { name, parameters } = objectAt(tool, 'function');
  if (typeof name !== 'string' || name === '') {
    const param = `tools[${index}].function.name`;
    throw invalid(param, `Missing required parameter: '${param}'.`, 'missing_required_parameter');
  }
  return { name, parameters: parameters ?? { type: 'object', properties: {} } };
}

function readToolChoice(params: Params, tools: readonly Tool[]): Question['toolChoice'] {
  const choice = params.tool_choice ?? 'auto';
  if (tools.length === 0 && params.tool_choice !== undefined && choice !== 'none') {
    throw invalid('tool_choice', "'tool_choice' is only allowed when 'tools' are specified.");
  }
  if (choice === 'none' || choice === 'auto' || choice === 'required') return choice;
  const { name } = objectAt(params.tool_choice, 'function');
  if (typeof name !== 'string' || !tools.some((tool) => tool.name === name)) {
    throw invalid('tool_choice', `Tool choice '${String(name)}' not found in 'tools' parameter.`);
  }
  return { name };
}

function readFormat(params: Params): Question['format'] {
  const format = objectAt(params, 'response_format');
  if (format.type === 'json_object') return 'json';
  if (format.type !== 'json_schema') return 'text';
  const { name, schema } = objectAt(format, 'json_schema');
  if (typeof name !== 'string') {
    const param = 'response_format.json_schema.name';
    throw invalid(param, `Missing required parameter: '${param}'.`, 'missing_required_parameter');
  }
  return { schema: schema ?? {} };
}
