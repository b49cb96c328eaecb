/** The fields of the API's `error` object, all of them optional but the message. */
export interface ErrorFields {
  readonly message: string;
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

/** A request turned down with one of the API's error bodies; thrown by resources, caught where requests are served. */
export class Rejection extends Error {
  readonly status: number;
  readonly body: { readonly error: Required<ErrorFields> };
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, error: ErrorFields, headers: Readonly<Record<string, string>> = {}) {
    super(error.message);
    this.status = status;
    this.headers = headers;
    // The order of the fields is the API's own: tests that compare raw bodies see what they would see there.
    this.body = { error: { type: 'invalid_request_error', param: null, code: null, ...error } };
  }
}
