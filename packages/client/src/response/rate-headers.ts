import type { SeenLimits } from '@breakwater/core';
import { untilReset } from './retry-after.js';

type Dimension = keyof SeenLimits;
type SeenLimit = NonNullable<SeenLimits[Dimension]>;
type Told = { -readonly [D in Dimension]?: SeenLimit };

/** The names of the three headers of one limit. */
interface Names {
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
}

const named = (what: string): Names => ({
  limit: `x-ratelimit-limit-${what}`,
  remaining: `x-ratelimit-remaining-${what}`,
  reset: `x-ratelimit-reset-${what}`,
});
const anthropic = (what: string): Names => ({
  limit: `anthropic-ratelimit-${what}-limit`,
  remaining: `anthropic-ratelimit-${what}-remaining`,
  reset: `anthropic-ratelimit-${what}-reset`,
});

/** OpenAI's and Azure's names; those of Groq, which mean a day's requests; those of SambaNova, which also tells of a day's. */
const PLAIN: readonly (readonly [Dimension, Names])[] = [
  ['requests', named('requests')],
  ['tokens', named('tokens')],
  ['requestsPerDay', named('requests-day')],
];
/** With the period in the name: Cerebras, Mistral (`req-minute`) and DigitalOcean (`tokens-per-minute`). */
const WITH_PERIOD: readonly (readonly [Dimension, Names])[] = [
  ['requests', named('requests-minute')],
  ['requests', named('req-minute')],
  ['tokens', named('tokens-minute')],
  ['tokens', named('tokens-per-minute')],
  ['requestsPerDay', named('requests-day')],
  ['tokensPerDay', named('tokens-day')],
  ['tokensPerDay', named('tokens-per-day')],
];
const ANTHROPIC: readonly (readonly [Dimension, Names])[] = [
  ['requests', anthropic('requests')],
  ['tokens', anthropic('tokens')],
];
const ANTHROPIC_PARTS = [anthropic('input-tokens'), anthropic('output-tokens')] as const;
/** OpenRouter's and those of many gateways, which tell neither of what nor for how long. */
const BARE: Names = { limit: '', remaining: 'x-ratelimit-remaining', reset: 'x-ratelimit-reset' };

/** A minute's allowance is back within a minute, by whichever clock. */
const LONGEST_OF_A_MINUTE_MS = 120_000;
/** … and a day's within a day. */
const LONGEST_OF_A_DAY_MS = 25 * 3_600_000;
/** Groq names the place that answered; its plain names always mean the requests of a day, and the tokens of a minute. */
const GROQ = 'x-groq-region';

/**
 * What the headers of an answer say of the limits of whom it was sent for; undefined when they say nothing. `wall` is the time in
 * milliseconds since the epoch, for instants without the server's own `date` beside them. No number is ever NaN, negative or infinite.
 */
export function limitsIn(headers: Headers, wall: number): SeenLimits | undefined {
  if (headers.has('x-ratelimit-remaining-requests') || headers.has('x-ratelimit-remaining-tokens')) {
    const told = read(PLAIN, { headers, wall });
    if (headers.has('x-ratelimit-remaining-tokens-per-minute'))
      Object.assign(told, read(WITH_PERIOD, { headers, wall }));
    return someOf(withDay(told, headers.has(GROQ)));
  }
  if (headers.has('x-ratelimit-remaining-tokens-minute')) return someOf(read(WITH_PERIOD, { headers, wall }));
  if (headers.has('anthropic-ratelimit-requests-remaining')) return someOf(anthropicLimits({ headers, wall }));
  return headers.get(BARE.remaining) === '0' ? usedUp(limitOf(BARE, { headers, wall })) : undefined;
}

/** An answer's headers and the time. */
interface Source {
  readonly headers: Headers;
  readonly wall: number;
}

function read(names: readonly (readonly [Dimension, Names])[], source: Source): Told {
  const told: Told = {};
  for (const [dimension, three] of names) {
    const limit = limitOf(three, source);
    if (limit) told[dimension] = limit;
  }
  return told;
}

/**
 * One limit. A limit of 0 or -1 is Azure's word for one it does not know, and so is what is said to remain of it; nothing that remains
 * is believed only of a limit that is known, or that says when it is back.
 */
function limitOf(names: Names, source: Source): SeenLimit | undefined {
  const { headers } = source;
  const limit = numberOf(names.limit === '' ? null : headers.get(names.limit));
  if (limit !== undefined && limit <= 0) return undefined;
  const resetMs = resetOf(headers.get(names.reset), source);
  const remaining = numberOf(headers.get(names.remaining));
  const isKnown = remaining !== undefined && (remaining > 0 || (remaining === 0 && (limit !== undefined || !!resetMs)));
  if (limit === undefined && !isKnown) return undefined;
  return {
    ...(limit !== undefined && { limit }),
    ...(isKnown && { remaining }),
    ...(resetMs !== undefined && { resetMs }),
  };
}

/** A limit's own instant may have passed when all of it is there. */
function resetOf(text: string | null, source: Source): number | undefined {
  if (text === null) return undefined;
  const ms = untilReset(text, source);
  return ms === undefined || !(ms <= LONGEST_OF_A_DAY_MS) ? undefined : Math.max(0, ms);
}

function numberOf(text: string | null): number | undefined {
  const number = text !== null && /^\s*-?\d{1,15}(?:\.\d*)?\s*$/.test(text) ? Number(text) : undefined;
  return number;
}

/** Plain names mean a minute's requests, unless whoever answers is known to mean a day's, or they are not back in a minute. */
function withDay(told: Told, isGroq: boolean): Told {
  const { requests, ...rest } = told;
  if (!requests || !(isGroq || (requests.resetMs ?? 0) > LONGEST_OF_A_MINUTE_MS)) return told;
  return { requestsPerDay: requests, ...rest };
}

/** Its `tokens` are of whichever limit is the tightest; where they are missing, both parts together. A part that is used up is all. */
function anthropicLimits(source: Source): Told {
  const told = read(ANTHROPIC, source);
  const parts = ANTHROPIC_PARTS.map((names) => limitOf(names, source)).filter((part) => part !== undefined);
  const empty = parts.find(({ remaining }) => remaining === 0);
  if (empty) told.tokens = { ...told.tokens, ...empty, ...(told.tokens?.limit && { limit: told.tokens.limit }) };
  else if (!told.tokens && parts.length === 2) told.tokens = sumOf(parts);
  return told;
}

function sumOf(parts: readonly SeenLimit[]): SeenLimit {
  const sum = (of: (part: SeenLimit) => number | undefined) =>
    parts.reduce((total: number, part) => total + (of(part) ?? Number.NaN), 0);
  const limit = sum((part) => part.limit);
  const remaining = sum((part) => part.remaining);
  return { ...(limit >= 0 && { limit }), ...(remaining >= 0 && { remaining }) };
}

/** Of what a limit without a name is, nobody knows; that there is nothing left of it, and until when, is said all the same. */
function usedUp(limit: SeenLimit | undefined): SeenLimits | undefined {
  if (!limit) return undefined;
  return (limit.resetMs ?? 0) > LONGEST_OF_A_MINUTE_MS ? { requestsPerDay: limit } : { requests: limit };
}

function someOf(told: Told): SeenLimits | undefined {
  for (const _ in told) return told;
  return undefined;
}
