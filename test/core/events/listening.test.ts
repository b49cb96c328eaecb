import { describe, expect, test } from 'vitest';
import { EVENT_NAMES } from '../../../packages/core/src/events/events.js';
import { listeningFaults } from '../../../packages/core/src/events/listening.js';

const listener = () => undefined;

describe('what is wrong with listening', () => {
  test('is nothing for every event there is', () => {
    expect(EVENT_NAMES.flatMap((name) => listeningFaults('on', name, listener))).toEqual([]);
    expect(new Set(EVENT_NAMES).size).toBe(44);
  });

  test('is told with the name that was probably meant', () => {
    expect(listeningFaults('on', 'failovers', listener)).toEqual([
      'on takes the name of an event, which "failovers" is not; did you mean "failover"?',
    ]);
    expect(listeningFaults('on', 'Breaker.Open', listener)).toEqual([
      'on takes the name of an event, which "Breaker.Open" is not; did you mean "breaker.opened"?',
    ]);
  });

  test.each([null, undefined, 7, {}, 'toString', Symbol('failover')])('is told with all names for %o', (name) => {
    const [fault, ...more] = listeningFaults('on', name, listener);
    expect(fault).toMatch(/ is not; the events are request\.started, .*, listener\.failed$/);
    expect(more).toEqual([]);
  });

  test('is told of both at once', () => {
    expect(listeningFaults('on', 'retrys', undefined)).toEqual([
      'on takes the name of an event, which "retrys" is not; did you mean "retry"?',
      'on takes a listener, which must be a function, but is undefined',
    ]);
  });
});
