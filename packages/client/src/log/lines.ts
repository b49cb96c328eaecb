import { durationText, type EventName, type RouterEvents } from '@breakwater/core';

/** How serious a line is; every event has one level, whatever it says. */
export type LineLevel = 'info' | 'warn' | 'error';

/** What is written of one kind of event. */
export interface Line<Name extends EventName> {
  readonly level: LineLevel;
  /** The event in one sentence. */
  readonly say: (event: RouterEvents[Name]) => string;
}

/** Lines by the events they are about. */
export type Lines = { readonly [Name in EventName]?: Line<Name> };

type Failed = { readonly kind: string; readonly status?: number | undefined };

const why = ({ kind, status }: Failed): string => (status === undefined ? kind : `${kind}, HTTP ${status}`);
const whose = (key: string | undefined): string => (key === undefined ? '' : ` (${key})`);
/** Two decimals, and more where the sum is smaller than that. */
const inDollars = (sum: number): string =>
  sum >= 0.01 || sum === 0 ? sum.toFixed(2) : String(Number(sum.toPrecision(2)));
const what = ({ scope, target, key }: { scope: string; target: string; key: string | undefined }): string =>
  scope === 'credential' ? `${target}: ${key ?? 'its key'}` : target;

/** What concerns more than one call, and every failover. An error wants somebody to act, a warning somebody to know. */
export const INCIDENTS: Lines = {
  failover: { level: 'warn', say: (event) => `failover from ${event.from} to ${event.to} (${why(event)})` },
  'breaker.opened': {
    level: 'warn',
    say: ({ target, openForMs, reason }) => `breaker of ${target} opened for ${durationText(openForMs)}: ${reason}`,
  },
  'breaker.half-opened': {
    level: 'info',
    say: ({ target, reason }) => `breaker of ${target} lets calls through on trial: ${reason}`,
  },
  'breaker.closed': { level: 'info', say: ({ target, reason }) => `breaker of ${target} closed: ${reason}` },
  'breaker.would-open': {
    level: 'info',
    say: ({ target, reason }) => `breaker of ${target} would have opened, but only observes: ${reason}`,
  },
  'breaker.mode-changed': {
    level: 'info',
    say: ({ target, mode, reason }) => `breaker of ${target} has the mode ${mode} now: ${reason}`,
  },
  'cooldown.started': {
    level: 'warn',
    say: (event) => `${event.target}${whose(event.key)} rests for ${durationText(event.forMs)} (${why(event)})`,
  },
  'quarantine.started': {
    level: 'error',
    say: (event) => `${what(event)} is not used for ${durationText(event.forMs)}: ${event.reason}`,
  },
  'quarantine.ended': { level: 'info', say: (event) => `${what(event)} works again` },
  'health.down': {
    level: 'warn',
    say: ({ endpoint, probes }) => `${endpoint} is down: ${probes} probes in a row failed`,
  },
  'health.up': {
    level: 'info',
    say: ({ endpoint, because }) =>
      `${endpoint} is up again: ${because === 'call' ? 'a call was' : 'probes were'} answered`,
  },
  'stream.broken': { level: 'warn', say: ({ target, message }) => `a stream of ${target} broke off: ${message}` },
  'stream.malformed': {
    level: 'warn',
    say: ({ target, count }) => `${count} events of a stream of ${target} could not be read, and were left out`,
  },
  'stream.rescued': {
    level: 'warn',
    say: ({ from, to, how }) => `a stream of ${from} ${how === 'restart' ? 'began anew' : 'went on'} at ${to}`,
  },
  'panic.entered': {
    level: 'warn',
    say: ({ model, target }) => `everybody who could answer for ${model} rests: ${target} is asked all the same`,
  },
  'panic.left': { level: 'info', say: ({ model }) => `${model} has somebody again who may be asked` },
  alert: {
    level: 'error',
    say: ({ state, text }) => (state === 'resolved' ? `alert resolved: ${text}` : `alert: ${text}`),
  },
  'lastresort.used': { level: 'error', say: (event) => `the last resort answered (${why(event)})` },
  'budget.exhausted': {
    level: 'warn',
    say: ({ target }) => `the budget of retries is empty: ${target} was not asked`,
  },
  'budget.exceeded': {
    level: 'error',
    say: ({ period, limitUSD, spentUSD }) =>
      `the budget of a ${period} is spent: ${inDollars(spentUSD)} of ${inDollars(limitUSD)} US dollars`,
  },
};

/** What concerns one call, written when somebody asks for it. */
export const REQUESTS: Lines = {
  'request.succeeded': {
    level: 'info',
    say: ({ target, attempts, durationMs }) =>
      `answered by ${target} in ${durationText(durationMs)}${attempts > 1 ? `, ${attempts} attempts` : ''}`,
  },
  'request.failed': {
    level: 'warn',
    say: (event) => `failed after ${durationText(event.durationMs)} and ${event.attempts} attempts (${why(event)})`,
  },
  retry: {
    level: 'info',
    say: (event) => `${event.target} is asked again in ${durationText(event.delayMs)} (${why(event)})`,
  },
  'limit.rejected': {
    level: 'warn',
    say: ({ scope, dimension }) => `no room for a call in the ${dimension} of ${scope}`,
  },
  'hedge.won': { level: 'info', say: ({ from, to }) => `${to} answered before ${from}, which was slow` },
};
