import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Flight, WaitingFlights } from '../../../packages/core/src/latency/flight.js';

test('those who wait stand in the order in which they came, whoever leaves', () => {
  const step = fc.oneof(fc.constant('enter' as const), fc.nat());
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 200 }), (steps) => {
      const line = new WaitingFlights();
      const plain: Flight[] = [];
      for (const [index, what] of steps.entries()) {
        if (what === 'enter') {
          const flight = new Flight(index, false);
          line.enter(flight);
          plain.push(flight);
        } else if (plain.length > 0) {
          const [gone] = plain.splice(what % plain.length, 1);
          line.leave(gone as Flight);
        }
      }
      const seen: Flight[] = [];
      for (let flight = line.oldest; flight; flight = flight.next) seen.push(flight);
      expect(line.count).toBe(plain.length);
      expect(seen.map((flight) => flight.startedAt)).toEqual(plain.map((flight) => flight.startedAt));
    }),
  );
});
