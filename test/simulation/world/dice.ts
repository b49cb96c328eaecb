import type { Random } from '../../../packages/core/src/base/random.ts';

/** How many standard deviations the 99th percentile of a normal distribution lies above its median. */
const Z99 = 2.326347874;

/** A log-normal distribution, by its median and by the standard deviation of its logarithm. */
export interface LogNormal {
  readonly median: number;
  readonly sigma: number;
}

/** The log-normal distribution with this median and this 99th percentile. */
export const logNormalBetween = (median: number, p99: number): LogNormal => ({
  median,
  sigma: Math.log(p99 / median) / Z99,
});

/** Draws from the standard normal distribution. Source: G. Box and M. Muller, 1958. */
export function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Draws from a log-normal distribution. */
export const drawLogNormal = ({ median, sigma }: LogNormal, random: Random): number =>
  median * Math.exp(sigma * drawNormal(random));

/** The mean of a log-normal distribution. */
export const meanOf = ({ median, sigma }: LogNormal): number => median * Math.exp(sigma ** 2 / 2);

/** Draws the time until the next arrival of a Poisson process, in milliseconds. */
export const drawGapMs = (perSecond: number, random: Random): number => (-Math.log(1 - random()) * 1_000) / perSecond;

/** One of a list, each as likely as the others. */
export const drawOne = <Item>(items: readonly Item[], random: Random): Item =>
  items[Math.floor(random() * items.length)] as Item;
