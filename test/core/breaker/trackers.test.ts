import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CircuitOpenError } from '../../../packages/core/src/breaker/circuit-breaker.js';
import { type Tracker, trackers } from '../../../packages/core/src/breaker/trackers.js';
import type { FailureKind } from '../../../packages/core/src/outcome/outcome.js';
import { VERDICTS } from '../../../packages/core/src/outcome/verdict.js';

class ConnectionError extends Error {}
class ResetError extends ConnectionError {}
abstract class Named extends Error {
  abstract readonly label: string;
}
class Labelled extends Named {
  readonly label = 'x';
}

const failing = trackers.custom(() => {
  throw new Error('the tracker itself is broken');
});

describe('which failures count', () => {
  test('all of them', () => {
    expect(
      [{}, { status: 400 }, { error: 'text' }, { kind: 'server_error' as const }].map(counted(trackers.all())),
    ).toEqual([true, true, true, true]);
  });

  // `all().and(status(501).not())` reads like "the default but 501": three bad requests of one caller opened the breaker for everybody.
  test('those that count where no tracker is given, to build on', () => {
    const but501 = trackers.default().and(trackers.status(501).not());
    for (const [kind, { breaker }] of Object.entries(VERDICTS)) {
      const call = { kind: kind as FailureKind, status: 500 };
      expect(trackers.default().counts(call), kind).toBe(breaker === 'failure');
      expect(but501.counts(call), kind).toBe(breaker === 'failure');
      expect(but501.counts({ ...call, status: 501 }), kind).toBe(false);
    }
  });

  test('those of a guarded function by default, but for what a circuit inside it did not ask', () => {
    const counts = (error: unknown) => trackers.default().counts({ error });
    expect([new Error('x'), 'text', undefined].map(counts)).toEqual([true, true, true]);
    expect(counts(new CircuitOpenError('inner', 5))).toBe(false);
    expect(trackers.default().asksForKinds).toBe(false);
  });

  test('those of a kind of the outcome table, and none where there is no kind', () => {
    const tracker = trackers.kind('server_error', 'connect');
    expect(
      [{ kind: 'server_error' }, { kind: 'connect' }, { kind: 'rate_limit' }, {}].map((one) =>
        tracker.counts(one as never),
      ),
    ).toEqual([true, true, false, false]);
  });

  test('those with a status within a range, both ends included', () => {
    const tracker = trackers.status(500, 599);
    expect([499, 500, 599, 600].map((status) => tracker.counts({ status }))).toEqual([false, true, true, false]);
    expect([500, 503, 504].map((status) => trackers.status(503).counts({ status }))).toEqual([false, true, false]);
  });

  test('those whose error carries such a status, unless the call has one of its own', () => {
    const tracker = trackers.status(500, 599);
    const error = (status: unknown) => Object.assign(new Error('x'), { status });
    expect(tracker.counts({ error: error(502) })).toBe(true);
    expect(tracker.counts({ status: 400, error: error(502) })).toBe(false);
    for (const odd of [error('502'), undefined, null, 'text', 502]) expect(tracker.counts({ error: odd })).toBe(false);
  });

  test('those that ended in an error of a class, derived and abstract ones too', () => {
    const tracker = trackers.typeOf(ConnectionError, Named);
    expect(
      [new ConnectionError(), new ResetError(), new Labelled(), new Error(), 'text', undefined].map((error) =>
        tracker.counts({ error }),
      ),
    ).toEqual([true, true, true, false, false, false]);
  });

  test('those that a function of the user picks, which sees the whole call', () => {
    const seen: unknown[] = [];
    const call = { status: 503, error: new Error('x') };
    expect(trackers.custom((one) => seen.push(one) > 0).counts(call)).toBe(true);
    expect(seen).toEqual([call]);
  });
});

describe('combining', () => {
  const yes = trackers.custom(() => true);
  const no = trackers.custom(() => false);

  test('and, or and not are those of logic', () => {
    const both = [
      [yes, yes],
      [yes, no],
      [no, yes],
      [no, no],
    ] as const;
    expect(both.map(([one, other]) => one.and(other).counts({}))).toEqual([true, false, false, false]);
    expect(both.map(([one, other]) => one.or(other).counts({}))).toEqual([true, true, true, false]);
    expect([yes, no].map((one) => one.not().counts({}))).toEqual([false, true]);
  });

  test('combinations of any depth answer as the logic does', () => {
    interface Pair {
      readonly tracker: Tracker;
      readonly wanted: (status: number) => boolean;
    }
    const { pair } = fc.letrec<{ pair: Pair }>((tie) => ({
      pair: fc.oneof(
        { maxDepth: 5, depthSize: 'large' },
        fc.integer({ min: 400, max: 405 }).map((status) => ({
          tracker: trackers.status(status),
          wanted: (given: number) => given === status,
        })),
        tie('pair').map(({ tracker, wanted }) => ({
          tracker: tracker.not(),
          wanted: (given: number) => !wanted(given),
        })),
        fc.tuple(tie('pair'), tie('pair'), fc.boolean()).map(([one, other, and]) => ({
          tracker: and ? one.tracker.and(other.tracker) : one.tracker.or(other.tracker),
          wanted: (given: number) =>
            and ? one.wanted(given) && other.wanted(given) : one.wanted(given) || other.wanted(given),
        })),
      ),
    }));
    fc.assert(
      fc.property(pair, fc.integer({ min: 399, max: 406 }), ({ tracker, wanted }, status) => {
        expect(tracker.counts({ status })).toBe(wanted(status));
      }),
    );
  });
});

