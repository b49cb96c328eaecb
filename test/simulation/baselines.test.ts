import { describe, expect, test } from 'vitest';
import { leastConnections, lowestAverage, oracle, roundRobin, weighted } from './baselines/choosers.ts';
import { geoClient } from './baselines/geo-client.ts';
import { liteLlmLatency, liteLlmLeastBusy, liteLlmShuffle } from './baselines/lite-llm.ts';
import { type Chooser, plainClient } from './baselines/plain-client.ts';
import { Tally } from './report/tally.ts';
import { logNormalBetween } from './world/dice.ts';
import type { Fault, Span, Trouble } from './world/faults.ts';
import type { RegionPlan } from './world/region.ts';
import { type Call, type Process, World } from './world/world.ts';

const ALL = [0, 1, 2, 3, 4];
const FOR_EVER: Span = { from: 0, until: Number.POSITIVE_INFINITY };
const lasting = (trouble: Trouble): { faults: Fault[] } => ({ faults: [{ ...trouble, ...FOR_EVER }] });

/** One process far from traffic, whose ways take 100 ms at each step away; regions differ as told. */
function quiet(regions: Readonly<Record<number, Partial<RegionPlan>>> = {}) {
  const ways = ALL.map((place) => logNormalBetween(100 * (place + 1), 100 * (place + 1)));
  const world = new World(
    {
      regions: ALL.map((place) => ({ slots: 40, speed: 1, faults: [], ...regions[place] })),
      geographies: [ways],
      perSecond: 1,
      clients: 1,
      work: { median: 800, sigma: 0 },
      firstTokenShare: 1,
      durationMs: 1,
      seed: 1,
    },
    new Tally(1, 0),
  );
  const { timeline } = world;
  const process = world.processes[0] as Process;
  const pass = (ms: number) => {
    let isOver = false;
    timeline.later(() => {
      isOver = true;
    }, ms);
    while (!isOver && timeline.step());
  };
  /** How a call of 800 ms ends: `ok@900`, with the time since it was made. */
  const ask = (chooser: Chooser) => {
    const sent: number[] = [];
    let end = '';
    const send: Process['send'] = (call, region, recipient) => {
      sent.push(region);
      return process.send(call, region, recipient);
    };
    const askedAt = timeline.now();
    const call: Call = {
      askedAt,
      workMs: 800,
      attempts: 0,
      end: (isAnswered) => {
        end = `${isAnswered ? 'ok' : 'failed'}@${Math.round(timeline.now() - askedAt)}`;
      },
    };
    plainClient({ ...process, send }, chooser)(call);
    while (end === '' && timeline.step());
    return `${sent.join(' ')} ${end}`;
  };
  return { world, process, pass, ask };
}

const picks = (chooser: Chooser, count: number, regions: readonly number[] = ALL) =>
  Array.from({ length: count }, () => chooser.pick(regions, {} as Call));

describe('the loop around a plain client', () => {
  test('goes on at once to a region that has not failed the call, three times in all', () => {
    const down = lasting({ kind: 'errors', share: 1 });
    const one = quiet({ 0: down });
    expect(one.ask(roundRobin(one.process))).toBe('0 1 ok@1105');
    const all = quiet({ 0: down, 1: down, 2: down, 3: down, 4: down });
    expect(all.ask(roundRobin(all.process))).toBe('0 1 2 failed@615');
  });

  test('waits 15 s for an answer and 30 s for all of them', () => {
    const hole = lasting({ kind: 'hole' });
    const one = quiet({ 0: hole });
    expect(one.ask(roundRobin(one.process))).toBe('0 1 ok@16000');
    const two = quiet({ 0: hole, 1: hole });
    expect(two.ask(roundRobin(two.process))).toBe('0 1 failed@30000');
  });
});

