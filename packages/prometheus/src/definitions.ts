/** A metric as it is registered and documented. Every metric has the label `client` besides. */
export interface MetricDefinition {
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

const TARGET = ['endpoint', 'model'] as const;

/** What is counted with each event. */
export const COUNTERS = {
  requests: {
    name: 'requests_total',
    help: 'Calls that have ended, by the model that was asked for; outcome is ok or the kind of failure.',
    labels: ['model', 'outcome', 'streamed'],
  },
  rerouted: {
    name: 'rerouted_requests_total',
    help: 'Answered calls that needed another target than the first choice, or the last resort.',
    labels: ['model'],
  },
  attempts: {
    name: 'attempts_total',
    help: 'Attempts that have ended; kind is ok or the kind of failure.',
    labels: [...TARGET, 'kind'],
  },
  failovers: {
    name: 'failovers_total',
    help: 'Calls that went on from one endpoint to another target, because of a failure of this kind.',
    labels: ['from', 'to', 'kind'],
  },
  retries: {
    name: 'retries_total',
    help: 'Calls that asked the same target again, because of a failure of this kind.',
    labels: [...TARGET, 'kind'],
  },
  hedges: {
    name: 'hedges_total',
    help: 'Second targets asked beside this endpoint (sent), which answered first (won) or not (lost), or were not to be had (denied).',
    labels: ['endpoint', 'result'],
  },
  rescues: {
    name: 'rescues_total',
    help: 'Streams that broke off at one endpoint and went on, or began anew, at another.',
    labels: ['from', 'to', 'how'],
  },
  streamEnds: {
    name: 'stream_ends_total',
    help: 'Streams that are over for good, whoever went on with them; kind is ok, or of the failure that they broke off with.',
    labels: ['kind'],
  },
  lastResorts: {
    name: 'last_resorts_total',
    help: 'Calls that the last resort answered, by the failure before it.',
    labels: ['kind'],
  },
  skips: {
    name: 'target_skips_total',
    help: 'How often a call passed a target over because it rests.',
    labels: [...TARGET, 'reason'],
  },
  limitWaits: {
    name: 'limit_waits_total',
    help: 'Calls that waited for room in a limit.',
    labels: [...TARGET, 'dimension'],
  },
  limitRejections: {
    name: 'limit_rejections_total',
    help: 'Calls that failed for want of room in a limit.',
    labels: [...TARGET, 'dimension'],
  },
  tokens: {
    name: 'tokens_total',
    help: 'Tokens that answers told of: input without what came from a cache, cached_input, output.',
    labels: [...TARGET, 'type'],
  },
  cost: {
    name: 'cost_usd_total',
    help: 'US dollars that answers cost whose price is known.',
    labels: TARGET,
  },
  unpriced: {
    name: 'unpriced_answers_total',
    help: 'Answers that told what they used, of a model without a price: their cost is missing.',
    labels: TARGET,
  },
  transitions: {
    name: 'breaker_transitions_total',
    help: 'Changes of the state of a breaker; scope is target, or transport for the connections to an endpoint.',
    labels: [...TARGET, 'scope', 'from', 'to'],
  },
  wouldOpen: {
    name: 'breaker_would_open_total',
    help: 'How often an observing breaker would have opened.',
    labels: [...TARGET, 'scope'],
  },
  cooldowns: {
    name: 'cooldowns_total',
    help: 'Rests that targets asked for, by the kind of failure.',
    labels: [...TARGET, 'kind'],
  },
  quarantines: {
    name: 'quarantines_total',
    help: 'Keys (scope credential) and models (scope target) that were found unusable at an endpoint.',
    labels: [...TARGET, 'scope', 'reason'],
  },
  probes: {
    name: 'health_probes_total',
    help: 'Probes of endpoints, by what was found.',
    labels: ['endpoint', 'verdict'],
  },
  retryBudget: {
    name: 'retry_budget_exhausted_total',
    help: 'Calls that stopped because the budget of retries was empty.',
    labels: ['endpoint'],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** What is measured; all in seconds. */
export const HISTOGRAMS = {
  requestSeconds: {
    name: 'request_duration_seconds',
    help: 'From the call to its answer, all attempts and waits included; of a stream to its first content.',
    labels: ['model', 'outcome', 'streamed'],
    buckets: 'durationBuckets',
  },
  attemptSeconds: {
    name: 'attempt_duration_seconds',
    help: 'One attempt; of a stream to its end.',
    labels: [...TARGET, 'outcome'],
    buckets: 'durationBuckets',
  },
  firstTokenSeconds: {
    name: 'time_to_first_token_seconds',
    help: 'From the start of a streamed attempt to its first content.',
    labels: TARGET,
    buckets: 'firstTokenBuckets',
  },
  outputTokenSeconds: {
    name: 'time_per_output_token_seconds',
    help: 'The mean time per token after the first content, of streams that told their usage.',
    labels: TARGET,
    buckets: 'outputTokenBuckets',
  },
} as const satisfies Readonly<
  Record<string, MetricDefinition & { buckets: 'durationBuckets' | 'firstTokenBuckets' | 'outputTokenBuckets' }>
>;

/** The breakers once more, by Fluxgate's names, labels and states: they take no prefix. */
export const FLUXGATE = {
  state: {
    name: 'circuit_breaker_state',
    help: 'Current state of the circuit breaker: 1 for the state it is in, 0 for the others.',
    labels: ['circuit_name', 'state'],
  },
  transitions: {
    name: 'circuit_breaker_state_transition_total',
    help: 'Count of state transitions for circuit breakers.',
    labels: ['circuit_name', 'old_state', 'new_state'],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** The key of a counter. */
export type CounterName = keyof typeof COUNTERS;

/** The key of a histogram. */
export type HistogramName = keyof typeof HISTOGRAMS;
