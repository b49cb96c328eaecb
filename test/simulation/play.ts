import type { Contestant } from './contestants.ts';
import { Tally } from './report/tally.ts';
import { countedFrom, planOf, type Scenario, type Terms } from './scenarios.ts';
import { World } from './world/world.ts';

/** How a contestant is to be played through a scenario. */
export interface Match extends Omit<Terms, 'seed'> {
  readonly scenario: Scenario;
  readonly contestant: Contestant;
  readonly seeds: readonly number[];
}

/** Plays all seeds of a match, and answers with what became of all their calls together. */
export async function play({ scenario, contestant, seeds, ...terms }: Match): Promise<Tally> {
  const durationMs = terms.minutes * 60_000;
  const tally = new Tally(durationMs, countedFrom(durationMs));
  for (const seed of seeds) {
    for (let round = 0; round < (scenario.rounds ?? 1); round += 1) {
      const world = new World(planOf(scenario, { ...terms, seed: seed + 1_000 * round }), tally);
      await live(world, contestant);
    }
  }
  return tally;
}

/** Lets a world go on until its last call is over. */
async function live(world: World, { hasPromises, enter }: Contestant): Promise<void> {
  const { timeline } = world;
  world.start(world.processes.map((process) => enter(process)));
  while (world.isOpen && timeline.step()) {
    if (hasPromises && timeline.wasFelt()) await turn();
  }
  if (world.isOpen) throw new Error('calls are left that nothing will ever end');
}

/** Kept, because the fake timers of a test runner must not stop the turns that a world needs. */
const immediately = setImmediate;

/** One turn of the event loop, in which all promises settle that can. */
const turn = (): Promise<void> => new Promise((resolve) => void immediately(resolve));
