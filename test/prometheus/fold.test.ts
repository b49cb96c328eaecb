import { type Collectable, collect } from '@breakwater/prometheus';
import type { EventName, RouterEvents, Stats } from 'breakwater';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';

/** A source that says what it is told to, and what was made of it. */
function scripted() {
  const listeners = new Map<EventName, (event: never) => unknown>();
  const on: Collectable['on'] = (name, listener) => {
    listeners.set(name, listener);
    return () => listeners.delete(name);
  };
  const stats = { requests: { inFlight: 0 } } as Stats;
  const register = new Registry();
  onTestFinished(collect({ on, router: { stats: () => stats, status: () => ({ targets: [] }) } }, { register }));
  const emit = <Name extends EventName>(name: Name, event: object) =>
    listeners.get(name)?.({ at: 0, requestId: 'r1', ...event } as RouterEvents[Name] as never);
  const linesOf = async (name: string) =>
    (await register.getSingleMetricAsString(`breakwater_${name}`))
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.replace(/^breakwater_/, '').replace('client="default",', ''));
  return { emit, linesOf };
}

const target = { target: 'seoul/m', endpoint: 'seoul', model: 'm', attempt: 1 };
const usage = { inputTokens: 100, cachedInputTokens: 40, outputTokens: 11 };

test('what came from a cache is counted once: the tokens of a target are the sum of their types', async () => {
  const { emit, linesOf } = scripted();
  emit('attempt.succeeded', { ...target, durationMs: 900, usage, costUSD: 0.5 });
  emit('attempt.failed', { ...target, kind: 'content_policy', durationMs: 900, usage });
  expect(await linesOf('tokens_total')).toEqual([
    'tokens_total{endpoint="seoul",model="m",type="input"} 120',
    'tokens_total{endpoint="seoul",model="m",type="cached_input"} 80',
    'tokens_total{endpoint="seoul",model="m",type="output"} 22',
  ]);
  expect(await linesOf('cost_usd_total')).toEqual(['cost_usd_total{endpoint="seoul",model="m"} 0.5']);
  expect(await linesOf('unpriced_answers_total')).toEqual(['unpriced_answers_total{endpoint="seoul",model="m"} 1']);
});

test('the time per output token is that of the tokens after the first, of streams that told how many', async () => {
  const { emit, linesOf } = scripted();
  const sums = async () => (await linesOf('time_per_output_token_seconds')).filter((line) => /_(sum|count)/.test(line));
  emit('stream.committed', { ...target, firstTokenMs: 400 });
  emit('attempt.succeeded', { ...target, durationMs: 900, usage });
  const once = [
    'time_per_output_token_seconds_sum{endpoint="seoul",model="m"} 0.05',
    'time_per_output_token_seconds_count{endpoint="seoul",model="m"} 1',
  ];
  expect(await sums()).toEqual(once);
  for (const other of [usage, { ...usage, estimated: true }, { ...usage, outputTokens: 1 }, undefined]) {
    // The first of these is no stream, or one that was committed before anybody listened.
    if (other !== usage) emit('stream.committed', { ...target, firstTokenMs: 400 });
    emit('attempt.succeeded', { ...target, durationMs: 900, usage: other });
  }
  emit('stream.committed', { ...target, firstTokenMs: 400 });
  emit('attempt.failed', { ...target, kind: 'stream_error_late', durationMs: 900, usage });
  expect(await sums()).toEqual(once);
});

// Streams that broke off after their first content were answered calls, and an outage of that form was in no metric of calls.
test('a stream that is over is told by how it ended', async () => {
  const { emit, linesOf } = scripted();
  for (const kind of ['ok', 'stream_error_late', 'ok']) emit('stream.ended', { kind, durationMs: 900, chunks: 3 });
  expect(await linesOf('stream_ends_total')).toEqual([
    'stream_ends_total{kind="ok"} 2',
    'stream_ends_total{kind="stream_error_late"} 1',
  ]);
});

test('a wait that is set anew, and a mode that leaves the state as it is, are no change of a breaker', async () => {
  const { emit, linesOf } = scripted();
  const breaker = { ...target, scope: 'target' };
  emit('breaker.opened', { ...breaker, from: 'closed', to: 'open' });
  emit('breaker.opened', { ...breaker, from: 'open', to: 'open' });
  emit('breaker.mode-changed', { ...breaker, from: 'open', to: 'open', mode: 'forced-open' });
  expect(await linesOf('breaker_transitions_total')).toEqual([
    'breaker_transitions_total{endpoint="seoul",model="m",scope="target",from="closed",to="open"} 1',
  ]);
});

test('a call that fails is told by its kind, in time by its outcome alone', async () => {
  const { emit, linesOf } = scripted();
  for (const [requestId, kind] of [
    ['a', 'server_error'],
    ['b', 'quota'],
  ]) {
    emit('request.started', { requestId, model: 'm', streamed: true });
    emit('request.failed', { requestId, kind, attempts: 1, durationMs: 500 });
  }
  emit('request.started', { requestId: 'c', streamed: false });
  emit('request.succeeded', { requestId: 'c', target: 'seoul/m', attempts: 1, durationMs: 500, rerouted: true });
  expect(await linesOf('requests_total')).toEqual([
    'requests_total{model="m",outcome="server_error",streamed="true"} 1',
    'requests_total{model="m",outcome="quota",streamed="true"} 1',
    'requests_total{model="none",outcome="ok",streamed="false"} 1',
  ]);
  expect(await linesOf('rerouted_requests_total')).toEqual(['rerouted_requests_total{model="none"} 1']);
  const counts = (await linesOf('request_duration_seconds')).filter((line) => line.includes('_count'));
  expect(counts).toEqual([
    'request_duration_seconds_count{model="m",outcome="failed",streamed="true"} 2',
    'request_duration_seconds_count{model="none",outcome="ok",streamed="false"} 1',
  ]);
});
