import type { BreakerSnapshot, KeyStatus, Stats, Status, TargetStatus } from 'breakwater';
import type { MetricDefinition } from './definitions.js';
import type { ModelNames } from './model-names.js';
import type { Aggregator } from './registration.js';
import type { Combine, Samples } from './samples.js';

/** A client as it is at a scrape. */
export interface Look {
  readonly status: Status;
  readonly stats: Stats;
  readonly models: ModelNames;
}

/** A metric that is read when somebody asks. */
export interface GaugeDefinition extends MetricDefinition {
  readonly aggregator: Aggregator;
  readonly read: (look: Look, samples: Samples) => void;
}

/** The number of a breaker's state. */
const STATE_NUMBERS: Readonly<Record<BreakerSnapshot['state'], number>> = { closed: 0, 'half-open': 1, open: 2 };

/** The state of a target, or of a key there, that says it does not know the model: callers make up names, and that is no outage. */
const UNKNOWN = 'unknown';
const TARGET_STATES = ['ready', 'probing', 'open', 'cooling', 'quarantined', 'down', 'limited', UNKNOWN] as const;
const KEY_STATES = ['ready', 'cooling', 'quarantined', 'limited', UNKNOWN] as const;

const sum: Combine = (one, other) => one + other;

/** A value for each target. */
function eachTarget(
  { status, models }: Look,
  tell: (target: TargetStatus, labels: readonly [endpoint: string, model: string]) => void,
): void {
  for (const target of status.targets) tell(target, [target.endpoint, models.of(target.model)]);
}

const keyStateOf = ({ state, quarantine }: KeyStatus): (typeof KEY_STATES)[number] =>
  state === 'quarantined' && quarantine?.reason === 'not_found' ? UNKNOWN : state;

/** Whoever is in quarantine for nothing but a model that is not there. */
function stateOf({ state, quarantine, keys }: TargetStatus): (typeof TARGET_STATES)[number] {
  if (state !== 'quarantined') return state;
  const reasons = [quarantine, ...keys.map((key) => key.quarantine)].flatMap((one) => one?.reason ?? []);
  return reasons.length > 0 && reasons.every((reason) => reason === 'not_found') ? UNKNOWN : state;
}

type Limits = KeyStatus['limits'];
type Dimensions = Map<string, number>;

/** The least that is left by dimension: a call needs room in every limit. */
function leastOf(limits: Limits): Dimensions {
  const least: Dimensions = new Map();
  for (const left of Object.values(limits))
    for (const [dimension, number] of Object.entries(left))
      least.set(dimension, Math.min(least.get(dimension) ?? Number.POSITIVE_INFINITY, number));
  return least;
}

/** What may still be sent to a target: what its keys have left together, or what all of them share, whichever is less. */
function leftAt({ limits, keys }: TargetStatus): Dimensions {
  const ofKeys: Dimensions = new Map();
  for (const key of keys)
    for (const [dimension, number] of leastOf(key.limits)) ofKeys.set(dimension, (ofKeys.get(dimension) ?? 0) + number);
  const left = leastOf(limits);
  for (const [dimension, number] of ofKeys)
    left.set(dimension, Math.min(left.get(dimension) ?? Number.POSITIVE_INFINITY, number));
  return left;
}

/** What is read from `client.router.status()` and `stats()` at each scrape. */
export const GAUGES: readonly GaugeDefinition[] = [
  {
    name: 'breaker_state',
    help: 'State of the breaker: 0 closed, 1 half-open, 2 open; scope transport, with the model *, is for the connections to an endpoint.',
    labels: ['endpoint', 'model', 'scope'],
    aggregator: 'max',
    read: (look, samples) =>
      eachTarget(look, ({ breaker, transport, endpoint }, labels) => {
        samples.note([...labels, 'target'], STATE_NUMBERS[breaker.state], Math.max);
        samples.note([endpoint, '*', 'transport'], STATE_NUMBERS[transport.state], Math.max);
      }),
  },
  {
    name: 'target_state',
    help: '1 for the state that a target is in, 0 for the others: ready, probing, open, cooling, quarantined, down (its endpoint), limited or unknown (it does not have the model).',
    labels: ['endpoint', 'model', 'state'],
    aggregator: 'max',
    read: (look, samples) =>
      eachTarget(look, (target, labels) => {
        const now = stateOf(target);
        for (const state of TARGET_STATES) samples.note([...labels, state], Number(now === state), Math.max);
      }),
  },
  {
    name: 'target_ready_in_seconds',
    help: 'Seconds until a target may be asked again; 0 when it may be now, +Inf for a breaker that only a hand closes.',
    labels: ['endpoint', 'model'],
    aggregator: 'max',
    read: (look, samples) =>
      eachTarget(look, ({ readyInMs = Number.POSITIVE_INFINITY }, labels) =>
        samples.note(labels, readyInMs / 1_000, Math.max),
      ),
  },
  {
    name: 'target_keys',
    help: 'How many keys of a target are ready, cooling, quarantined or limited, or unknown: it does not have the model for them.',
    labels: ['endpoint', 'model', 'state'],
    aggregator: 'max',
    read: (look, samples) =>
      eachTarget(look, ({ keys }, labels) => {
        for (const state of KEY_STATES)
          samples.note([...labels, state], keys.filter((key) => keyStateOf(key) === state).length, Math.max);
      }),
  },
  {
    name: 'target_success_ratio',
    help: 'The decaying share of calls that succeeded, as routing sees it.',
    labels: ['endpoint', 'model'],
    aggregator: 'average',
    read: (look, samples) => eachTarget(look, ({ successRate }, labels) => samples.note(labels, successRate, Math.min)),
  },
  {
    name: 'attempts_in_flight',
    help: 'Attempts under way, streams that are being read among them.',
    labels: ['endpoint', 'model'],
    aggregator: 'sum',
    read: (look, samples) => eachTarget(look, ({ inFlight }, labels) => samples.note(labels, inFlight, sum)),
  },
  {
    name: 'requests_in_flight',
    help: 'Calls that are not answered yet.',
    labels: [],
    aggregator: 'sum',
    read: ({ stats }, samples) => samples.note([], stats.requests.inFlight, sum),
  },
  {
    name: 'limit_left',
    help: 'How much of the tightest limit is left, of those that are set or known, by what it counts.',
    labels: ['endpoint', 'model', 'dimension'],
    aggregator: 'min',
    read: (look, samples) =>
      eachTarget(look, (target, labels) => {
        for (const [dimension, left] of leftAt(target)) samples.note([...labels, dimension], left, Math.min);
      }),
  },
  {
    name: 'budget_left_usd',
    help: 'What is left of the budget for a day or a month; below 0 for what was under way when it was spent.',
    labels: ['period'],
    aggregator: 'sum',
    read: ({ stats }, samples) => {
      for (const [period, { limitUSD, spentUSD }] of Object.entries(stats.budget ?? {}))
        samples.note([period], limitUSD - spentUSD, sum);
    },
  },
  {
    name: 'budget_limit_usd',
    help: 'The budget for a day or a month.',
    labels: ['period'],
    aggregator: 'sum',
    read: ({ stats }, samples) => {
      for (const [period, { limitUSD }] of Object.entries(stats.budget ?? {})) samples.note([period], limitUSD, sum);
    },
  },
];
