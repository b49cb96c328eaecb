import type { Failure } from '@breakwater/core';

const NO_SUCH_HEADER = 'a key or another header has a line break or a character in it that cannot be sent';

/** A key function that has failed, or given what is no key. */
export class KeyFault extends Error {
  readonly how: 'failed' | 'gave no key';

  constructor(how: 'failed' | 'gave no key', cause: unknown) {
    super(`the apiKey function ${how}`, { cause });
    this.how = how;
  }
}

/**
 * The failure of a request that could not be made for an endpoint. What it says is kept out of events, and out of the cause where platforms quote a header's value: it may be the key.
 */
export function unsendable(cause: unknown): Failure<Response> {
  // What the function threw is the caller's to see, and nobody else's: it may hold the key.
  if (cause instanceof KeyFault)
    return {
      kind: 'unsendable',
      message: `the request could not be made, because its apiKey function ${cause.how}`,
      cause: withoutHeader(cause.cause),
    };
  return {
    kind: 'unsendable',
    message: 'the request could not be made (its key function, headers or client failed)',
    cause: withoutHeader(cause),
  };
}

const withoutHeader = (cause: unknown): unknown =>
  cause instanceof TypeError && /header/i.test(cause.message) ? new TypeError(NO_SUCH_HEADER) : cause;
