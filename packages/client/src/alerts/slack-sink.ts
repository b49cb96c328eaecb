import { check } from '@breakwater/core';
import { DeliveryError } from './delivery-error.js';
import { type DeliveryOptions, deliveryChecks, deliveryOf } from './options.js';
import { post, type SinkFetch } from './post.js';
import { type AlertMessage, type AlertSink, checkedSink, secretUrl } from './sink.js';
import { slackBody } from './slack-body.js';

/** Options of {@link slackSink}: either the `url` of an incoming webhook, or a bot's `token` and a `channel`. */
export interface SlackSinkOptions extends DeliveryOptions {
  /** The address of an incoming webhook, a secret; with a `token`, that of `chat.postMessage`. @default with a token, Slack's */
  url?: string;
  /** The token of a bot that may write (`chat:write`). With it, each incident is one thread. */
  token?: string;
  /** The channel that the bot writes to, by its id or name. */
  channel?: string;
  /** Who tells it. @default 'breakwater' */
  source?: string;
  /** Sends the requests. @default the platform's */
  fetch?: SinkFetch;
}

const POST_MESSAGE = 'https://slack.com/api/chat.postMessage';
const MOST_THREADS = 500;
/** What Slack says when it may be well the next time. */
const PASSING: ReadonlySet<string> = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
]);

const optionsShape = check.shape({
  url: secretUrl,
  token: check.text,
  channel: check.text,
  source: check.text,
  fetch: check.functionOf('(url, init) => Promise<Response>'),
  ...deliveryChecks,
});

const optionsCheck: check.Check = (value, path, faults) => {
  const found = check.faultsOf(optionsShape, value, path);
  faults.push(...found);
  if (found.length > 0) return;
  const { url, token, channel } = value as SlackSinkOptions;
  if (url === undefined && token === undefined)
    faults.push(`${path} must have the url of an incoming webhook, or a token and a channel, but has neither`);
  if ((token === undefined) !== (channel === undefined))
    faults.push(`${path} must have both a token and a channel, or none of them: a webhook has a channel of its own`);
};

/**
 * Writes alerts to Slack, or to whatever takes the same JSON. With a bot's token each incident is a thread: what is over is answered there,
 * and shown in the channel too. An incoming webhook has no threads, so each alert is a message of its own.
 */
export function slackSink(options: SlackSinkOptions): AlertSink {
  const threads = new Map<string, string>();
  const deliver = async (message: AlertMessage, { signal }: { readonly signal: AbortSignal }) => {
    const { url, token, channel, source = 'breakwater', fetch } = options;
    const body = slackBody(message, source);
    const incident = message.alert?.incident ?? '';
    const thread = threads.get(incident);
    if (token === undefined) {
      const response = await post({ url: url ?? '', body, signal, fetch });
      void response.body?.cancel().catch(() => {});
      return;
    }
    const inThread = thread !== undefined && { thread_ts: thread, reply_broadcast: true };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' };
    const response = await post({
      url: url ?? POST_MESSAGE,
      headers,
      body: { channel, ...body, ...inThread },
      signal,
      fetch,
    });
    const ts = timestampIn(await response.json());
    if (message.alert?.state === 'resolved') threads.delete(incident);
    else if (message.alert) {
      if (threads.size >= MOST_THREADS) threads.delete(threads.keys().next().value ?? '');
      threads.set(incident, ts);
    }
  };
  return checkedSink({ name: 'slack', ...deliveryOf(options), deliver }, optionsCheck, options);
}

/** What Slack calls the message it took. Its refusals come with status 200. */
function timestampIn(answer: unknown): string {
  const { ok, ts, error } = (answer ?? {}) as {
    readonly ok?: unknown;
    readonly ts?: unknown;
    readonly error?: unknown;
  };
  if (ok === true) return String(ts);
  const word = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : 'no word why';
  throw new DeliveryError(`Slack refused it: ${word}`, { isFinal: !PASSING.has(word) });
}
