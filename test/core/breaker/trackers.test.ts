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
    expect(trackers.typeOf().counts({ error: new Error() })).toBe(false);
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
