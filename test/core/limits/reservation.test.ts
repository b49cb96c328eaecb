import { virtualClock } from '@breakwater/simulator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import type { LimitNumbers } from '../../../packages/core/src/limits/limit.js';
import { Limiter } from '../../../packages/core/src/limits/limiter.js';
import { Reservation } from '../../../packages/core/src/limits/reservation.js';
import type { Place } from '../../../packages/core/src/limits/waiting-line.js';

const numbers: LimitNumbers = { requestsPerMinute: 10, tokensPerMinute: 1_000, concurrency: 2 };
const full = { requestsPerMinute: 10, tokensPerMinute: 1_000, concurrency: 2 };
const pair = () => [new Limiter('the client', numbers), new Limiter('seoul', numbers)] as const;

describe('a reservation', () => {
  test('takes room in all limiters, and gives it back in all', () => {
    const limiters = pair();
    const reservation = Reservation.take(limiters, { tokens: 400 }, 0);
    const taken = { requestsPerMinute: 9, tokensPerMinute: 600, concurrency: 1 };
    expect(limiters.map((limiter) => limiter.left(0))).toEqual([taken, taken]);
    reservation.cancel(5);
    expect(limiters.map((limiter) => limiter.left(5))).toEqual([full, full]);
  });

  // A stream that was cut off after its usage had come was settled twice, and gave the place of another request away.
  test('is settled once: what is said afterwards changes nothing', () => {
    const limiters = pair();
    Reservation.take(limiters, { tokens: 400 }, 0);
    const reservation = Reservation.take(limiters, { tokens: 400 }, 0);
    reservation.settle(100, 10);
    reservation.settle(1, 20);
    reservation.cancel(30);
    const left = { requestsPerMinute: 8, tokensPerMinute: 500, concurrency: 1 };
    expect(limiters.map((limiter) => limiter.left(30))).toEqual([left, left]);
  });

  test('tells the lines when all limiters have got theirs back', async () => {
    const clock = virtualClock();
    const limiters = [new Limiter('the client', { concurrency: 1 }), new Limiter('seoul', { concurrency: 1 })] as const;
    const reservation = Reservation.take(limiters, { tokens: 0 }, 0);
    const seen: unknown[] = [];
    const turn = () => seen.push(limiters.map((limiter) => limiter.left(0).concurrency));
    limiters[0].line.join({ priority: 0, arrival: 1, demand: { tokens: 0 }, turn }, clock);
    await clock.advance(1_000);
    expect([seen, clock.pending]).toEqual([[], 0]);
    reservation.settle(undefined, clock.now());
    expect(seen).toEqual([[1, 1]]);
  });

  test('C1: of thousands that are settled, cancelled and left in any order nothing remains', async () => {
    const random = seededRandom(7);
    const clock = virtualClock();
    const numbers = { requestsPerMinute: 5_000, tokensPerMinute: 200_000, concurrency: 50 };
    const limiters = [
      new Limiter('the client', numbers, 10_000),
      new Limiter('seoul', { ...numbers, burst: { tokensPerMinute: 9_000 } }, 10_000),
    ];
    const underWay = new Set<Reservation>();
    const waiting = new Set<Place>();
    const count = { settled: 0, cancelled: 0, left: 0 };

    const go = (arrival: number, demand: { tokens: number }, priority: number) => {
      const busy = limiters.find((one) => one.line.isAhead(priority, arrival) || one.wait(demand, clock.now()));
      if (!busy) return void underWay.add(Reservation.take(limiters, demand, clock.now()));
      const turn = () => {
        go(arrival, demand, priority);
        waiting.delete(place);
        place.leave();
      };
      const place = busy.line.join({ priority, arrival, demand, turn }, clock) as Place;
      waiting.add(place);
    };
    const pass = async (ms: number) => {
      for (const reservation of underWay) {
        if (random() > 0.3) continue;
        underWay.delete(reservation);
        const isCancelled = random() < 0.3;
        if (isCancelled) reservation.cancel(clock.now());
        else reservation.settle(random() < 0.2 ? undefined : Math.floor(random() * 300), clock.now());
        count[isCancelled ? 'cancelled' : 'settled'] += 1;
      }
      for (const place of waiting) {
        if (random() > 0.002) continue;
        waiting.delete(place);
        place.leave();
        count.left += 1;
      }
      expect(clock.pending).toBeLessThanOrEqual(2);
      await clock.advance(ms);
    };

    for (let arrival = 0; arrival < 10_000; arrival += 1) {
      go(arrival, { tokens: Math.floor(random() * 200) }, Math.floor(random() * 3));
      if (arrival % 50 === 0) await pass(200);
    }
    while (underWay.size + waiting.size > 0) await pass(1_000);
    expect(count.settled + count.cancelled + count.left).toBe(10_000);
    expect(Math.min(count.settled, count.cancelled, count.left)).toBeGreaterThan(500);
    await clock.advance(4 * 60_000);
    expect([clock.pending, ...limiters.map((limiter) => limiter.line.length)]).toEqual([0, 0, 0]);
    expect(limiters[0]?.left(clock.now())).toEqual(numbers);
    expect(limiters[1]?.left(clock.now())).toEqual({ ...numbers, tokensPerMinute: 9_000 });
  });

  test('L2: cancelled within the period it has never been, in any limiter', () => {
    const cost = fc.nat(90);
    fc.assert(
      fc.property(fc.array(cost, { size: 'max', maxLength: 9 }), cost, (costs, tokens) => {
        const limiters = pair();
        const without = pair();
        const cancelled = Reservation.take(limiters, { tokens }, 0);
        costs.forEach((tokens, index) => {
          Reservation.take(limiters, { tokens }, index * 1_000);
          Reservation.take(without, { tokens }, index * 1_000);
        });
        cancelled.cancel(20_000);
        for (const now of [20_000, 60_000, 65_500, 80_000]) {
          expect(limiters.map((limiter) => limiter.left(now))).toEqual(without.map((limiter) => limiter.left(now)));
        }
      }),
    );
  });
});
