import type { Failure } from '@breakwater/core';

const NO_SUCH_HEADER = 'a key or another header has a line break or a character in it that cannot be sent';

/**
 * The failure of a request that could not be made for an endpoint. What it says is kept out of events, and out of the cause where platforms quote a header's value: it may be the key.
 */
export function unsendable(cause: unknown): Failure<Response> {
  return {
    kind: 'unsendable',
    message: 'the request could not be made (its key function, headers or client failed)',
    cause: cause instanceof TypeError && /header/i.test(cause.message) ? new TypeError(NO_SUCH_HEADER) : cause,
  };
}
