import type { Prefill } from '../../providers/options.js';
import type { Delivered } from './answer.js';
import { lastWords } from './seam.js';

/**
 * How somebody else is asked to go on. `prefill`: the text stands as the last turn of the assistant, which the model goes on with by
 * itself. `instruction`: it is asked to, in a turn of the user's. `prompt`: a completion's prompt simply ends with the text.
 */
export type Form = 'prefill' | 'instruction' | 'prompt';

type Params = Readonly<Record<string, unknown>>;

/** The params of a request that goes on with an answer, and with what the model was told to begin. */
export interface Question {
  readonly params: Params;
  readonly anchor: string | undefined;
}

/** Asks for the rest of an answer. */
export function questionFor(
  params: Params,
  delivered: Delivered,
  { form, prefill = 'plain' }: { form: Form; prefill?: Prefill | undefined },
): Question {
  const { text } = delivered;
  const asked = { ...shortened(params, delivered.tokens) };
  if (form === 'prompt') return { params: { ...asked, prompt: `${params.prompt}${text}` }, anchor: undefined };
  const messages = (Array.isArray(params.messages) ? params.messages : []) as readonly unknown[];
  const assistant = { role: 'assistant', content: text };
  if (form === 'prefill') {
    const turn = prefill === 'prefix' ? { ...assistant, prefix: true } : assistant;
    const told =
      prefill === 'continue_final_message' ? { continue_final_message: true, add_generation_prompt: false } : {};
    return { params: { ...asked, ...told, messages: [...messages, turn] }, anchor: undefined };
  }
  const anchor = lastWords(text);
  const instruction = { role: 'user', content: instructionFor(anchor) };
  return { params: { ...asked, messages: [...messages, assistant, instruction] }, anchor };
}

/** The words are quoted so that the seam can be found: a model that goes on without them may leave out a space, or a word. */
function instructionFor(anchor: string): string {
  return (
    'Your last answer was cut off by a network fault. Go on with it from exactly where it ended, in the same language and form. ' +
    `Begin by repeating its last words exactly as they stand, ${JSON.stringify(anchor)}, and then go on. ` +
    'Write nothing before them, and do not mention this.'
  );
}

const LIMITS = ['max_tokens', 'max_completion_tokens'] as const;
/** Whatever is left, an answer can be brought to its end. */
const LEAST_TOKENS = 16;

/** What was delivered counts against the longest answer that was wanted. */
function shortened(params: Params, tokens: number): Params {
  const limits = LIMITS.flatMap((name) => {
    const limit = params[name];
    return typeof limit === 'number' ? [[name, Math.max(LEAST_TOKENS, limit - tokens)]] : [];
  });
  return { ...params, ...Object.fromEntries(limits) };
}

/** Why a request cannot be gone on with by anybody else; undefined when it can. */
export function obstacleInParams(params: unknown, form: Form): string | undefined {
  if (typeof params !== 'object' || params === null) return 'its params are not known';
  const { n, logprobs, response_format, tools, modalities, prompt, echo, best_of, suffix } = params as Params;
  if (typeof n === 'number' && n > 1) return 'it asks for several choices';
  if (typeof best_of === 'number' && best_of > 1) return 'it asks for the best of several';
  if (logprobs != null && logprobs !== false) return 'it asks for log probabilities';
  if (form === 'prompt') {
    if (typeof prompt !== 'string') return 'its prompt is not one text';
    return echo === true || suffix != null ? 'it asks for more than what follows on its prompt' : undefined;
  }
  const type = (response_format as { type?: unknown } | null | undefined)?.type;
  // A form that holds for the whole answer cannot hold for its rest.
  if (type !== undefined && type !== 'text') return 'it asks for structured output';
  if (Array.isArray(modalities) && modalities.some((one) => one !== 'text')) return 'it asks for more than text';
  return Array.isArray(tools) && (params as Params).tool_choice === 'required' ? 'it asks for a tool call' : undefined;
}
