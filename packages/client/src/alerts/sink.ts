import { check, type RouterEvents } from '@breakwater/core';
import { type DeliveryOptions, deliveryChecks } from './options.js';

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

/** Where alerts go: one of `logSink`, `webhookSink`, `slackSink`, or your own. */
export interface AlertSink extends Readonly<DeliveryOptions> {
  /** What the client's logger calls it when it cannot be reached. */
  readonly name: string;
  /** Brings one message there. A rejection means that it was not taken; it is tried again. To be given up when the signal aborts. */
  deliver(message: AlertMessage, about: { readonly signal: AbortSignal }): unknown;
}

/** Says what is wrong with the options of a sink, which it keeps to itself: an address is a secret. By name, for other copies of this package. */
const CHECK = Symbol.for('breakwater.alertSink.check');

const UNSHOWN = 'but is something else, which is not shown';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Lets the router check the options that a sink was made with, together with all others. */
export function checkedSink<Sink extends AlertSink>(sink: Sink, optionsCheck: check.Check, options: unknown): Sink {
  const own: check.Check = (_, path, faults) => {
    if (isObject(options)) optionsCheck(options, path, faults);
    else faults.push(`${path} must have its options as an object, ${UNSHOWN}`);
  };
  return Object.defineProperty(sink, CHECK, { value: own });
}

const ownSink = check.shape(
  { name: check.text, deliver: check.functionOf('(message, { signal }) => Promise'), ...deliveryChecks },
  { required: ['name', 'deliver'] },
);

/** Checks a list of sinks. Who mistakes what goes where may give an address in place of any of it. */
export const sinksCheck: check.Check = (value, path, faults) => {
  if (Array.isArray(value)) sinkList(value, path, faults);
  else faults.push(`${path} must be a list of sinks, ${UNSHOWN}`);
};

const sinkList = check.listOf((value, path, faults) => {
  if (!isObject(value)) faults.push(`${path} must be a sink, such as webhookSink({ url }), ${UNSHOWN}`);
  else ((value as { readonly [CHECK]?: check.Check })[CHECK] ?? ownSink)(value, path, faults);
});

/** An address that may be posted to by whoever knows it, so that it is never shown. */
export const secretUrl: check.Check = (value, path, faults) => {
  const isUrl = check.faultsOf(check.url, value, path).length === 0;
  if (!isUrl) faults.push(`${path} must be an http or https URL, ${UNSHOWN}`);
};
