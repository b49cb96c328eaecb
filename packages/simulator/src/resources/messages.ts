import { tokensOf } from '../answers/text.js';

type Message = Readonly<Record<string, unknown>>;

/** The text of a message's content, be it a string or a list of parts. */
export function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => (typeof part === 'object' && part !== null ? String((part as Message).text ?? '') : ''))
    .join('');
}

/** What the user said last, and whether a tool has answered since. */
export function lastTurn(
  messages: readonly Message[],
  isToolAnswer: (message: Message) => boolean,
): { text: string; toolsAnswered: boolean } {
  const index = messages.findLastIndex(({ role }) => role === 'user');
  return { text: textIn(messages[index]?.content), toolsAnswered: messages.slice(index + 1).some(isToolAnswer) };
}

/** How many tokens a conversation counts; each message costs three more for its frame. */
export function countTokens(messages: readonly Message[]): number {
  return messages.reduce((sum, { content }) => sum + 3 + tokensOf(textIn(content)).length, 0);
}
