// Measures what breakers hold and allocate, in a process of its own: `memory.ts` starts it with a nursery so large that nothing is
// collected between two readings. Prints JSON.
import { type Breaker, breakerMaker } from '../../packages/core/src/breaker/breaker.ts';
import type { Permit } from '../../packages/core/src/breaker/contract.ts';
import { type BreakerOptions, resolveBreakerOptions } from '../../packages/core/src/breaker/options.ts';
import { countWindow } from '../../packages/core/src/breaker/windows.ts';

/** Bytes, by kind of window. */
export interface Held {
  /** Of the heap, for one permit. */
  readonly permit: number;
  /** Of the heap, that settling a permit adds. */
  readonly settling: number;
  /** For 10 000 breakers that have counted calls, in the heap and in buffers beside it. */
  readonly breakers: number;
}

const CALLS = 200_000;
const WARM_UP_ROUNDS = 10;
const BREAKERS = 10_000;
const CALLS_EACH = 20;

/** Permits are kept for a while, so that the compiler cannot do without them. */
const kept = new Array<Permit | undefined>(1_024).fill(undefined);

/**
 * Instants are made beforehand, as the caller's numbers that they are: beside an object, an array holds numbers as a clock hands them
 * out, and reading one allocates nothing.
 */
const instants = [{}, ...Array.from({ length: CALLS + 1 }, (_, i) => i * 0.37)] as number[];

function acquire(breaker: Breaker): void {
  for (let i = 0; i < CALLS; i += 1) kept[i & 1_023] = breaker.tryAcquire(instants[i + 1] as number);
}

function acquireAndSettle(breaker: Breaker): void {
  for (let i = 0; i < CALLS; i += 1) {
    const permit = breaker.tryAcquire(instants[i + 1] as number);
    permit?.settle((i & 15) === 0 ? 'failure' : 'success', instants[i + 2] as number);
    kept[i & 1_023] = permit;
  }
}

/** Heap bytes for one call. */
function bytesOf(run: (breaker: Breaker) => void, breaker: Breaker): number {
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) run(breaker);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  run(breaker);
  return (process.memoryUsage().heapUsed - before) / CALLS;
}

function heldBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function bytesOfMany(make: () => Breaker): number {
  const before = heldBytes();
  const breakers = Array.from({ length: BREAKERS }, make);
  for (const breaker of breakers) {
    for (let i = 0; i < CALLS_EACH; i += 1) {
      const now = i * 1_000;
      breaker.tryAcquire(now)?.settle(i % 4 === 0 ? 'failure' : 'success', now + 812.5);
    }
  }
  kept.fill(undefined);
  const held = heldBytes() - before;
  if (breakers.some((breaker) => breaker.snapshot(0).state !== 'closed')) throw new Error('a breaker has opened');
  return held;
}

function measure(options: BreakerOptions): Held {
  const make = breakerMaker(resolveBreakerOptions(options), Math.random);
  const permit = bytesOf(acquire, make());
  return { permit, settling: bytesOf(acquireAndSettle, make()) - permit, breakers: bytesOfMany(make) };
}

console.log(JSON.stringify({ time: measure({}), count: measure({ window: countWindow(100) }) }));
