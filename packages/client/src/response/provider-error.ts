/** What a provider said in its refusal, as far as it could be read. */
export interface ProviderError {
  readonly code?: string | undefined;
  readonly type?: string | undefined;
  readonly message?: string | undefined;
  /** The field of the request that it is about. */
  readonly param?: string | undefined;
  /** The HTTP status that it names itself; inside a stream there is no other. */
  readonly status?: number | undefined;
  /** Whether it lists the reasons for which a moderation refused the prompt. */
  readonly isFlagged?: boolean | undefined;
  /** Google's word for what is wrong, beside a status that means many things. */
  readonly reason?: string | undefined;
  /** Google's word for when to come back, such as `38s`. */
  readonly retryDelay?: string | undefined;
  /** Google's name of the quota that is used up, such as `GenerateRequestsPerDayPerProjectPerModel-FreeTier`. */
  readonly quotaId?: string | undefined;
  /** Whether the body was no JSON: a page, most often, of somebody on the way. */
  readonly isUnreadable?: boolean | undefined;
}

/** The error in a body: the official form, a bare one, or none that can be read. */
export function readError(body: string): ProviderError {
  try {
    return errorIn(JSON.parse(body));
  } catch {
    return { isUnreadable: true };
  }
}

/** The error in a parsed body or event. */
export function errorIn(parsed: unknown): ProviderError {
  const error = rawErrorIn(soleOf(parsed));
  if (typeof error === 'string') return { message: error };
  if (typeof error !== 'object' || error === null) return {};
  const { code, type, message, param, status, metadata, details } = error as Record<string, unknown>;
  return {
    code: textOf(code),
    type: textOf(type),
    message: textOf(message),
    param: textOf(param),
    status: statusOf(code) ?? statusOf(status),
    isFlagged: hasReasons(metadata) || undefined,
    reason: detailIn(details, 'reason'),
    retryDelay: detailIn(details, 'retryDelay'),
    quotaId: quotaIn(details),
  };
}

/** The same error as the provider wrote it, with every field it has: what the official client puts into the error it throws. */
export function rawErrorIn(parsed: unknown): unknown {
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  return (parsed as { error?: unknown }).error ?? parsed;
}

/** Some write their one error as an array of one. */
export function soleOf(parsed: unknown): unknown {
  return Array.isArray(parsed) && parsed.length === 1 ? parsed[0] : parsed;
}

/** What gateways in other languages make of nothing when they write it as a text. */
const NOTHING: ReadonlySet<string> = new Set(['', 'None', 'null']);

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && !NOTHING.has(value) ? value : undefined;

/** A field of the first of Google's details that has it. */
function detailIn(details: unknown, name: 'reason' | 'retryDelay'): string | undefined {
  if (!Array.isArray(details)) return undefined;
  return textOf(details.map((detail) => (detail as Record<string, unknown> | null)?.[name]).find(Boolean));
}

/** The quota that the first of the violations in Google's details is about. */
function quotaIn(details: unknown): string | undefined {
  if (!Array.isArray(details)) return undefined;
  const violations = details
    .map((detail) => (detail as { violations?: unknown } | null)?.violations)
    .find(Array.isArray);
  return textOf((violations?.[0] as { quotaId?: unknown } | undefined)?.quotaId);
}

function hasReasons(metadata: unknown): boolean {
  const reasons = (metadata as { reasons?: unknown } | null | undefined)?.reasons;
  return Array.isArray(reasons) && reasons.length > 0;
}

/** Some write the status as a number, some as a text; numbers of their own invention are none. */
function statusOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 400 && number < 600 ? number : undefined;
}
