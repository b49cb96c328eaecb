import { check } from '@breakwater/core';

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

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({
  timeoutMs: 5_000,
  retries: 3,
  backoffMs: 1_000,
  perMinute: 20,
  queue: 100,
}) satisfies Required<DeliveryOptions>;

/** Checks how alerts are brought to a sink. */
export const deliveryChecks = {
  timeoutMs: check.positiveInteger,
  retries: check.nonNegativeInteger,
  backoffMs: check.positiveInteger,
  perMinute: check.positiveInteger,
  queue: check.positiveInteger,
} as const satisfies Readonly<Record<keyof DeliveryOptions, check.Check>>;

/** The delivery options among others, as far as they were given. */
export function deliveryOf(options: DeliveryOptions | undefined): DeliveryOptions {
  const names = Object.keys(deliveryChecks) as (keyof DeliveryOptions)[];
  return Object.fromEntries(
    names.flatMap((name) => (options?.[name] === undefined ? [] : [[name, options[name]]])),
  ) as DeliveryOptions;
}
