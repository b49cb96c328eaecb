import { drawOne } from '../world/dice.ts';
import type { Process } from '../world/world.ts';
import type { Chooser } from './plain-client.ts';

/** Those of these with the lowest value. */
export function lowestOf(regions: readonly number[], measure: (region: number) => number): readonly number[] {
  let lowest = Number.POSITIVE_INFINITY;
  let those: number[] = [];
  for (const region of regions) {
    const value = measure(region);
    if (value < lowest) {
      lowest = value;
      those = [];
    }
    if (value === lowest) those.push(region);
  }
  return those;
}

/** One after the other. Each process begins somewhere else. */
export function roundRobin({ index, rttMs }: Process): Chooser {
  let turn = index;
  return {
    pick(regions) {
      // The turn goes on until it comes to a region that is left.
      for (let step = 0; step < rttMs.length; step += 1) {
        const region = turn % rttMs.length;
        turn += 1;
        if (regions.includes(region)) return region;
      }
      return undefined;
    },
  };
}

/** Smooth weighted round-robin, as nginx does it, with weights as an operator would give them: nearer regions get more, 5 to 1. */
export function weighted({ nearest }: Process): Chooser {
  const weightOf = (region: number) => nearest.length - nearest.indexOf(region);
  const current = nearest.map(() => 0);
  return {
    pick(regions) {
      let best = regions[0] as number;
      let total = 0;
      for (const region of regions) {
        const weight = weightOf(region);
        total += weight;
        current[region] = (current[region] ?? 0) + weight;
        if ((current[region] ?? 0) > (current[best] ?? 0)) best = region;
      }
      current[best] = (current[best] ?? 0) - total;
      return best;
    },
  };
}

/** The region with the fewest requests of this process under way; among equals any. */
export function leastConnections({ rttMs, random }: Process): Chooser {
  const underWay = rttMs.map(() => 0);
  const add = (region: number, more: number) => {
    underWay[region] = (underWay[region] ?? 0) + more;
  };
  return {
    pick: (regions) =>
      drawOne(
        lowestOf(regions, (region) => underWay[region] ?? 0),
        random,
      ),
    started: (region) => add(region, 1),
    ended: (region) => add(region, -1),
  };
}

/** The tutorials' rule remembers so many answers of a region. */
const REMEMBERED = 100;

/** The last answers of a region, and their average. */
export class Latencies {
  readonly #last: number[] = [];
  #sum = 0;

  add(ms: number): void {
    this.#last.push(ms);
    this.#sum += ms - (this.#last.length > REMEMBERED ? (this.#last.shift() as number) : 0);
  }

  /** 0 for a region that has not answered yet, so that it is tried. */
  get averageMs(): number {
    return this.#last.length === 0 ? 0 : this.#sum / this.#last.length;
  }
}

/** The region with the lowest average of its last hundred answers. A failure teaches it nothing. */
export function lowestAverage({ rttMs, random }: Process): Chooser {
  const latencies = rttMs.map(() => new Latencies());
  return {
    pick: (regions) =>
      drawOne(
        lowestOf(regions, (region) => latencies[region]?.averageMs ?? 0),
        random,
      ),
    ended(region, end, tookMs) {
      if (end === 'ok') latencies[region]?.add(tookMs);
    },
  };
}

/**
 * Knows of every region whether it is well, how long its line is and how fast it works, all at this instant, and goes where this call
 * would be answered first. It does not know the future. Nothing that has to measure can be better by more than luck.
 */
export function oracle({ rttMs, truth, random }: Process): Chooser {
  return {
    pick(regions, { workMs }) {
      const well = regions.filter((region) => truth[region]?.isWell());
      const finishMs = (region: number) => (rttMs[region] ?? 0) + (truth[region]?.finishMs(workMs) ?? 0);
      return drawOne(lowestOf(well.length > 0 ? well : regions, finishMs), random);
    },
  };
}
