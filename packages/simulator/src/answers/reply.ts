import type { GoingOn, Question, Tool } from './question.js';
import { randomOf } from './random.js';
import { drawInstance } from './schema.js';
import { drawText, tokensOf } from './text.js';

/** An answer in its tokens. */
export interface Reply {
  readonly tokens: readonly string[];
  /** The tool to call; the tokens are its arguments then. */
  readonly tool: Tool | undefined;
  /** Whether `maxTokens` cut it short. */
  readonly shortened: boolean;
}

/** Answers a question: the same question gives the same answer, and "echo: x" gives x. */
export function reply(question: Question): Reply {
  const { seed, model, choice, conversation, maxTokens = Number.POSITIVE_INFINITY } = question;
  const random = randomOf(seed, model, String(choice), JSON.stringify(conversation));
  const tool = toolFor(question);
  const all = tokensOf(
    tool === undefined ? restOf(answer(), question.goingOn) : JSON.stringify(drawInstance(tool.parameters, random)),
  );
  return { tokens: all.slice(0, maxTokens), tool, shortened: all.length > maxTokens };

  function answer(): string {
    const { format, lastUserText, answerTokens } = question;
    const echo = /^\s*echo: ?(.*)$/is.exec(lastUserText)?.[1];
    if (echo !== undefined) return echo;
    if (format === 'text') return drawText(random, answerTokens);
    if (format === 'json') return JSON.stringify({ answer: drawText(random, [3, 6]) });
    return JSON.stringify(drawInstance(format.schema, random));
  }
}

/** The rest of an answer; all of it where it begins with other words than were said. */
function restOf(whole: string, goingOn: GoingOn | undefined): string {
  if (!goingOn || !whole.startsWith(goingOn.said)) return whole;
  const { said, lead, isNewTurn } = goingOn;
  const rest = whole.slice(said.length);
  return isNewTurn && lead === '' ? rest.trimStart() : lead + rest;
}

function toolFor({ tools, toolChoice, toolsAnswered, lastUserText }: Question): Tool | undefined {
  if (toolsAnswered || toolChoice === 'none') return undefined;
  const said = lastUserText.toLowerCase();
  const named = tools.find(({ name }) => said.includes(`call ${name.toLowerCase()}`));
  if (typeof toolChoice === 'object') return tools.find(({ name }) => name === toolChoice.name);
  return toolChoice === 'required' ? (named ?? tools[0]) : named;
}
