import { countTokens } from '../../request/count-tokens.js';
import type { Resource } from '../../request/read.js';
import { choicesOf, isFinish } from '../content.js';

/** What was delivered of an answer, as far as somebody else has to know it to go on with it. */
export interface Delivered {
  readonly resource: 'chat.completions' | 'completions';
  /** The text so far. */
  readonly text: string;
  /** The parts that every event of one answer has in common: its id, its model, when it was made. */
  readonly common: Readonly<Record<string, unknown>>;
  /** How many tokens it has: as it told, else about. */
  readonly tokens: number;
  /** It surely has no fewer: as it told, else as many as events brought text. */
  readonly leastTokens: number;
}

/** What somebody else can go on with; else why not, in a few words. */
export type Continuable = { readonly delivered: Delivered } | { readonly because: string };

/** An event of one token is estimated at no more than this. */
const ONE_TOKEN = 3;

interface Choice {
  readonly index?: number;
  readonly text?: unknown;
  readonly delta?: Readonly<Record<string, unknown>> | null;
  readonly logprobs?: unknown;
  readonly finish_reason?: unknown;
}

/** At least so much of what a text is estimated at are its tokens: some servers send it letter by letter, and no event is a token then. */
const LEAST_SHARE = 0.8;

/** What belongs to the answer as a whole, and stays that of the one who began it. */
const COMMON = ['id', 'object', 'created', 'model', 'system_fingerprint', 'service_tier'] as const;
/** What a delta may say while it is nothing but text. */
const PLAIN: ReadonlySet<string> = new Set(['role', 'content']);

/** Looks whether what was delivered is one text that somebody else can go on with. */
export function continuable(events: readonly unknown[], resource: Resource | undefined): Continuable {
  if (resource !== 'chat.completions' && resource !== 'completions')
    return { because: 'only chat completions and completions can be gone on with' };
  let text = '';
  let [tokens, leastTokens] = [0, 0];
  let told: number | undefined;
  let common: Record<string, unknown> | undefined;
  for (const event of events as readonly Record<string, unknown>[]) {
    told = toldTokens(event) ?? told;
    for (const choice of choicesOf<Choice>(event)) {
      // What comes before the first choice is no part of the answer yet: Azure tells of its filters under an empty id.
      common ??= commonOf(event);
      const because = obstacleIn(choice);
      if (because !== undefined) return { because };
      const piece = pieceOf(choice) ?? '';
      text += piece;
      tokens += tokensOf(piece);
      if (piece !== '') leastTokens += 1;
    }
  }
  if (common === undefined || text.trim() === '') return { because: 'no text had come' };
  return {
    delivered: {
      resource,
      text,
      common,
      tokens: told ?? tokens,
      leastTokens: told ?? Math.min(leastTokens, Math.ceil(LEAST_SHARE * countTokens(text))),
    },
  };
}

/** The text that a choice of one event brings; undefined where it comes in parts that are not all text. */
export function pieceOf({ text, delta }: Choice): string | undefined {
  const content = delta?.content ?? text ?? '';
  if (!Array.isArray(content)) return typeof content === 'string' ? content : undefined;
  const texts = content.map(textOfPart);
  return texts.includes(undefined) ? undefined : texts.join('');
}

/** Models that think aloud, Mistral's, put that in parts of their own; it is no part of the answer. */
function textOfPart(part: { readonly type?: unknown; readonly text?: unknown } | null): string | undefined {
  if (part?.type === 'thinking') return '';
  return part?.type === 'text' && typeof part.text === 'string' ? part.text : undefined;
}

/** Most events hold a token; of one that surely holds more, how many is estimated. */
function tokensOf(piece: string): number {
  if (piece === '') return 0;
  const tokens = countTokens(piece);
  return tokens > ONE_TOKEN ? tokens : 1;
}

/** What has been written so far, where every event tells it; what comes at the end comes behind the finish. */
function toldTokens({ usage }: { readonly usage?: unknown }): number | undefined {
  const tokens = (usage as { completion_tokens?: unknown } | null | undefined)?.completion_tokens;
  return typeof tokens === 'number' && tokens > 0 ? tokens : undefined;
}

function commonOf(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(COMMON.filter((name) => name in event).map((name) => [name, event[name]]));
}

function obstacleIn({ index = 0, delta, logprobs, finish_reason }: Choice): string | undefined {
  if (isFinish(finish_reason)) return 'its text had come to its end';
  if (index !== 0) return 'it has several choices';
  if (logprobs != null) return 'it has log probabilities';
  // Whoever reads has been given parts, and would be given text behind them.
  if (delta?.content != null && typeof delta.content !== 'string') return 'its text comes in parts';
  const other = Object.entries(delta ?? {}).find(([name, value]) => !PLAIN.has(name) && !isNothing(value));
  return other && `it has more than text (${other[0]})`;
}

/** Whether a field of a delta says nothing. */
export const isNothing = (value: unknown): boolean =>
  value == null || value === '' || (Array.isArray(value) && value.length === 0);
