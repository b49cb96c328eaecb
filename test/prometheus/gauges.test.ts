import type { KeyStatus, Stats, Status, TargetStatus } from 'breakwater';
import { expect, test } from 'vitest';
import { FLUXGATE_STATE } from '../../packages/prometheus/src/fluxgate.js';
import { GAUGES, type GaugeDefinition } from '../../packages/prometheus/src/gauges.js';
import { ModelNames } from '../../packages/prometheus/src/model-names.js';
import { Samples } from '../../packages/prometheus/src/samples.js';

const breaker = (state: 'closed' | 'open' | 'half-open', mode = 'auto') =>
  ({ state, mode }) as unknown as TargetStatus['breaker'];

const key = (limits: KeyStatus['limits']) => ({ key: 'k', state: 'ready', readyInMs: 0, limits }) as KeyStatus;

const target = (model: string, more: Partial<TargetStatus> = {}) =>
  ({
    target: `seoul/${model}`,
    endpoint: 'seoul',
    model,
    state: 'ready',
    readyInMs: 0,
    breaker: breaker('closed'),
    transport: breaker('closed'),
    inFlight: 0,
    successRate: 1,
    limits: {},
    keys: [],
    ...more,
  }) as unknown as TargetStatus;

/** What a gauge shows of these targets, by its labels. */
function shown(gauge: GaugeDefinition | undefined, targets: readonly TargetStatus[], stats: Partial<Stats> = {}) {
  const samples = new Samples();
  gauge?.read({ status: { targets } satisfies Status, stats: stats as Stats, models: new ModelNames(1) }, samples);
  const all: Record<string, number> = {};
  samples.each((labels, value) => {
    all[labels.join(' ')] = value;
  });
  return all;
}

const named = (name: string) => GAUGES.find((one) => one.name === name);

test('targets that share the label other are put together: the worst state, the sum of what is under way', () => {
  const targets = [
    target('first'),
    target('a', { breaker: breaker('open'), inFlight: 2, successRate: 0.5, readyInMs: 1_500, state: 'open' }),
    target('b', { breaker: breaker('half-open'), inFlight: 3, successRate: 0.9 }),
  ];
  expect(shown(named('breaker_state'), targets)).toEqual({
    'seoul first target': 0,
    'seoul * transport': 0,
    'seoul other target': 2,
  });
  expect(shown(named('attempts_in_flight'), targets)).toEqual({ 'seoul first': 0, 'seoul other': 5 });
  expect(shown(named('target_success_ratio'), targets)).toEqual({ 'seoul first': 1, 'seoul other': 0.5 });
  expect(shown(named('target_ready_in_seconds'), targets)).toEqual({ 'seoul first': 0, 'seoul other': 1.5 });
  expect(shown(named('target_state'), targets)).toMatchObject({ 'seoul other open': 1, 'seoul other ready': 1 });
});

// A caller asked for a model that does not exist: all targets of it were in quarantine, and people were woken because nobody was left.
test('a target that does not have the model is unknown, and no more in quarantine than the keys that it told so', () => {
  const not_found = { scope: 'target', reason: 'not_found', leftMs: 1 } as const;
  const auth = { scope: 'credential', reason: 'auth', leftMs: 1 } as const;
  const asked = (reason: typeof not_found | typeof auth) =>
    ({ ...key({}), state: 'quarantined', quarantine: reason }) as KeyStatus;
  const targets = [target('a', { state: 'quarantined', quarantine: not_found, keys: [asked(not_found)] })];
  expect(shown(named('target_state'), targets)).toMatchObject({ 'seoul a unknown': 1, 'seoul a quarantined': 0 });
  expect(shown(named('target_keys'), targets)).toMatchObject({ 'seoul a unknown': 1, 'seoul a quarantined': 0 });
  const refused = [target('a', { state: 'quarantined', keys: [asked(not_found), asked(auth)] })];
  expect(shown(named('target_state'), refused)).toMatchObject({ 'seoul a unknown': 0, 'seoul a quarantined': 1 });
  expect(shown(named('target_keys'), refused)).toMatchObject({ 'seoul a unknown': 1, 'seoul a quarantined': 1 });
});

test('a breaker that only a hand closes is ready in no time that is known', () => {
  const closed = target('a', { readyInMs: undefined as never });
  expect(shown(named('target_ready_in_seconds'), [closed])).toEqual({ 'seoul a': Number.POSITIVE_INFINITY });
});

test('what is left of limits is the least of those that all keys share, and what the keys have together', () => {
  const limits = { 'the client': { requestsPerMinute: 12, concurrency: 4 }, seoul: { requestsPerMinute: 9 } };
  const keys = [
    key({ learned: { requestsPerMinute: 3, tokensPerMinute: 100 }, set: { requestsPerMinute: 5 } }),
    key({ learned: { requestsPerMinute: 4, tokensPerMinute: 50 } }),
  ];
  expect(shown(named('limit_left'), [target('a', { limits, keys })])).toEqual({
    'seoul a requestsPerMinute': 7,
    'seoul a concurrency': 4,
    'seoul a tokensPerMinute': 150,
  });
  expect(shown(named('limit_left'), [target('a')])).toEqual({});
});

test('a budget is told by its period, and not where there is none', () => {
  const budget = { day: { limitUSD: 10, spentUSD: 4 }, month: { limitUSD: 20, spentUSD: 21 } };
  expect(shown(named('budget_left_usd'), [], { budget })).toEqual({ day: 6, month: -1 });
  expect(shown(named('budget_limit_usd'), [], { budget })).toEqual({ day: 10, month: 20 });
  expect(shown(named('budget_left_usd'), [], {})).toEqual({});
});

test.each([
  ['closed', 'auto', 'closed'],
  ['half-open', 'auto', 'half_open'],
  ['closed', 'observe-only', 'metrics_only'],
  ['closed', 'disabled', 'disabled'],
  ['open', 'forced-open', 'forced_open'],
] as const)('a breaker that is %s (%s) is %s in Fluxgate’s words', (state, mode, told) => {
  const states = shown(FLUXGATE_STATE, [target('a', { breaker: breaker(state, mode) })]);
  const own = Object.entries(states).filter(([labels]) => labels.startsWith('seoul/a '));
  expect(own).toHaveLength(6);
  expect(own.filter(([, value]) => value === 1)).toEqual([[`seoul/a ${told}`, 1]]);
});
