import { either, fraction, functionOf, oneOf, positiveInteger, shape } from '../base/check.js';

/**
 * Who looks after endpoints besides the calls. `off`: nobody, and what `checkHealth()` finds changes nothing. `passive`: nobody, but what
 * `checkHealth()` finds counts. `on-demand`: probes beside calls, for endpoints that are in trouble or have not been used for a while.
 * `active`: probes of all endpoints at intervals, from the first call until `close()`.
 */
export type HealthMode = 'off' | 'passive' | 'on-demand' | 'active';

/** What a user's own probe is told of the endpoint it is to look at. */
export interface ProbedEndpoint {
  readonly id: string;
  readonly region: string | undefined;
  /** Its base URL. */
  readonly baseURL: string;
}

/** How endpoints are looked after. Times are in milliseconds. */
export interface HealthOptions {
  /** @default 'on-demand' with several endpoints, 'passive' with one, where there is nothing to choose */
  mode?: HealthMode;
  /** Between two probes of an endpoint. @default 30000 */
  intervalMs?: number;
  /** Up to this share is added to each interval, or taken off, so that many clients do not probe together. @default 0.2 */
  jitter?: number;
  /** How long a probe may take. @default 5000 */
  timeoutMs?: number;
  /** So many failed probes in a row, with no call answered in between, make an endpoint `down`. @default 3 */
  fall?: number;
  /** So many good probes in a row make it `up` again; a call that is answered does so at once. @default 2 */
  rise?: number;
  /** Probes under way at the same time. @default 2 */
  concurrency?: number;
  /** An endpoint that has not been used for so long is probed beside the next call. @default 60000 */
  idleMs?: number;
  /** Looks at an endpoint in place of `GET /models`: true for well, false for not; a rejection, and no answer in time, are false. */
  probe?: (endpoint: ProbedEndpoint, about: { readonly signal: AbortSignal }) => boolean | Promise<boolean>;
}

/** Health options with every default filled in. */
export interface ResolvedHealthOptions extends Readonly<Required<Omit<HealthOptions, 'probe'>>> {
  readonly probe: HealthOptions['probe'];
  /** A `down` that no probe has confirmed for so long keeps nobody away: three probes have been missed. */
  readonly staleMs: number;
}

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({
  intervalMs: 30_000,
  jitter: 0.2,
  timeoutMs: 5_000,
  fall: 3,
  rise: 2,
  concurrency: 2,
  idleMs: 60_000,
});

const healthShape = shape({
  mode: oneOf('off', 'passive', 'on-demand', 'active'),
  intervalMs: positiveInteger,
  jitter: fraction,
  timeoutMs: positiveInteger,
  fall: positiveInteger,
  rise: positiveInteger,
  concurrency: positiveInteger,
  idleMs: positiveInteger,
  probe: functionOf('(endpoint, { signal }) => boolean'),
});

/** Checks `router.health`. */
export const healthOptions = either(
  'false or { mode, intervalMs, timeoutMs, fall, rise, probe, … }',
  oneOf(false),
  healthShape,
);

/** Fills in the defaults for a router of so many endpoints; the options have been checked before. `false` is the mode `off`. */
export function resolveHealthOptions(
  given: HealthOptions | false | undefined = undefined,
  endpoints = 1,
): ResolvedHealthOptions {
  // An option that is named without a value is one that was not given.
  const named = Object.entries(given || {}).filter(([, value]) => value !== undefined);
  const usual: HealthMode = endpoints > 1 ? 'on-demand' : 'passive';
  const mode: HealthMode = given === false ? 'off' : usual;
  const resolved = { probe: undefined, ...DEFAULTS, mode, ...(Object.fromEntries(named) as HealthOptions) };
  return Object.freeze({ ...resolved, staleMs: 3 * (resolved.intervalMs + resolved.timeoutMs) });
}
