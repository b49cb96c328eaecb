import { Panics } from './panics.js';
import { Rests } from './rests.js';

/** What was told to have begun, and whose end is still to be told: nobody waits for one with a timer. */
export class Untold {
  readonly rests = new Rests();
  readonly panics = new Panics();
}
