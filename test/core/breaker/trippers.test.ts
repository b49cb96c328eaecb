import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Trip, type TripContext, type Tripper, trippers } from '../../../packages/core/src/breaker/trippers.js';
import { countWindow, Sums, toTicks } from '../../../packages/core/src/breaker/windows.js';

/** A tripper is asked about so many calls, of which some failed; each took so long. */
interface Asked {
  total?: number;
  failures?: number;
  eachMs?: number;
  streak?: number;
  state?: TripContext['state'];
  thresholdsMs?: readonly number[];
}

function context(asked: Asked = {}): TripContext {
  const { total = 0, failures = 0, eachMs = 0, streak = 0, state = 'closed', thresholdsMs = [] } = asked;
  const stats = new Sums(thresholdsMs);
  for (let i = 0; i < total; i++) stats.record(i < failures, toTicks(eachMs));
  return { state, stats, streak };
}

const always = (trip: Trip, because: string = trip): Tripper => trippers.custom(() => trip, because);
const answers = (tripper: Tripper, ...asked: Asked[]) => asked.map((one) => tripper.ask(context(one)));

describe('a single rule', () => {
  test('minRequests does not know below its number, and trips from there on', () => {
    expect(answers(trippers.minRequests(3), { total: 0 }, { total: 2 }, { total: 3 }, { total: 4 })).toEqual([
      'unknown',
      'unknown',
      'trip',
      'trip',
    ]);
  });

  test('failureRate trips at its share and does not know without calls', () => {
    const half = trippers.failureRate(0.5);
    expect(
      answers(half, {}, { total: 10, failures: 4 }, { total: 10, failures: 5 }, { total: 10, failures: 10 }),
    ).toEqual(['unknown', 'hold', 'trip', 'trip']);
    expect(answers(trippers.failureRate(1), { total: 3, failures: 2 }, { total: 3, failures: 3 })).toEqual([
      'hold',
      'trip',
    ]);
  });

  test('failureRate holds without a single failure, however low its share', () => {
    expect(answers(trippers.failureRate(Number.MIN_VALUE), { total: 9 }, { total: 9, failures: 1 })).toEqual([
      'hold',
      'trip',
    ]);
  });

  test('slowRate takes a call of exactly the threshold for slow and trips at its share', () => {
    const slow = trippers.slowRate(0.5, { thresholdMs: 200 });
    const thresholdsMs = slow.thresholdsMs;
    expect(thresholdsMs).toEqual([200]);
    expect(
      answers(
        slow,
        { thresholdsMs },
        { total: 2, eachMs: 199.9, thresholdsMs },
        { total: 2, eachMs: 200, thresholdsMs },
      ),
    ).toEqual(['unknown', 'hold', 'trip']);
    const stats = new Sums(thresholdsMs);
    for (const ms of [10, 300, 10]) stats.record(false, toTicks(ms));
    expect(slow.ask({ state: 'closed', stats, streak: 0 })).toBe('hold');
    stats.record(false, toTicks(300));
    expect(slow.ask({ state: 'closed', stats, streak: 0 })).toBe('trip');
  });

  test('averageLatency trips at its average', () => {
    const average = trippers.averageLatency(100);
    expect(answers(average, {}, { total: 3, eachMs: 99.9 }, { total: 3, eachMs: 100 })).toEqual([
      'unknown',
      'hold',
      'trip',
    ]);
  });

  test('failureStreak trips at its length and is never in doubt', () => {
    expect(answers(trippers.failureStreak(3), {}, { streak: 2 }, { streak: 3 }, { streak: 4 })).toEqual([
      'hold',
      'hold',
      'trip',
      'trip',
    ]);
  });

  test('closed and halfOpen tell the states apart, and only halfOpen takes the judgement of probes over', () => {
    expect(answers(trippers.closed(), { state: 'closed' }, { state: 'half-open' })).toEqual(['trip', 'hold']);
    expect(answers(trippers.halfOpen(), { state: 'closed' }, { state: 'half-open' })).toEqual(['hold', 'trip']);
    const every = [
      trippers.closed(),
      trippers.failureStreak(1),
      trippers.minRequests(1),
      trippers.custom(() => 'trip'),
    ];
    expect([trippers.halfOpen(), ...every].map((one) => one.rulesHalfOpen)).toEqual([true, false, false, false, false]);
  });

  test('custom sees the context, and knows nothing when it throws', () => {
    const byAverage = trippers.custom(({ stats, streak }) => (stats.total + streak > 5 ? 'trip' : 'hold'));
    expect(answers(byAverage, { total: 3, streak: 2 }, { total: 3, streak: 3 })).toEqual(['hold', 'trip']);
    const broken = trippers.custom(() => {
      throw new Error('x');
    });
    expect(broken.ask(context())).toBe('unknown');
  });

  // A rule that answered `true` never opened anything, and nobody was told.
  test('custom may say true or false; whatever else it says is not known', () => {
    const answer = (given: unknown) => trippers.custom(() => given as Trip);
    const given = [true, false, undefined, null, 1, 'tripped', Promise.resolve('trip')];
    expect(given.map((one) => answer(one).ask(context()))).toEqual([
      'trip',
      'hold',
      'unknown',
      'unknown',
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect(trippers.minRequests(9).and(answer(true)).ask(context())).toBe('unknown');
    expect(trippers.minRequests(9).or(answer(false)).ask(context())).toBe('unknown');
    expect(trippers.failureStreak(9).or(answer(true)).ask(context())).toBe('trip');
  });

  // It was handed the live counts: a rule that set the streak to 0 kept its breaker closed for ever.
  test('custom cannot change what it is asked about', () => {
    const seen: TripContext[] = [];
    const meddling = trippers.custom((asked) => {
      seen.push(asked);
      (asked as { streak: number }).streak = 0;
      return 'hold';
    });
    const asked = context({ total: 3, failures: 3, streak: 3 });
    expect(meddling.ask(asked)).toBe('unknown');
    expect([asked.streak, asked.stats.failures]).toEqual([3, 3]);
    expect(seen).toMatchObject([{ state: 'closed', streak: 3, stats: { total: 3, failures: 3 } }]);
    for (const part of [seen[0], seen[0]?.stats]) expect(Object.isFrozen(part)).toBe(true);
    for (const method of ['record', 'reset', 'count']) expect(seen[0]?.stats).not.toHaveProperty(method);
    const counts = trippers.custom(({ stats }) => stats.slow(200) === 2 && stats.durationMs === 400);
    expect(counts.ask(context({ total: 2, eachMs: 200, thresholdsMs: [200] }))).toBe('trip');
  });

  test('custom is told how many calls there is room for, where that is so', () => {
    const seen: object[] = [];
    const looking = trippers.custom(({ stats }) => seen.push(stats) > 0);
    looking.ask({ state: 'closed', stats: countWindow(5).create(), streak: 0 });
    looking.ask(context());
    expect(seen[0]).toHaveProperty('capacity', 5);
    expect(seen[1]).not.toHaveProperty('capacity');
  });

  test('custom is refused when it is no function', () => {
    for (const none of [true, 5, undefined] as unknown[])
      expect(() => trippers.custom(none as () => Trip)).toThrow(
        new TypeError(`trippers.custom must be a function (context) => trip, but is ${none}`),
      );
  });

  // It showed up in the middle of the call that opened the breaker.
  test('custom is refused with words that are none', () => {
    expect(() => trippers.custom(() => 'trip', 5 as unknown as string)).toThrow(
      new TypeError('the reason of trippers.custom must be words, as a string, but is 5'),
    );
  });
});

describe('combining by the logic of Kleene', () => {
  const T = 'trip';
  const H = 'hold';
  const U = 'unknown';

  test.each([
    [T, T, T],
    [T, U, U],
    [T, H, H],
    [U, T, U],
    [U, U, U],
    [U, H, H],
    [H, T, H],
    [H, U, H],
    [H, H, H],
  ] as const)('%s and %s is %s', (one, other, wanted) => {
    expect(always(one).and(always(other)).ask(context())).toBe(wanted);
  });

  test.each([
    [T, T, T],
    [T, U, T],
    [T, H, T],
    [U, T, T],
    [U, U, U],
    [U, H, U],
    [H, T, T],
    [H, U, U],
    [H, H, H],
  ] as const)('%s or %s is %s', (one, other, wanted) => {
    expect(always(one).or(always(other)).ask(context())).toBe(wanted);
  });

  test('combinations of any depth are the least and the greatest of hold, unknown and trip', () => {
    const rank = (trip: Trip) => [H, U, T].indexOf(trip);
    interface Pair {
      readonly tripper: Tripper;
      readonly wanted: number;
    }
    const { pair } = fc.letrec<{ pair: Pair }>((tie) => ({
      pair: fc.oneof(
        { maxDepth: 6, depthSize: 'large' },
        fc.constantFrom<Trip[]>(T, H, U).map((trip) => ({ tripper: always(trip), wanted: rank(trip) })),
        fc.tuple(tie('pair'), tie('pair'), fc.boolean()).map(([one, other, and]) => ({
          tripper: and ? one.tripper.and(other.tripper) : one.tripper.or(other.tripper),
          wanted: (and ? Math.min : Math.max)(one.wanted, other.wanted),
        })),
      ),
    }));
    fc.assert(
      fc.property(pair, ({ tripper, wanted }) => {
        expect(rank(tripper.ask(context()))).toBe(wanted);
      }),
    );
  });

  test('the thresholds of both are counted, each once', () => {
    const slow = (thresholdMs: number) => trippers.slowRate(0.5, { thresholdMs });
    expect(
      slow(1)
        .and(slow(2))
        .or(slow(1).and(slow(3))).thresholdsMs,
    ).toEqual([1, 2, 3]);
  });

  test('a word on half-open, anywhere in it, is the word of the whole', () => {
    const { closed, halfOpen, failureRate } = trippers;
    expect(closed().or(failureRate(1).and(halfOpen())).rulesHalfOpen).toBe(true);
    expect(closed().or(failureRate(1)).rulesHalfOpen).toBe(false);
  });
});

describe('the reason', () => {
  const { failureStreak, failureRate, minRequests, slowRate, averageLatency } = trippers;

  test('is in words and numbers', () => {
    const asked = context({ total: 10, failures: 5, eachMs: 250, streak: 4, thresholdsMs: [200] });
    expect(
      [failureStreak(4), failureRate(0.5), slowRate(1, { thresholdMs: 200 }), averageLatency(100)].map((one) =>
        one.because(asked),
      ),
    ).toEqual([
      '4 failures in a row',
      '5 of 10 calls failed',
      '10 of 10 calls took 200 ms or longer',
      'calls took 250 ms on average',
    ]);
    expect([always('trip', 'a full moon'), trippers.custom(() => 'trip')].map((one) => one.because(asked))).toEqual([
      'a full moon',
      'as your own rule says',
    ]);
  });

  test('of an either is that of the part which tripped, the first where both did', () => {
    const either = failureStreak(5).or(minRequests(10).and(failureRate(0.5)));
    const counts = { total: 10, failures: 5 };
    expect(either.because(context({ ...counts, streak: 1 }))).toBe('5 of 10 calls failed');
    expect(either.because(context({ ...counts, streak: 5 }))).toBe('5 failures in a row');
  });

  // An either asked again to find out which part had tripped; a rule that had changed its mind made it "0 failures in a row".
  test('is of the answer that was given: every rule is asked once', () => {
    let asked = 0;
    const once = trippers.custom(() => {
      asked += 1;
      return asked === 1 ? 'trip' : 'hold';
    }, 'a full moon');
    const judgement = once.or(failureStreak(5)).or(failureRate(0.5)).judge(context());
    expect(typeof judgement === 'string' ? judgement : judgement(context())).toBe('a full moon');
    expect(asked).toBe(1);
  });

  // Conditions trip with every call of a busy target: words made anew for each of them would be the dearest part of a healthy call.
  test('is made anew for no call by conditions that hold all the time', () => {
    const busy = trippers.closed().and(minRequests(1));
    const asked = context({ total: 9 });
    expect(busy.judge(asked)).toBe(busy.judge(asked));
    const failing = busy.and(failureRate(0.5)).and(busy);
    const failed = context({ total: 9, failures: 9 });
    expect(failing.judge(failed)).toBe(failing.judge(failed));
  });

  test('is empty when nothing has tripped', () => {
    expect(
      failureStreak(5)
        .or(failureRate(0.5))
        .because(context({ total: 4, streak: 4 })),
    ).toBe('');
  });

  test('of a both leaves out what is only a condition', () => {
    const asked = context({ total: 10, failures: 5, eachMs: 300 });
    expect(minRequests(10).and(failureRate(0.5)).because(asked)).toBe('5 of 10 calls failed');
    expect(failureRate(0.5).and(averageLatency(200)).because(asked)).toBe(
      '5 of 10 calls failed and calls took 300 ms on average',
    );
    expect(always('trip', '').and(failureRate(0.5)).and(always('trip', '')).because(asked)).toBe(
      '5 of 10 calls failed',
    );
  });

  test('is empty where there is nothing but a condition', () => {
    expect(
      minRequests(10)
        .and(trippers.closed())
        .because(context({ total: 10 })),
    ).toBe('');
  });
});

test('what is no tripper is refused where it is combined, and not when the first call fails', () => {
  const looksLikeOne = { judge: () => 'hold' } as unknown as Tripper;
  for (const other of [undefined as unknown as Tripper, looksLikeOne]) {
    expect(() => always('trip').and(other)).toThrow('tripper.and(…) must be made with trippers, but is');
    expect(() => always('trip').or(other)).toThrow('tripper.or(…) must be made with trippers, but is');
  }
});

test('slowRate says what is missing when it is not told what is slow', () => {
  const slowRate = trippers.slowRate as (rate: number, options?: object) => Tripper;
  for (const options of [undefined, {}, { thresholdMs: undefined }])
    expect(() => slowRate(0.5, options)).toThrow(new TypeError('trippers.slowRate.thresholdMs is required'));
  expect(() => slowRate(0.5, { threshold: 5 })).toThrow('did you mean trippers.slowRate.thresholdMs?');
});

describe('limits that are none', () => {
  // minRequests(NaN) tripped on the first call, failureRate(NaN) never.
  test.each<[string, () => unknown, string]>([
    ['minRequests(NaN)', () => trippers.minRequests(Number.NaN), 'minRequests must be a positive integer, but is NaN'],
    ['minRequests(0)', () => trippers.minRequests(0), 'minRequests must be a positive integer, but is 0'],
    ['failureRate(0)', () => trippers.failureRate(0), 'failureRate must be a number above 0 and up to 1, but is 0'],
    ['failureRate(50)', () => trippers.failureRate(50), 'failureRate must be a number above 0 and up to 1, but is 50'],
    [
      "failureRate('0.5')",
      () => trippers.failureRate('0.5' as unknown as number),
      'failureRate must be a number above 0 and up to 1, but is "0.5"',
    ],
    [
      'failureRate(NaN)',
      () => trippers.failureRate(Number.NaN),
      'failureRate must be a number above 0 and up to 1, but is NaN',
    ],
    [
      'slowRate(1.1)',
      () => trippers.slowRate(1.1, { thresholdMs: 5 }),
      'slowRate must be a number above 0 and up to 1, but is 1.1',
    ],
    [
      'slowRate of 0 ms',
      () => trippers.slowRate(1, { thresholdMs: 0 }),
      'slowRate.thresholdMs must be a number above 0, but is 0',
    ],
    ['averageLatency(-1)', () => trippers.averageLatency(-1), 'averageLatency must be a number above 0, but is -1'],
    ['failureStreak(0)', () => trippers.failureStreak(0), 'failureStreak must be a positive integer, but is 0'],
    ['failureStreak(2.5)', () => trippers.failureStreak(2.5), 'failureStreak must be a positive integer, but is 2.5'],
  ])('%s is refused by name', (_, make, fault) => {
    expect(make).toThrow(new TypeError(`trippers.${fault}`));
  });
});
