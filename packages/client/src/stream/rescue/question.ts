import type { Prefill } from '../../providers/options.js';
import { countTokens } from '../../request/count-tokens.js';
import type { Delivered } from './answer.js';
import { lastWords } from './last-words.js';

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
  /** The white space at the end of the text that is not in them. @default all of the text is */
  readonly unshown?: string;
}

/** Asks for the rest of an answer. */
export function questionFor(
  params: Params,
  delivered: Delivered,
  { form, prefill = 'plain' }: { form: Form; prefill?: Prefill | undefined },
): Question {
  const { text } = delivered;
  if (form === 'prompt') {
    const prompt = `${params.prompt}${text}`;
    return { params: { ...params, ...limitsFor(params, delivered, ''), prompt }, anchor: undefined };
  }
  const messages = (Array.isArray(params.messages) ? params.messages : []) as readonly unknown[];
  if (form === 'instruction') {
    const anchor = lastWords(text);
    const turns = [...withAnswer(messages, text), { role: 'user', content: instructionFor(anchor) }];
    return { params: { ...params, ...limitsFor(params, delivered, anchor), messages: turns }, anchor };
  }
  // A last turn that ends with white space is refused by some, and gone on with in odd ways by others.
  const shown = text.trimEnd();
  const turns = withAnswer(messages, shown, prefill === 'prefix' ? { prefix: true } : {});
  const told =
    prefill === 'continue_final_message' ? { continue_final_message: true, add_generation_prompt: false } : {};
  const asked = { ...params, ...limitsFor(params, delivered, ''), ...told, messages: turns };
  return { params: asked, anchor: undefined, unshown: text.slice(shown.length) };
}

interface Turn {
  readonly role?: unknown;
  readonly content?: unknown;
}

/** The turns with the answer so far. Where the caller has begun it with a turn of the assistant's, both are one: two in a row are refused. */
function withAnswer(messages: readonly unknown[], text: string, more: object = {}): readonly unknown[] {
  const last = messages.at(-1) as Turn | null | undefined;
  if (last?.role === 'assistant' && typeof last.content === 'string')
    return [...messages.slice(0, -1), { ...last, content: last.content + text, ...more }];
  return [...messages, { role: 'assistant', content: text, ...more }];
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

/** What was delivered counts against the longest answer that was wanted, what is to be repeated of it does not. */
function limitsFor(params: Params, { text, tokens }: Delivered, anchor: string): Params {
  const repeated = anchor && Math.max(countTokens(anchor), Math.ceil((anchor.length * tokens) / text.length));
  const limits = LIMITS.flatMap((name) => {
    const limit = params[name];
    return typeof limit === 'number' ? [[name, Math.max(1, limit - tokens) + Number(repeated)]] : [];
  });
  return Object.fromEntries(limits);
}

/** Whether all of the longest answer that was wanted is there. */
export function isFull(params: Params, { leastTokens }: Delivered): boolean {
  return LIMITS.some((name) => {
    const limit = params[name];
    return typeof limit === 'number' && leastTokens >= limit;
  });
}

/** Why a request cannot be gone on with by anybody else; undefined when it can. */
export function obstacleInParams(params: unknown, form: Form): string | undefined {
  if (typeof params !== 'object' || params === null) return 'its params are not known';
  const { n, logprobs, response_format, tools, modalities, prompt, echo, best_of, suffix, store } = params as Params;
  // Half of it would be kept here, and half there under a question that nobody asked.
  if (store === true) return 'it is kept on a server';
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
