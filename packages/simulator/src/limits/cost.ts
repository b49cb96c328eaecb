import type { Answer } from '../answers/answer.js';
import { tokensOf } from '../answers/text.js';

type Params = Readonly<Record<string, unknown>>;

/**
 * What a request is charged before its answer is known: as providers do, the larger of what it says may be answered and of what its
 * prompt is estimated to be.
 */
export function costOf(params: Params): number {
  const limits = [params.max_completion_tokens, params.max_tokens, params.max_output_tokens];
  return Math.max(promptTokens(params), ...limits.filter((most) => typeof most === 'number'));
}

/** What it took when it was answered: its prompt and its answer. */
export function actualCost(params: Params, answer: Answer): number {
  return promptTokens(params) + answerTokens(answer);
}

function promptTokens({ messages, input, prompt }: Params): number {
  const asked = messages ?? input ?? prompt ?? '';
  return tokensOf(typeof asked === 'string' ? asked : JSON.stringify(asked)).length;
}

function answerTokens(answer: Answer): number {
  if (answer.form === 'events') return answer.events.reduce((sum, { tokens }) => sum + tokens, 0);
  return answer.form === 'json' ? (answer.tokens ?? 0) : 0;
}
