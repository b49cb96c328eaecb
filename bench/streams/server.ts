// The provider of the many streams, in a thread of its own: slow enough that all of them are open at once.
import { parentPort } from 'node:worker_threads';
import { startSimulator } from '@breakwater/simulator';

const simulator = await startSimulator({ regions: { seoul: { tokensPerSecond: 1 }, tokyo: { tokensPerSecond: 4 } } });
simulator.region('seoul').fault({ kind: 'cut', afterTokens: 10, probability: 1 / 20 });
parentPort?.postMessage(simulator.regions.map(({ name: id, baseURL }) => ({ id, baseURL })));
