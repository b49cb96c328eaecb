/** Why a message was not taken, in words that hold neither the address nor anything of the answer. */
export class DeliveryError extends Error {
  readonly reason: string;
  /** Whether another try would bring nothing. */
  readonly isFinal: boolean;
  /** Milliseconds that the other side asked to be left alone. */
  readonly retryAfterMs: number;

  constructor(
    reason: string,
    { isFinal = false, retryAfterMs = 0 }: { isFinal?: boolean; retryAfterMs?: number } = {},
  ) {
    super(reason);
    this.name = 'DeliveryError';
    this.reason = reason;
    this.isFinal = isFinal;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What a sink rejected with. Messages of errors hold addresses, so of what is not ours only its name and code are told. */
export function reasonOf(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const { name, cause } = (error ?? {}) as { readonly name?: unknown; readonly cause?: unknown };
  const code = (cause as { readonly code?: unknown } | undefined)?.code ?? (error as { code?: unknown } | null)?.code;
  return new DeliveryError(plain(code) ?? plain(name) ?? 'it failed');
}

const plain = (word: unknown): string | undefined =>
  typeof word === 'string' && /^\w{1,40}$/.test(word) ? word : undefined;
