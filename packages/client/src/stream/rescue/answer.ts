import type { Resource } from '../../request/read.js';
import { choicesOf } from '../content.js';

/** What was delivered of an answer, as far as somebody else has to know it to go on with it. */
export interface Delivered {
  readonly resource: 'chat.completions' | 'completions';
  /** The text so far. */
  readonly text: string;
  /** The parts that every event of one answer has in common: its id, its model, when it was made. */
  readonly common: Readonly<Record<string, unknown>>;
  /** How many events brought text, which is about as many tokens. */
  readonly tokens: number;
}

/** What somebody else can go on with; else why not, in a few words. */
export type Continuable = { readonly delivered: Delivered } | { readonly because: string };

interface Choice {
  readonly index?: number;
  readonly text?: unknown;
  readonly delta?: Readonly<Record<string, unknown>> | null;
  readonly logprobs?: unknown;
  readonly finish_reason?: unknown;
}

/** What belongs to the answer as a whole, and stays that of the one who began it. */
const COMMON = ['id', 'object', 'created', 'model', 'system_fingerprint', 'service_tier'] as const;
/** What a delta may say while it is nothing but text. */
const PLAIN: ReadonlySet<string> = new Set(['role', 'content']);

/** Looks whether what was delivered is one text that somebody else can go on with. */
export function continuable(events: readonly unknown[], resource: Resource | undefined): Continuable {
  if (resource !== 'chat.completions' && resource !== 'completions')
    return { because: 'only chat completions and completions can be gone on with' };
  let text = '';
  let tokens = 0;
  let common: Record<string, unknown> | undefined;
  for (const event of events as readonly Record<string, unknown>[]) {
    for (const choice of choicesOf<Choice>(event)) {
      // What comes before the first choice is no part of the answer yet: Azure tells of its filters under an empty id.
      common ??= commonOf(event);
      const because = obstacleIn(choice);
      if (because !== undefined) return { because };
      const piece = pieceOf(choice);
      text += piece;
      if (piece !== '') tokens += 1;
    }
  }
  if (common === undefined || text.trim() === '') return { because: 'no text had come' };
  return { delivered: { resource, text, common, tokens } };
}

/** The text that a choice of one event brings. */
export function pieceOf({ text, delta }: Choice): string {
  const content = delta?.content ?? text;
  return typeof content === 'string' ? content : '';
}

function commonOf(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(COMMON.filter((name) => name in event).map((name) => [name, event[name]]));
}

function obstacleIn({ index = 0, delta, logprobs, finish_reason }: Choice): string | undefined {
  if (finish_reason != null) return 'its text had come to its end';
  if (index !== 0) return 'it has several choices';
  if (logprobs != null) return 'it has log probabilities';
  const other = Object.entries(delta ?? {}).find(([name, value]) => !PLAIN.has(name) && !isNothing(value));
  return other && `it has more than text (${other[0]})`;
}

const isNothing = (value: unknown): boolean =>
  value == null || value === '' || (Array.isArray(value) && value.length === 0);
