/** What a refusing answer says about when to come back. */
export interface RefusalParts {
  readonly headers: Headers;
  /** The provider's message, where some write "try again in 1.2s" or "retry in 1.2s". */
  readonly message: string;
  /** A duration that stands in a field of the error for it, such as `38s`. */
  readonly retryDelay?: string | undefined;
  /** Milliseconds since the Unix epoch, for an instant without the server's own clock beside it. */
  readonly wall: number;
  /** Whether it was refused for its rate: only then does the reset of what is used up say when to come back. */
  readonly isRateLimit: boolean;
}

/**
 * How long a provider asks to be left alone, in milliseconds; undefined when it does not say, or says nonsense. Read in this order:
 * `retry-after-ms`, `retry-after` in seconds, with a unit (`5s`) or as an instant (against the server's own `date`, so that no clock skew counts), the
 * message, the error's own field for it, the latest reset of what is used up, of which ten minutes are believed at the most. Never NaN, negative
 * or infinite.
 */
export function retryAfterOf({ headers, message, retryDelay, wall, isRateLimit }: RefusalParts): number | undefined {
  return (
    valid(millisecondsOf(headers.get('retry-after-ms'))) ??
    retryAfterHeader(headers, wall) ??
    valid(durationOf(ADVICE.exec(message)?.[1])) ??
    valid(durationOf(retryDelay)) ??
    (isRateLimit ? latestReset(headers, wall) : undefined)
  );
}

function retryAfterHeader(headers: Headers, wall: number): number | undefined {
  const header = headers.get('retry-after');
  if (header === null) return undefined;
  // A proxy that sets it once more makes a list of it; the comma of a date comes behind a word.
  const first = header.split(',', 1)[0] ?? '';
  const ms = untilReset(first, { headers, wall }) ?? durationOf(first);
  if (ms !== undefined) return valid(ms);
  return valid(Date.parse(header) - nowOf(headers, wall));
}

/** A bare number, or a duration with its units: the official client reads the number at its beginning, too. */
const millisecondsOf = (text: string | null): number | undefined => numberOf(text) ?? durationOf(text);

/** Now by the server's own clock where it tells it, in milliseconds since the epoch. */
function nowOf(headers: Headers, wall: number): number {
  const serverNow = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(serverNow) ? wall : serverNow;
}

/** A reset says when the whole allowance is back, and not when to come back: longer than this, in milliseconds, it binds nobody. */
const LONGEST_INFERRED_MS = 10 * 60_000;
/** Bare numbers above these are instants, in seconds and in milliseconds since the epoch: nobody waits for thirty years. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;
const RFC_3339 = /^\d{4}-\d\d-\d\dT/;

/** The limits that a 429 may be about, by the names of OpenAI and its relatives, and of Anthropic. */
const RESETS = [
  ...['requests', 'tokens'].map((what) => [`x-ratelimit-remaining-${what}`, `x-ratelimit-reset-${what}`] as const),
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map(
    (what) => [`anthropic-ratelimit-${what}-remaining`, `anthropic-ratelimit-${what}-reset`] as const,
  ),
];

/** Only what is used up says when to come back, and where that is several, all of it has to be there. */
function latestReset(headers: Headers, wall: number): number | undefined {
  let latestMs: number | undefined;
  for (const [remaining, reset] of RESETS) {
    if (headers.get(remaining) !== '0') continue;
    const ms = valid(untilReset(headers.get(reset), { headers, wall }));
    if (ms !== undefined) latestMs = Math.max(latestMs ?? 0, Math.min(ms, LONGEST_INFERRED_MS));
  }
  return latestMs;
}

/**
 * Milliseconds until a reset that is told as a duration, as an instant since the epoch, in seconds or in milliseconds, or as an RFC
 * 3339 date; negative when the instant has passed. Undefined for nonsense.
 */
export function untilReset(text: string | null, { headers, wall }: Pick<RefusalParts, 'headers' | 'wall'>) {
  const bare = numberOf(text) ?? 0;
  if (bare > EPOCH_SECONDS) return (bare > EPOCH_MS ? bare : bare * 1000) - nowOf(headers, wall);
  return (
    valid(durationOf(text)) ??
    (text !== null && RFC_3339.test(text) ? Date.parse(text) - nowOf(headers, wall) : undefined)
  );
}

/** One way to read each text: with two, a long row of digits would be tried in as many ways as it has pairs. */
const NUMBER = String.raw`(?:\d+(?:\.\d+)?|\.\d+)`;
const WHOLE_NUMBER = new RegExp(`^\\s*[+-]?${NUMBER}\\s*$`);
/** No letter may follow: the m of "months" is no minute. */
const UNIT = '(?:ms|milliseconds?|s|sec(?:ond)?s?|m|min(?:ute)?s?|h|hours?)(?![a-z])';
const DURATION = new RegExp(`^\\s*(?:${NUMBER}\\s*${UNIT}\\s*)+$`, 'i');
const AMOUNTS = new RegExp(`(${NUMBER})\\s*(${UNIT})`, 'gi');
const ADVICE = new RegExp(`\\b(?:try again|retry) (?:in|after) ((?:${NUMBER}\\s*${UNIT}\\s*)+)`, 'i');

function numberOf(text: string | null): number | undefined {
  return text !== null && WHOLE_NUMBER.test(text) ? Number(text) : undefined;
}

/** By the first letter of the unit, but for milliseconds. */
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

function unitMs(unit: string): number {
  const name = unit.toLowerCase();
  return name === 'ms' || name.startsWith('milli') ? 1 : (UNITS_MS[name.charAt(0)] ?? 0);
}

/** Durations as Go writes them (`6m0s`, `20ms`), with the units written out, or bare seconds. */
function durationOf(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined;
  const bare = numberOf(text);
  if (bare !== undefined) return bare * 1000;
  if (!DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount = '0', unit = 's'] of text.matchAll(AMOUNTS)) {
    total += Number(amount) * unitMs(unit);
  }
  return total;
}

function valid(ms: number | undefined): number | undefined {
  return ms !== undefined && Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
