import { routeOf } from 'breakwater';
import { LateError } from './within.js';

/** Why a request came to nothing, without a word of the server's: some repeat the key that they refuse. */
export interface RequestFailure {
  /** The kind of failure as the router tells it; `late` when the time was up, `page` or `no list` for what is no list of models. */
  readonly kind: string;
  readonly status?: number | undefined;
  /** What the platform calls it, such as `ECONNREFUSED`. */
  readonly code?: string | undefined;
}

/** Reads what a request was rejected with. */
export function failureOf(error: unknown): RequestFailure {
  if (error instanceof LateError) return { kind: 'late' };
  const { status } = error as { readonly status?: unknown };
  const kind = routeOf(error)?.attempts.at(-1)?.kind;
  return {
    kind: kind === 'attempt_timeout' ? 'late' : (kind ?? 'unknown'),
    status: typeof status === 'number' ? status : undefined,
    code: codeIn(error),
  };
}

const DEEPEST_CAUSE = 6;

/** The code of the innermost cause that has one of the platform's. */
function codeIn(error: unknown): string | undefined {
  let found: string | undefined;
  let inner = error as { readonly code?: unknown; readonly cause?: unknown } | undefined;
  for (let depth = 0; depth < DEEPEST_CAUSE && inner; depth += 1) {
    if (typeof inner.code === 'string' && /^[A-Z][A-Z_\d]+$/.test(inner.code)) found = inner.code;
    inner = inner.cause as typeof inner;
  }
  return found;
}
