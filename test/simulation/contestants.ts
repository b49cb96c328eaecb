import { leastConnections, lowestAverage, oracle, roundRobin, weighted } from './baselines/choosers.ts';
import { geoClient } from './baselines/geo-client.ts';
import { liteLlmLatency, liteLlmLeastBusy, liteLlmShuffle } from './baselines/lite-llm.ts';
import { type Chooser, plainClient } from './baselines/plain-client.ts';
import { type RouterWay, router } from './router.ts';
import type { Asker, Process } from './world/world.ts';

/** Who runs through the scenarios. */
export interface Contestant {
  readonly name: string;
  /** Whether it works with promises, which want a turn of the event loop whenever something has reached a client. */
  readonly hasPromises: boolean;
  /** Sets up one process. */
  enter(process: Process): Asker;
}

const plain = (name: string, chooserOf: (process: Process) => Chooser): Contestant => ({
  name,
  hasPromises: false,
  enter: (process) => plainClient(process, chooserOf(process)),
});

const ours = (name: string, way: RouterWay): Contestant => ({
  name,
  hasPromises: true,
  enter: (process) => router(process, way),
});

/** The lower bound: what it reaches nobody can reach who has to measure. */
export const ORACLE = plain('oracle', oracle);

/** All contestants, in the order of the table. */
export const CONTESTANTS: readonly Contestant[] = [
  plain('round-robin', roundRobin),
  plain('weighted', weighted),
  plain('least-connections', leastConnections),
  plain('lowest-average', lowestAverage),
  plain('geo-client', geoClient),
  plain('litellm-shuffle', liteLlmShuffle),
  plain('litellm-least-busy', liteLlmLeastBusy),
  plain('litellm-latency', liteLlmLatency),
  ours('priority', { routing: 'priority' }),
  ours('latency', { routing: 'latency' }),
  ours('adaptive', { routing: 'adaptive' }),
  ours('adaptive + locations', { routing: 'adaptive', located: true }),
  ours('adaptive + hedging', { routing: 'adaptive', hedging: true }),
  ours('adaptive + concurrency', { routing: 'adaptive', bounded: true }),
  ORACLE,
];