test('what is no tracker is refused where it is combined, and not when the first call fails', () => {
  const looksLikeOne = { counts: () => true } as unknown as Tracker;
  for (const other of [undefined as unknown as Tracker, looksLikeOne])
    for (const combine of [() => trackers.all().and(other), () => trackers.all().or(other)])
      expect(combine).toThrow('must be made with trackers');
});

// A typing error, bounds the wrong way round or a name in place of a class were taken, and then nothing was counted, or everything: the
// breaker never opened, or opened for what should not count, and nobody was told why.
describe('a tracker that could count nothing, or everything, is refused where it is made', () => {
  const any = trackers as unknown as Record<keyof typeof trackers, (...args: unknown[]) => Tracker>;
  test.each([
    [
      "kind('server-error')",
      () => any.kind('server-error'),
      'argument 1 of trackers.kind must be a kind of failure, but is "server-error"; did you mean "server_error"?',
    ],
    [
      "kind('connect', 503)",
      () => any.kind('connect', 503),
      /^argument 2 of trackers\.kind must be a kind of failure, but is 503; the kinds are caller_abort, /,
    ],
    ["kind('ok')", () => any.kind('ok'), /^argument 1 of trackers\.kind must be a kind of failure, but is "ok"/],
    [
      "kind(['connect'])",
      () => any.kind(['connect']),
      /^argument 1 of trackers\.kind must be a kind of failure, but is a list/,
    ],
    ['kind()', () => any.kind(), 'trackers.kind needs one argument or more; with none it would count nothing'],
    ['typeOf()', () => any.typeOf(), 'trackers.typeOf needs one argument or more; with none it would count nothing'],
    [
      "typeOf('Error')",
      () => any.typeOf('Error'),
      'argument 1 of trackers.typeOf must be an error class, such as TypeError itself and not its name, but is "Error"',
    ],
    [
      'typeOf(TypeError, undefined)',
      () => any.typeOf(TypeError, undefined),
      /^argument 2 of trackers\.typeOf must be an error class, .* is undefined$/,
    ],
    [
      'typeOf(() => true)',
      () => any.typeOf(() => true),
      /^argument 1 of trackers\.typeOf must be an error class, .* is a function$/,
    ],
    [
      'status(599, 500)',
      () => any.status(599, 500),
      'the second bound of trackers.status must be a whole number of 599 or more, the smaller bound comes first, but is 500',
    ],
    ["status('500')", () => any.status('500'), 'trackers.status must be a whole number, such as 503, but is "500"'],
    ['status()', () => any.status(), 'trackers.status must be a whole number, such as 503, but is undefined'],
    [
      "status(500, '599')",
      () => any.status(500, '599'),
      /^the second bound of trackers\.status must be .* but is "599"$/,
    ],
    ['custom()', () => any.custom(), 'trackers.custom must be a function (call) => boolean, but is undefined'],
    [
      "custom('server_error')",
      () => any.custom('server_error'),
      'trackers.custom must be a function (call) => boolean, but is "server_error"',
    ],
    [
      'all().and((() => false))',
      () => trackers.all().and((() => false) as never),
      'tracker.and(…) must be made with trackers, such as trackers.custom((call) => …), but is a function',
    ],
    [
      "all().or('status')",
      () => trackers.all().or('status' as never),
      'tracker.or(…) must be made with trackers, such as trackers.custom((call) => …), but is "status"',
    ],
  ])('%s', (_, make, fault) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(fault);
  });

  test('and what has its use is taken: an open end, a class of anybody', () => {
    expect(trackers.status(500, Number.POSITIVE_INFINITY).counts({ status: 599 })).toBe(true);
    const bound = ConnectionError.bind(undefined);
    expect(trackers.typeOf(bound).counts({ error: new ResetError() })).toBe(true);
  });
});

describe('a tracker that throws', () => {
  test('is no reason to lose an answer: the failure counts', () => {
    expect(failing.counts({})).toBe(true);
  });

  test('counts as one that said yes where it is combined', () => {
    const no = trackers.custom(() => false);
    expect([failing.not(), failing.and(no), failing.or(no)].map((one) => one.counts({}))).toEqual([false, false, true]);
  });
});

function counted(tracker: Tracker) {
  return (call: Parameters<Tracker['counts']>[0]) => tracker.counts(call);
}
