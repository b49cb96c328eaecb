import { check } from '@breakwater/core';
import { type DeliveryOptions, deliveryChecks, deliveryOf } from './options.js';
import { post, type SinkFetch } from './post.js';
import { type AlertMessage, type AlertSink, checkedSink, secretUrl } from './sink.js';

/** Options of {@link webhookSink}. */
export interface WebhookSinkOptions extends DeliveryOptions {
  /** Where to post. A secret: it is in no event, log or error. */
  url: string;
  /** Headers besides `content-type`, such as one with a token. */
  headers?: Readonly<Record<string, string>>;
  /** Who tells it, as `source` of the JSON. @default 'breakwater' */
  source?: string;
  /** Sends the requests. @default the platform's */
  fetch?: SinkFetch;
}

const optionsCheck = check.shape(
  {
    url: secretUrl,
    headers: check.recordOf(check.text),
    source: check.text,
    fetch: check.functionOf('(url, init) => Promise<Response>'),
    ...deliveryChecks,
  },
  { required: ['url'] },
);

/** Posts `{ source, text, alert }`, or `{ source, text, summary }` for several alerts in one. Any 2xx is taken for delivered. */
export function webhookSink(options: WebhookSinkOptions): AlertSink {
  const deliver = async (message: AlertMessage, { signal }: { readonly signal: AbortSignal }) => {
    const { url, headers, source = 'breakwater', fetch } = options;
    const response = await post({ url, headers, body: { source, ...message }, signal, fetch });
    // Nobody reads it, and it may have no end.
    void response.body?.cancel().catch(() => {});
  };
  return checkedSink({ name: 'webhook', ...deliveryOf(options), deliver }, optionsCheck, options);
}
