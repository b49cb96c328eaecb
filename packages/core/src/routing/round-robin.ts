import { Rotation } from './rotation.js';
import type { Strategy } from './strategy.js';

/** One after the other, in the order in which endpoints were given; weights do not count. */
export function roundRobin(): Strategy {
  const rotation = new Rotation();
  return { name: 'round-robin', pick: (candidates) => rotation.next(candidates, false) };
}
