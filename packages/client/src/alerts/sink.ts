import { check, type RouterEvents } from '@breakwater/core';

/** What a sink is given to deliver: one alert, or the sum of several for which there was no room. */
export interface AlertMessage {
  /** All of it in words, on one line. */
  readonly text: string;
  readonly alert?: RouterEvents['alert'] | undefined;
  readonly summary?: AlertSummary | undefined;
}

/** Alerts that were not told one by one: there were more than the sink takes in a minute, or it could not be reached. */
export interface AlertSummary {
  readonly alerts: number;
  readonly firing: number;
  readonly resolved: number;
  /** How many by rule. */
  readonly byRule: Readonly<Record<string, number>>;
  /** The text of the newest. */
  readonly latest: string;
}

/** How alerts are brought to a sink. */
export interface DeliveryOptions {
  /** How long one try may take, in milliseconds. @default 5000 */
  timeoutMs?: number;
  /** Tries after the first. @default 3 */
  retries?: number;
  /** The pause before the second try, in milliseconds; it doubles each time, up to a minute. A `Retry-After` is heeded. @default 1000 */
  backoffMs?: number;
  /** So many messages a minute at the most; what is above is summed up in one. @default 20 */
  perMinute?: number;
  /** So many messages wait at the most; what is above is summed up. @default 100 */
  queue?: number;
}

/** Where alerts go: one of `logSink`, `webhookSink`, `slackSink`, or your own. */
export interface AlertSink extends Readonly<DeliveryOptions> {
  /** What the client's logger calls it when it cannot be reached. */
  readonly name: string;
  /** Brings one message there. A rejection means that it was not taken; it is tried again. To be given up when the signal aborts. */
  deliver(message: AlertMessage, about: { readonly signal: AbortSignal }): unknown;
}

/** Says what is wrong with the options of a sink, which it keeps to itself: an address is a secret. By name, for other copies of this package. */
const CHECK = Symbol.for('breakwater.alertSink.check');

/** Lets the router check the options that a sink was made with, together with all others. */
export function checkedSink<Sink extends AlertSink>(sink: Sink, optionsCheck: check.Check, options: unknown): Sink {
  const own: check.Check = (_, path, faults) => optionsCheck(options, path, faults);
  return Object.defineProperty(sink, CHECK, { value: own });
}

/** Checks how alerts are brought to a sink. */
export const deliveryChecks = {
  timeoutMs: check.positiveInteger,
  retries: check.nonNegativeInteger,
  backoffMs: check.positiveInteger,
  perMinute: check.positiveInteger,
  queue: check.positiveInteger,
} as const satisfies Readonly<Record<keyof DeliveryOptions, check.Check>>;

const ownSink = check.shape(
  { name: check.text, deliver: check.functionOf('(message, { signal }) => Promise'), ...deliveryChecks },
  { required: ['name', 'deliver'] },
);

/** Checks a sink. */
export const sinkCheck: check.Check = (value, path, faults) => {
  const own = (value as { readonly [CHECK]?: check.Check } | null | undefined)?.[CHECK];
  (own ?? ownSink)(value, path, faults);
};

/** An address that may be posted to by whoever knows it, so that it is never shown. */
export const secretUrl: check.Check = (value, path, faults) => {
  const isUrl = check.faultsOf(check.url, value, path).length === 0;
  if (!isUrl) faults.push(`${path} must be an http or https URL; what it is instead is not shown`);
};

/** The delivery options among others, as far as they were given. */
export function deliveryOf(options: DeliveryOptions | undefined): DeliveryOptions {
  const names = Object.keys(deliveryChecks) as (keyof DeliveryOptions)[];
  return Object.fromEntries(
    names.flatMap((name) => (options?.[name] === undefined ? [] : [[name, options[name]]])),
  ) as DeliveryOptions;
}
