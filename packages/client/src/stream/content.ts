import type { Resource } from '../request/read.js';
import { errorIn, type ProviderError, rawErrorIn } from '../response/provider-error.js';
import type { SseEvent } from './sse.js';

/** What an event means for the answer it belongs to. */
export type Meaning =
  /** Something the caller waits for: text, a tool call, a refusal, a finish reason. */
  | { readonly what: 'content'; readonly parsed: unknown; readonly text: string; readonly isEnd: boolean }
  /** The terminator, `[DONE]`. */
  | { readonly what: 'done' }
  /** A role, a keep-alive, an announcement: nothing yet. */
  | { readonly what: 'nothing'; readonly parsed: unknown }
  /** `raw` is the error as the provider wrote it. */
  | { readonly what: 'error'; readonly error: ProviderError; readonly raw: unknown }
  | { readonly what: 'malformed' };

/** Reads one event of a streamed answer. */
export function meaningOf(event: SseEvent, resource: Resource | undefined): Meaning {
  if (event.data.startsWith('[DONE]')) return { what: 'done' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(event.data);
  } catch {
    return { what: 'malformed' };
  }
  if (typeof parsed !== 'object' || parsed === null) return { what: 'malformed' };
  const fields = parsed as Record<string, unknown>;
  if (event.name === 'error' || fields.type === 'error' || fields.error) {
    return errorMeant(parsed);
  }
  if (resource === 'responses') return meaningOfTyped(fields);
  if (Array.isArray(fields.choices)) return meaningOfChoices(fields, fields.choices);
  // In a chat, what has no choices only keeps the connection open, or tells of the answer.
  if (resource === 'chat.completions' || resource === 'completions') return { what: 'nothing', parsed };
  // Streams of other resources (images, audio) begin with what was asked for.
  return { what: 'content', parsed, text: '', isEnd: false };
}

const errorMeant = (parsed: unknown): Meaning => ({ what: 'error', error: errorIn(parsed), raw: rawErrorIn(parsed) });

const ANNOUNCEMENTS =
  /^response\.(?:created|queued|in_progress|output_item\.added|content_part\.added|.*_part\.added)$/;
const ENDS = new Set(['response.completed', 'response.incomplete', 'response.cancelled']);

function meaningOfTyped(fields: Record<string, unknown>): Meaning {
  const type = String(fields.type ?? '');
  if (type === 'response.failed') return errorMeant(fields.response);
  // What is not about the response (`keepalive`) only keeps the connection open.
  if (!type.startsWith('response.') || ANNOUNCEMENTS.test(type)) return { what: 'nothing', parsed: fields };
  const text = type === 'response.output_text.delta' && typeof fields.delta === 'string' ? fields.delta : '';
  return { what: 'content', parsed: fields, text, isEnd: ENDS.has(type) };
}

function meaningOfChoices(parsed: Record<string, unknown>, choices: readonly unknown[]): Meaning {
  let text = '';
  let hasContent = false;
  let isEnd = false;
  for (const choice of choices as readonly Record<string, unknown>[]) {
    const delta = (choice?.delta ?? {}) as Record<string, unknown>;
    const piece =
      typeof delta.content === 'string' ? delta.content : typeof choice?.text === 'string' ? choice.text : '';
    if (choice?.index === 0 || choice?.index === undefined) text += piece;
    isEnd ||= isFinish(choice?.finish_reason);
    hasContent ||= piece !== '' || Object.entries(delta).some(isContent);
  }
  return hasContent || isEnd ? { what: 'content', parsed, text, isEnd } : { what: 'nothing', parsed };
}

/** Whether a choice has come to its end; some servers send an empty reason with every event. */
export const isFinish = (reason: unknown): boolean => typeof reason === 'string' && reason !== '';

/** Whether a part of a delta says more than whose turn it is: tool calls, refusals, reasoning and audio are answers too. */
function isContent([name, value]: [string, unknown]): boolean {
  if (name === 'role' || value == null || value === '') return false;
  return !(Array.isArray(value) && value.length === 0);
}

/** The choices of a parsed event; none where there are none that can be read. */
export function choicesOf<Choice extends object>(parsed: unknown): readonly Choice[] {
  const { choices } = parsed as { choices?: unknown };
  return Array.isArray(choices) ? choices.filter((choice) => typeof choice === 'object' && choice !== null) : [];
}
