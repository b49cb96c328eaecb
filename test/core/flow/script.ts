import type { FailureKind } from '../../../packages/core/src/outcome/outcome.js';
import type { TokenUsage } from '../../../packages/core/src/outcome/usage.js';

/** What one target does with one attempt, written `what;key=value;…`. */
export interface Word {
  /** An outcome, `stream` for an answer that is still being read, `hang` for silence, `throw` for work that rejects. */
  readonly what: FailureKind | 'ok' | 'stream' | 'hang' | 'throw';
  readonly status: number | undefined;
  /** Milliseconds until the outcome. */
  readonly takes: number;
  /** Milliseconds until the headers; absent, they are never told. */
  readonly headers: number | undefined;
  /** The provider's Retry-After, in milliseconds. */
  readonly after: number | undefined;
  /** The provider's `x-should-retry`. */
  readonly repeatable: boolean | undefined;
  /** Whether it pays no heed to being aborted. */
  readonly deaf: boolean;
  /** What it says that it used. */
  readonly usage: TokenUsage | undefined;
}

const BY_STATUS: Readonly<Record<string, Word['what']>> = {
  200: 'ok',
  400: 'caller_error',
  401: 'auth',
  402: 'quota',
  404: 'not_found',
  408: 'request_timeout',
  409: 'conflict',
  429: 'rate_limit',
  500: 'server_error',
  503: 'overloaded',
};

/** Reads `503`, `429;after=20000`, `connect`, `stream;takes=40`, `500;repeatable=false`. */
export function wordOf(text: string): Word {
  const [name = '', ...rest] = text.split(';');
  const given = new Map(rest.map((part) => part.split('=') as [string, string | undefined]));
  const number = (key: string) => (given.has(key) ? Number(given.get(key)) : undefined);
  const what = BY_STATUS[name] ?? (name as Word['what']);
  const repeatable = given.has('repeatable') ? given.get('repeatable') === 'true' : undefined;
  return {
    what,
    status: BY_STATUS[name] ? Number(name) : undefined,
    takes: number('takes') ?? 0,
    headers: number('headers'),
    after: number('after'),
    repeatable,
    deaf: given.has('deaf'),
    usage: usageOf(number),
  };
}

/** `in=100;cached=40;out=10`. */
function usageOf(number: (key: string) => number | undefined): TokenUsage | undefined {
  const inputTokens = number('in');
  if (inputTokens === undefined) return undefined;
  return { inputTokens, cachedInputTokens: number('cached') ?? 0, outputTokens: number('out') ?? 0 };
}

/** What each target does, in turn: `a:503 a:200 b/big:429`. A target's last word stays; a target without any answers 200. */
export class Script {
  readonly #words = new Map<string, Word[]>();

  constructor(text: string) {
    for (const part of text.split(' ').filter(Boolean)) {
      const colon = part.indexOf(':');
      const place = part.slice(0, colon);
      this.#words.set(place, [...(this.#words.get(place) ?? []), wordOf(part.slice(colon + 1))]);
    }
  }

  /** The next word for a target: by `endpoint#key` first, then by `endpoint/model`, by `endpoint`, and for all as `*`. */
  take(target: string, key?: string): Word {
    const [endpoint = ''] = target.split('/');
    const words = this.#words.get(`${endpoint}#${key}`) ??
      this.#words.get(target) ??
      this.#words.get(endpoint) ??
      this.#words.get('*') ?? [wordOf('200')];
    return (words.length > 1 ? words.shift() : words[0]) as Word;
  }
}
