import { certainly } from './chances.js';
import { Rotation } from './rotation.js';
import type { Strategy } from './strategy.js';

/** In turns, as many for each as its weight, and the turns of a heavy one spread among those of the others. */
export function weightedRoundRobin(): Strategy {
  const rotation = new Rotation();
  return {
    name: 'weighted-round-robin',
    chances: (candidates) => certainly(candidates.indexOf(rotation.peek(candidates, true)), candidates.length),
    pick: (candidates) => rotation.next(candidates, true),
  };
}
