import { virtualClock } from '@breakwater/simulator';
import { describe, expect, test } from 'vitest';
import {
  type CircuitBreaker,
  CircuitOpenError,
  circuitBreaker,
  isCircuitOpenError,
} from '../../../packages/core/src/breaker/circuit-breaker.js';
import type { Transition } from '../../../packages/core/src/breaker/contract.js';
import type { BreakerInput } from '../../../packages/core/src/breaker/options.js';
import { permits } from '../../../packages/core/src/breaker/permits.js';
import { recovery } from '../../../packages/core/src/breaker/recovery.js';
import { trackers } from '../../../packages/core/src/breaker/trackers.js';

const fails = () => {
  throw new Error('down');
};

function guarded(options: BreakerInput = {}) {
  const clock = virtualClock();
  const told: Transition[] = [];
  const input = typeof options === 'object' ? { failureStreak: 1, closeAfter: 1, ...options } : options;
  const circuit = circuitBreaker(input, {
    name: 'mail',
    clock,
    random: () => 0,
    onTransition: (one) => void told.push(one),
  });
  const changes = () => told.map(({ what, from, to, mode }) => (what === 'mode' ? mode : `${from}>${to}`));
  return { clock, circuit, changes };
}

/** A call whose caller aborts while the function runs, which then rejects as `fetch` does. */
function leaving(circuit: CircuitBreaker, { reason, fallback }: { reason?: unknown; fallback?: () => number } = {}) {
  const caller = new AbortController();
  const work = (signal?: AbortSignal) => {
    caller.abort(reason);
    return Promise.reject<number>(signal?.reason);
  };
  return circuit.execute(work, { signal: caller.signal, ...(fallback && { fallback }) });
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
      name: 'CircuitOpenError',
      code: 'circuit_open',
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

  test('is not asked for a caller who left while the function ran', async () => {
    const { circuit } = guarded();
    expect(await errorOf(leaving(circuit, { reason: new Error('changed my mind'), fallback: () => 7 }))).toMatchObject({
      message: 'changed my mind',
    });
  });

  // With the circuit closed the abort was thrown, with the circuit open the fallback answered nobody.
  test.each(['closed', 'open'] as const)(
    'is not asked for a caller who left before, the circuit being %s',
    async (state) => {
      const { circuit } = guarded();
      if (state === 'open') circuit.open();
      const signal = AbortSignal.abort(new Error('changed my mind'));
      let asked = 0;
      const call = circuit.execute(() => (asked += 1), { fallback: () => (asked += 1), signal });
      expect(await errorOf(call)).toMatchObject({ message: 'changed my mind' });
      expect(asked).toBe(0);
    },
  );
});

