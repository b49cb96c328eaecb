/** One server-sent event, still as a value, so that a fault can count, damage or leave it out. */
export interface StreamEvent {
  /** The `event:` line; only the Responses API has one. */
  readonly name?: string;
  readonly data: object | '[DONE]';
  /** How many tokens of the answer it carries; the stream is paced and faults are counted by it. */
  readonly tokens: number;
  /** What it is to a reader: a stream that lacks its `ending` was cut, one that lacks only the `terminator` was not. */
  readonly part: 'opening' | 'content' | 'ending' | 'terminator';
}

/** What a resource answers, before latency, pace and faults have had their say. */
export type Answer =
  | {
      readonly form: 'json';
      readonly status: number;
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      /** How many tokens were written for it, for the pace. */
      readonly tokens?: number;
    }
  | { readonly form: 'bytes'; readonly contentType: string; readonly bytes: Uint8Array }
  | { readonly form: 'events'; readonly events: readonly StreamEvent[] };

/** A JSON answer with status 200. */
export function json(body: unknown, tokens = 0): Answer {
  return { form: 'json', status: 200, body, tokens };
}
