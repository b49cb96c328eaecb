import { virtualClock } from '@breakwater/simulator';
import { describe, expect, test } from 'vitest';
import {
  CircuitOpenError,
  circuitBreaker,
  isCircuitOpenError,
} from '../../../packages/core/src/breaker/circuit-breaker.js';
import type { Transition } from '../../../packages/core/src/breaker/contract.js';
import type { BreakerInput } from '../../../packages/core/src/breaker/options.js';
import { trackers } from '../../../packages/core/src/breaker/trackers.js';

const fails = () => {
  throw new Error('down');
};

function guarded(options: BreakerInput = {}) {
  const clock = virtualClock();
  const told: Transition[] = [];
  const input = typeof options === 'object' ? { failureStreak: 1, closeAfter: 1, jitter: 0, ...options } : options;
  const circuit = circuitBreaker(input, {
    name: 'mail',
    clock,
    random: () => 0,
    onTransition: (one) => void told.push(one),
  });
  const changes = () => told.map(({ what, from, to, mode }) => (what === 'mode' ? mode : `${from}>${to}`));
  return { clock, circuit, changes };
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a guarded function', () => {
  test.each([
    ['answers at once', () => 7],
    ['answers later', async () => 7],
  ])('that %s gives its answer', async (_, work) => {
    expect(await guarded().circuit.execute(work)).toBe(7);
  });

  test.each([
    ['throws', fails],
    ['rejects', () => Promise.reject(new Error('down'))],
  ])('that %s gives its own error, and opens the circuit', async (_, work) => {
    const { circuit, changes } = guarded();
    expect(await errorOf(circuit.execute(work))).toMatchObject({ message: 'down' });
    expect(changes()).toEqual(['closed>open']);
  });

  test('is not called while the circuit is open, and the error says for how long', async () => {
    const { clock, circuit, changes } = guarded({ openMs: 800 });
    await errorOf(circuit.execute(fails));
    await clock.advance(300);
    let calls = 0;
    const error = await errorOf(circuit.execute(() => (calls += 1)));
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(isCircuitOpenError(error)).toBe(true);
    expect(error).toMatchObject({
      retryAfterMs: 500,
      message: 'mail is open; try again in 500 ms, or give a fallback',
    });
    expect(calls).toBe(0);
    await clock.advance(500);
    await circuit.execute(() => 1);
    expect(changes()).toEqual(['closed>open', 'open>half-open', 'half-open>closed']);
  });

  test('gets the signal of its caller', async () => {
    const { signal } = new AbortController();
    expect(await guarded().circuit.execute((given) => given === signal, { signal })).toBe(true);
  });
});

describe('a fallback', () => {
  test('answers for the error of the function, and for a call that is not made', async () => {
    const { circuit } = guarded();
    const fallback = (error: unknown) => (isCircuitOpenError(error) ? 'refused' : 'failed');
    expect(await circuit.execute<string>(fails, { fallback })).toBe('failed');
    expect(await circuit.execute<string>(() => 'ok', { fallback })).toBe('refused');
  });

  test('that throws itself is heard', async () => {
    const fallback = () => {
      throw new Error('no fallback');
    };
    expect(await errorOf(guarded().circuit.execute(fails, { fallback }))).toMatchObject({ message: 'no fallback' });
  });

  test('is not asked for a caller who left', async () => {
    const signal = AbortSignal.abort();
    expect(await errorOf(guarded().circuit.execute<number>(fails, { fallback: () => 7, signal }))).toBeInstanceOf(
      Error,
    );
  });
});

describe('what counts', () => {
  test("is not a caller's own abort: it is neither a failure nor a success", async () => {
    const { clock, circuit } = guarded();
    await errorOf(circuit.execute(fails, { signal: AbortSignal.abort() }));
    expect(circuit.info()).toMatchObject({ state: 'closed', stats: { total: 0 } });
    await errorOf(circuit.execute(fails));
    await clock.advance(5_000);
    await errorOf(circuit.execute(fails, { signal: AbortSignal.abort() }));
    expect(circuit.info()).toMatchObject({ state: 'half-open', stats: { total: 0 }, probesOut: 0 });
  });

  test('is said by a tracker; an error that it lets pass is ignored', async () => {
    const { circuit } = guarded({ tracker: trackers.typeOf(RangeError) });
    await errorOf(circuit.execute(fails));
    expect(circuit.info()).toMatchObject({ state: 'closed', stats: { total: 0 } });
    await errorOf(circuit.execute(() => Promise.reject(new RangeError())));
    expect(circuit.state).toBe('open');
  });

  test('is the time of a slow call too, though it was answered', async () => {
    const { clock, circuit } = guarded({ failureStreak: false, minRequests: 2, slowMs: 100, slowRate: 1 });
    const slow = () => new Promise<void>((resolve) => void clock.setTimeout(resolve, 100));
    const calls = [circuit.execute(slow), circuit.execute(slow)];
    await clock.advance(100);
    await Promise.all(calls);
    expect(circuit.state).toBe('open');
  });
});

describe('by hand', () => {
  test('it is opened, opened for a while, closed, observed, disabled and reset, and tells of each', async () => {
    const { clock, circuit, changes } = guarded();
    circuit.open();
    expect(await errorOf(circuit.execute(() => 1))).toMatchObject({
      message: 'mail is open; somebody must close it, or give a fallback',
    });
    circuit.close();
    expect(await circuit.execute(() => 1)).toBe(1);
    circuit.disable();
    // Opening a disabled circuit for a while did nothing, and said nothing.
    circuit.openFor(50);
    expect(circuit.state).toBe('open');
    await clock.advance(50);
    circuit.observeOnly();
    await errorOf(circuit.execute(fails));
    expect(circuit.state).toBe('closed');
    circuit.reset();
    expect(circuit.info()).toMatchObject({ mode: 'auto', stats: { total: 0 } });
    expect(changes()).toEqual([
      'forced-open',
      'auto',
      'disabled',
      'auto',
      'closed>open',
      'observe-only',
      'closed>closed',
      'auto',
    ]);
  });

  test('it is not opened for a time that is none', () => {
    for (const ms of [0, -1, Number.NaN]) expect(() => guarded().circuit.openFor(ms)).toThrow(RangeError);
  });
});

test('a listener that throws changes nothing', async () => {
  const circuit = circuitBreaker({ failureStreak: 1 }, { onTransition: fails });
  expect(await errorOf(circuit.execute(() => Promise.reject(new RangeError('own'))))).toBeInstanceOf(RangeError);
});

test('false lets everything through, and wrong options are told', async () => {
  const { circuit } = guarded(false);
  for (let i = 0; i < 9; i += 1) expect(await errorOf(circuit.execute(fails))).toMatchObject({ message: 'down' });
  expect(() => circuitBreaker({ openMs: 0 })).toThrow(
    new TypeError('options.openMs must be a positive integer, but is 0'),
  );
});