describe('what counts', () => {
  test("is not a caller's own abort: it is neither a failure nor a success", async () => {
    const { clock, circuit, changes } = guarded();
    await errorOf(leaving(circuit));
    expect(circuit.info()).toMatchObject({ state: 'closed', stats: { total: 0 } });
    await errorOf(circuit.execute(fails));
    await clock.advance(5_000);
    await errorOf(leaving(circuit));
    expect(circuit.info()).toMatchObject({ state: 'half-open', stats: { total: 0 }, probesOut: 0 });
    expect(changes()).toEqual(['closed>open', 'open>half-open']);
  });

  test.each([[null], ['gone'], [0]])(
    "is not a caller's own abort for a reason that is no error: %j",
    async (reason) => {
      const { circuit } = guarded();
      expect(await errorOf(leaving(circuit, { reason }))).toBe(reason);
      expect(circuit.info()).toMatchObject({ state: 'closed', stats: { total: 0 } });
    },
  );

  // With AbortSignal.timeout(ms), as the table for opossum's users has it, every aborted call read as a caller who had left: a backend
  // that hung for each of ten callers was asked by the eleventh, and no fallback answered any of them.
  test('is a signal that aborts because the time is up: it opens the circuit, and the fallback answers', async () => {
    const { circuit } = guarded({ failureStreak: 10 });
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    for (let i = 0; i < 10; i += 1) expect(await leaving(circuit, { reason, fallback: () => 7 })).toBe(7);
    expect(circuit.info()).toMatchObject({ state: 'open', stats: { total: 10, failures: 10 } });
  });

  test('is no call that was not made because its time was up before: the fallback answers, and nothing counts', async () => {
    const { circuit } = guarded();
    const signal = AbortSignal.abort(new DOMException('too late', 'TimeoutError'));
    let asked = 0;
    expect(await circuit.execute(() => (asked += 1), { signal, fallback: () => 7 })).toBe(7);
    expect(await errorOf(circuit.execute(() => (asked += 1), { signal }))).toBe(signal.reason);
    expect([asked, circuit.info().stats.total]).toEqual([0, 0]);
  });

  // A circuit around a circuit opened when the inner one refused, and stayed open after the inner one had closed.
  test('is no refusal of another circuit inside, unless a tracker says so', async () => {
    const inner = guarded().circuit;
    inner.open();
    const refused = () => inner.execute(() => 1);
    const outer = guarded().circuit;
    expect(isCircuitOpenError(await errorOf(outer.execute(refused)))).toBe(true);
    expect(outer.info()).toMatchObject({ state: 'closed', stats: { total: 0 } });
    const strict = guarded({ tracker: trackers.all() }).circuit;
    await errorOf(strict.execute(refused));
    expect(strict.state).toBe('open');
  });

  // The outer call had the only place of the half-open circuit and failed for the refusal of the inner one.
  test('is no refusal of itself: a call within a call leaves a half-open circuit to the next caller', async () => {
    const { clock, circuit } = guarded();
    await errorOf(circuit.execute(fails));
    await clock.advance(5_000);
    await errorOf(circuit.execute(() => circuit.execute(() => 1)));
    expect(circuit.info()).toMatchObject({ state: 'half-open', probesOut: 0 });
    await circuit.execute(() => 1);
    expect(circuit.state).toBe('closed');
  });

  // Ten errors with a kind of their own, and none counted: a guarded function is in no outcome table.
  test('is never a kind of the outcome table, so a tracker that asks for one is refused', () => {
    const byKind = trackers.kind('server_error');
    for (const tracker of [byKind, byKind.not(), trackers.all().and(byKind), byKind.or(trackers.status(500))])
      expect(() => circuitBreaker({ tracker })).toThrow('options.tracker asks for kinds of the outcome table');
    const byStatus = trackers.status(500);
    for (const tracker of [byStatus.not(), trackers.all().and(byStatus), byStatus.or(trackers.typeOf(RangeError))])
      expect(() => circuitBreaker({ tracker })).not.toThrow();
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

  // Only a circuit that was forced open goes back to deciding: somebody who had just let it observe did not want it armed by a close.
  test('it goes on observing, or being disabled, when it is closed', async () => {
    for (const mode of ['observe-only', 'disabled'] as const) {
      const { circuit, changes } = guarded({ mode });
      await errorOf(circuit.execute(fails));
      circuit.close();
      expect(circuit.info()).toMatchObject({ mode, state: 'closed', stats: { total: 0 } });
      expect(changes()).not.toContain('auto');
    }
  });

  // A reset armed circuits whose options say that they only observe, and those of `false`.
  test.each([
    [{ mode: 'observe-only' }, 'observe-only'],
    [{ mode: 'forced-open' }, 'forced-open'],
    [false, 'disabled'],
    [{}, 'auto'],
  ] as const)('it goes back to the mode of its options when it is reset: %j', async (options, mode) => {
    const { circuit } = guarded(options);
    circuit.reset();
    expect(circuit.info().mode).toBe(mode);
    for (const change of ['open', 'disable', 'observeOnly', 'auto'] as const) {
      circuit[change]();
      circuit.reset();
      expect(circuit.info()).toMatchObject({ mode, level: 0, stats: { total: 0 } });
    }
    circuit.openFor(5_000);
    circuit.reset();
    expect(circuit.info()).toMatchObject({ mode, openForMs: 0 });
  });

  // Who heard that it decided again and looked at once found it closed, an instant before it was open.
  test('it is in its new state before anybody hears of the first change that led there', async () => {
    const seen: string[] = [];
    const circuit: CircuitBreaker = circuitBreaker(
      { mode: 'disabled' },
      { clock: virtualClock(), onTransition: () => void seen.push(circuit.state) },
    );
    circuit.openFor(5_000);
    circuit.reset();
    expect(seen).toEqual(['open', 'open', 'closed']);
  });

  test('it tells of a wait that takes the place of another', () => {
    const { circuit, changes } = guarded();
    circuit.openFor(5_000);
    circuit.openFor(50);
    expect(changes()).toEqual(['closed>open', 'open>open']);
    expect(circuit.info().openForMs).toBe(50);
  });

  test('it is not opened for a time that is none', () => {
    for (const ms of [0, -1, Number.NaN])
      expect(() => guarded().circuit.openFor(ms)).toThrow(
        new RangeError(`ms must be a positive number of milliseconds, but is ${ms}`),
      );
    // A text was added to the time of day, and the circuit was open for good.
    expect(() => guarded().circuit.openFor('50' as unknown as number)).toThrow(
      new RangeError('ms must be a positive number of milliseconds, but is "50"'),
    );
  });

  test('it decides by itself again after it has observed', async () => {
    const { circuit, changes } = guarded({ mode: 'observe-only' });
    circuit.auto();
    await errorOf(circuit.execute(fails));
    expect([circuit.state, changes()]).toEqual(['open', ['auto', 'closed>open']]);
  });

  test('it tells that somebody did it, or why', () => {
    const reasons: string[] = [];
    const onTransition = ({ reason }: Transition) => void reasons.push(reason);
    const circuit = circuitBreaker({}, { clock: virtualClock(), onTransition });
    circuit.openFor(50);
    circuit.openFor(50, 'maintenance');
    circuit.close();
    expect(reasons).toEqual(['opened by hand', 'maintenance', 'closed by hand']);
  });
});

describe('a listener', () => {
  test('that throws changes nothing', async () => {
    const circuit = circuitBreaker({ failureStreak: 1 }, { onTransition: fails });
    expect(await errorOf(circuit.execute(() => Promise.reject(new RangeError('own'))))).toBeInstanceOf(RangeError);
  });

  // A log line that could not be written was an unhandled rejection, which ends a Node process.
  test('that rejects changes nothing, and the rejection is not left unhandled', async () => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', hear);
    try {
      const { clock } = guarded();
      const circuit = circuitBreaker({ failureStreak: 1 }, { clock, onTransition: async () => fails() });
      await errorOf(circuit.execute(fails));
      // Node tells of a rejection when the microtasks are done.
      await new Promise((resolve) => setImmediate(resolve));
      expect([circuit.state, unhandled]).toEqual(['open', []]);
    } finally {
      process.off('unhandledRejection', hear);
    }
  });
});

describe('how long to wait', () => {
  // Ten seconds after it was opened for good, the message said "try again in 9007199254730991 ms".
  test.each([
    ['opened by hand without end', (circuit: CircuitBreaker) => circuit.openFor(Number.POSITIVE_INFINITY), {}],
    [
      'opened by a rule that never tries again',
      (circuit: CircuitBreaker) => errorOf(circuit.execute(fails)),
      { recovery: recovery.never() },
    ],
  ])('is up to somebody for as long as it is %s', async (_, open, options) => {
    const { clock, circuit } = guarded(options);
    await open(circuit);
    await clock.advance(10_000);
    expect(await errorOf(circuit.execute(() => 1))).toMatchObject({
      retryAfterMs: Number.MAX_SAFE_INTEGER,
      message: 'mail is open; somebody must close it, or give a fallback',
    });
    expect(circuit.info()).toMatchObject({ state: 'open', openForMs: Number.MAX_SAFE_INTEGER });
    circuit.close();
    expect(await circuit.execute(() => 1)).toBe(1);
  });

  // The message said "try again in 0 ms", and callers that did so asked thousands of times a second.
  test('after a refusal by dice ends when the next is let through whatever they say', async () => {
    const { clock, circuit } = guarded({ permits: permits.random(0), closeAfter: 9 });
    await errorOf(circuit.execute(fails));
    await clock.advance(5_000);
    await circuit.execute(() => 1);
    await clock.advance(300);
    expect(await errorOf(circuit.execute(() => 1))).toMatchObject({ retryAfterMs: 700 });
    await clock.advance(700);
    expect(await circuit.execute(() => 1)).toBe(1);
  });
});

// A dashboard showed a circuit of this morning as closed for as long as the machine was up.
test('it is closed since it was made, whatever the clock counts from', async () => {
  const clock = virtualClock();
  await clock.advance(86_400_000);
  const circuit = circuitBreaker({}, { clock });
  const observing = circuitBreaker({ mode: 'disabled' }, { clock });
  await clock.advance(250);
  expect([circuit.info().sinceMs, observing.info().sinceMs]).toEqual([250, 250]);
});

// A listener under a wrong name heard nothing, and a fallback that was no function showed up in the first outage.
describe('what stands beside the options is checked', () => {
  const make = (parts: unknown) => circuitBreaker({}, parts as object);

  test.each([
    [{ onTransitions: () => {} }, 'parts.onTransitions is not an option; did you mean parts.onTransition?'],
    [{ onTransition: 'log' }, 'parts.onTransition must be a function (transition) => …, but is "log"'],
    [{ name: 5 }, 'parts.name must be a non-empty string, but is 5'],
    [{ clock: {} }, 'parts.clock must be a clock with a now(), such as systemClock, but is an object'],
    [{ random: 0.5 }, 'parts.random must be a function () => number from 0 to 1, but is 0.5'],
    ['stock', 'parts must be an object, but is "stock"'],
    [null, 'parts must be an object, but is null'],
  ])('when the circuit is made: %j', (parts, fault) => {
    expect(() => make(parts)).toThrow(new TypeError(fault));
  });

  test('all at once, and undefined is not given', () => {
    expect(() => make({ name: '', clock: null })).toThrow(/^parts\.name .*\nparts\.clock /);
    expect(make({ name: undefined, clock: undefined }).name).toBe('circuit');
  });

  test.each([
    [{ falback: () => 1 }, 'options.falback is not an option; did you mean options.fallback?'],
    [{ fallback: 'x' }, 'options.fallback must be a function (error) => answer, but is "x"'],
    [{ signal: new AbortController() }, 'options.signal must be an AbortSignal, but is an object'],
    [() => 1, 'options must be an object, but is a function'],
    [null, 'options must be an object, but is null'],
    [
      { falback: 1, signal: 5 },
      'options.signal must be an AbortSignal, but is 5\noptions.falback is not an option; did you mean options.fallback?',
    ],
    // What is right beside what is wrong is not complained of.
    [
      { fallback: 'x', signal: new AbortController().signal },
      'options.fallback must be a function (error) => answer, but is "x"',
    ],
    [{ fallback: 'x', signal: null }, 'options.fallback must be a function (error) => answer, but is "x"'],
  ])('when a call is made, before the function is asked: %j', async (options, fault) => {
    const { circuit } = guarded();
    let calls = 0;
    const work = () => (calls += 1);
    expect(await errorOf(circuit.execute(work, options as object))).toEqual(new TypeError(fault));
    expect([calls, circuit.info().stats.total]).toEqual([0, 0]);
  });

  test('and what is merely spelt out passes: undefined, and options that are an instance', async () => {
    class Usual {
      readonly fallback = () => 7;
      get name() {
        return 'usual';
      }
    }
    const { circuit } = guarded();
    expect(await circuit.execute(() => 1, { signal: undefined } as object)).toBe(1);
    const leaver = new AbortController();
    expect(await circuit.execute((signal) => signal === leaver.signal, leaver)).toBe(true);
    expect(await circuit.execute<number>(fails, new Usual())).toBe(7);
  });

  // `execute(fetch(url))` opened the circuit of a service that had answered each time.
  test.each([
    ['a promise', Promise.resolve(1)],
    ['nothing', undefined],
  ])('%s in place of the function is no failure of what is guarded', async (_, work) => {
    const { circuit } = guarded();
    const call = circuit.execute(work as unknown as () => number, { fallback: () => 7 });
    expect(await errorOf(call)).toMatchObject({
      name: 'TypeError',
      message: expect.stringMatching(
        /^execute takes a function, as in execute\(\(\) => fetch\(url\)\), but was given /,
      ),
    });
    expect(circuit.info()).toMatchObject({ state: 'closed', stats: { total: 0 } });
  });
});

test('false lets everything through, and wrong options are told', async () => {
  const { circuit } = guarded(false);
  for (let i = 0; i < 9; i += 1) expect(await errorOf(circuit.execute(fails))).toMatchObject({ message: 'down' });
  expect(() => circuitBreaker({ openMs: 0 })).toThrow(
    new TypeError('options.openMs must be a positive integer, but is 0'),
  );
});
