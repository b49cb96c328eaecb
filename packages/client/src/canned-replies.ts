import { check } from '@breakwater/core';
import { OptionsError } from './errors.js';
import type { LastResort } from './last-resort.js';

/** One canned reply. */
export interface CannedReply {
  /** The reply is for requests that contain one of these words, upper and lower case being the same, or match one of these patterns. */
  readonly when: string | RegExp | readonly (string | RegExp)[];
  readonly reply: string;
}

const word = check.must(
  'a word or a pattern',
  (value) => (typeof value === 'string' && value !== '') || value instanceof RegExp,
);
const words = check.either('a word, a pattern, or a list of them', word, check.listOf(word));
const when: check.Check = (value, path, faults) => {
  if (!Array.isArray(value) || value.length > 0) words(value, path, faults);
  else faults.push(`${path} must name at least one word or pattern, but is an empty list`);
};
const rulesCheck = check.listOf(check.shape({ when, reply: check.text }, { required: ['when', 'reply'] }));

/**
 * A `lastResort` that answers by what the last user message is about: the first rule that fits wins, else `otherwise`; without that
 * the error goes through.
 * @throws OptionsError for rules that cannot be used
 */
export function cannedReplies(rules: readonly CannedReply[], otherwise?: string): LastResort {
  const faults = check.faultsOf(rulesCheck, rules, 'rules');
  if (faults.length > 0) throw new OptionsError(faults);
  return (_error, { params }) => {
    const question = questionOf(params);
    return rules.find(({ when }) => [when].flat().some((mark) => isIn(question, mark)))?.reply ?? otherwise;
  };
}

function isIn(question: string, mark: string | RegExp): boolean {
  if (typeof mark === 'string') return question.toLowerCase().includes(mark.toLowerCase());
  // A pattern with the g or y flag remembers where it stopped; a new search begins at the start.
  mark.lastIndex = 0;
  return mark.test(question);
}

/** What the user asked last, in each of the forms a request can have. */
function questionOf(params: unknown): string {
  const { messages, input, prompt } = (params ?? {}) as Record<string, unknown>;
  const turns = [messages, input].find(Array.isArray) as readonly { role?: string; content?: unknown }[] | undefined;
  const last = turns?.findLast((turn) => turn?.role === 'user')?.content;
  return textOf(last ?? input ?? prompt);
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (typeof part === 'string' ? part : String(part?.text ?? ''))).join(' ');
}
