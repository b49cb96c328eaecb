/** Numbers that stand beside candidates, in their order; the answers here are how likely each of them is picked, 0 to 1. */
type Numbers = readonly number[];

/** All whose number is at most `band` times the lowest are as likely as one another; what `Draw.lowest` comes to. */
export function amongLowest(costs: Numbers, band: number): Numbers {
  const bound = Math.min(...costs) * band;
  const count = costs.filter((cost) => cost <= bound).length;
  return costs.map((cost) => (cost <= bound ? 1 / count : 0));
}

/** Each is as likely as its number says; what `Draw.byShare` comes to. */
export function byShare(shares: Numbers): Numbers {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const isEven = !(total > 0 && total < Number.POSITIVE_INFINITY);
  return shares.map((share) => (isEven ? 1 / shares.length : share / total));
}

/** The better of two that chance draws. */
export function betterOfTwo(costs: Numbers): Numbers {
  const count = costs.length;
  if (count < 2) return costs.map(() => 1);
  return costs.map((own, index) => {
    let wins = 0;
    for (const [other, cost] of costs.entries()) {
      if (other === index) continue;
      // Drawn first it also wins where both cost the same.
      wins += (cost < own ? 0 : 1) + (own < cost ? 1 : 0);
    }
    return wins / (count * (count - 1));
  });
}

/** One of so many for certain. */
export function certainly(chosen: number, count: number): Numbers {
  return Array.from({ length: count }, (_, index) => (index === chosen ? 1 : 0));
}