describe('the usual strategies', () => {
  test('round-robin takes its turns, and passes over what is left out', () => {
    const chooser = roundRobin(quiet().process);
    expect(picks(chooser, 6)).toEqual([0, 1, 2, 3, 4, 0]);
    expect(picks(chooser, 3, [0, 4])).toEqual([4, 0, 4]);
  });

  test('weights of 5 to 1 are kept to exactly, and smoothly', () => {
    const taken = picks(weighted(quiet().process), 15);
    expect(ALL.map((region) => taken.filter((one) => one === region).length)).toEqual([5, 4, 3, 2, 1]);
    expect(taken.slice(0, 5)).toEqual([0, 1, 2, 3, 0]);
  });

  test('least-connections takes the one with the fewest under way', () => {
    const chooser = leastConnections(quiet().process);
    for (const region of [0, 1, 2, 4]) chooser.started?.(region);
    expect(picks(chooser, 3)).toEqual([3, 3, 3]);
    chooser.started?.(3);
    chooser.ended?.(1, 'ok', 1);
    expect(picks(chooser, 1)).toEqual([1]);
  });

  test('lowest-average tries each once, then stays with the fastest and learns nothing from failures', () => {
    const chooser = lowestAverage(quiet().process);
    for (const region of ALL) chooser.ended?.(region, 'ok', 900 - 100 * region);
    for (let count = 0; count < 9; count += 1) chooser.ended?.(4, 'timeout', 15_000);
    expect(picks(chooser, 2)).toEqual([4, 4]);
    for (let count = 0; count < 99; count += 1) chooser.ended?.(4, 'ok', 1_000);
    expect(picks(chooser, 1)).toEqual([3]);
  });

  test('an oracle goes where the answer is first', () => {
    const well = quiet({ 1: { speed: 2 } });
    expect(well.ask(oracle(well.process))).toBe('1 ok@600');
    const sick = quiet({ 0: lasting({ kind: 'hole' }), 1: lasting({ kind: 'slow', factor: 8 }) });
    expect(sick.ask(oracle(sick.process))).toBe('2 ok@1100');
  });
});

describe('the geo client of the tutorial', () => {
  test('prefers the nearest region, and hands a 500 to its caller', () => {
    const well = quiet();
    expect(well.ask(geoClient(well.process))).toBe('0 ok@900');
    const down = quiet({ 0: lasting({ kind: 'errors', share: 1 }) });
    expect(down.ask(geoClient(down.process))).toBe('0 failed@105');
  });

  test('goes on after silence, and leaves a region that was silent to three probes a minute apart', () => {
    const { process, pass, ask } = quiet({ 0: lasting({ kind: 'hole' }) });
    const chooser = geoClient(process);
    expect(ask(chooser)).toBe('0 1 ok@16000');
    pass(110_000);
    expect(ask(chooser)).toBe('1 ok@1000');
  });

  test('stays where it was when all are down', () => {
    const hole = lasting({ kind: 'hole' });
    const { process, pass, ask } = quiet({ 0: hole, 1: hole, 2: hole, 3: hole, 4: hole });
    const chooser = geoClient(process);
    pass(130_000);
    expect(ask(chooser)).toBe('0 failed@15000');
  });
});

describe("LiteLLM's strategies", () => {
  test('a deployment cools down for 5 s after more than half of five requests of a minute failed', () => {
    const { process, pass } = quiet();
    const chooser = liteLlmShuffle(process);
    for (let count = 0; count < 4; count += 1) chooser.ended?.(0, 'error', 1);
    expect(picks(chooser, 50, [0, 1])).toContain(0);
    chooser.ended?.(0, 'error', 1);
    expect(picks(chooser, 50, [0, 1])).not.toContain(0);
    pass(5_000);
    expect(picks(chooser, 50, [0, 1])).toContain(0);
    // The count starts anew with the calendar minute.
    pass(55_000);
    chooser.ended?.(0, 'error', 1);
    expect(picks(chooser, 50, [0, 1])).toContain(0);
  });

  test('one 429 is enough, and with all of them cooling down the call fails at once', () => {
    const { process, ask } = quiet({ 0: { perSecond: 0.5 } });
    const chooser = liteLlmShuffle(process);
    chooser.ended?.(0, 'limited', 1);
    expect(picks(chooser, 1, [0])).toEqual([undefined]);
    for (const region of ALL) chooser.ended?.(region, 'limited', 1);
    expect(ask(chooser)).toBe(' failed@0');
  });

  test('least-busy takes the first of equals, and any other where that one cools down', () => {
    const chooser = liteLlmLeastBusy(quiet().process);
    expect(picks(chooser, 2)).toEqual([0, 0]);
    chooser.started?.(0);
    expect(picks(chooser, 1)).toEqual([1]);
    chooser.ended?.(0, 'limited', 1);
    expect(new Set(picks(chooser, 50))).toEqual(new Set([1, 2, 3, 4]));
  });

  test('the first nine of ten latencies stay for good, and a timeout outweighs them all', () => {
    const chooser = liteLlmLatency(quiet().process);
    for (let count = 0; count < 10; count += 1)
      for (const region of [0, 1]) chooser.ended?.(region, 'ok', 900 + 300 * region);
    // A hundred slow answers change a tenth of the average: 990 against 1200.
    for (let count = 0; count < 100; count += 1) chooser.ended?.(0, 'ok', 1_800);
    expect(picks(chooser, 9, [0, 1])).toEqual(Array(9).fill(0));
    chooser.ended?.(0, 'timeout', 15_000);
    expect(picks(chooser, 9, [0, 1])).toEqual(Array(9).fill(1));
  });
});
