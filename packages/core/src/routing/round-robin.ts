import { certainly } from './chances.js';
import { Rotation } from './rotation.js';
import type { Strategy } from './strategy.js';

/** One after the other, in the order in which endpoints were given; weights do not count. */
export function roundRobin(): Strategy {
  const rotation = new Rotation();
  return {
    name: 'round-robin',
    chances: (candidates) => certainly(candidates.indexOf(rotation.peek(candidates, false)), candidates.length),
    pick: (candidates) => rotation.next(candidates, false),
  };
}
