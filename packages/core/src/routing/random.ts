import { byShare } from './chances.js';
import { Draw } from './draw.js';
import type { Strategy } from './strategy.js';

/** By chance, each as likely as its weight says. */
export function random(): Strategy {
  const draw = new Draw();
  return {
    name: 'random',
    chances: (candidates) => byShare(candidates.map(({ weight }) => weight)),
    pick(candidates, { random: dice }) {
      draw.begin(candidates.length);
      for (let i = 0; i < candidates.length; i += 1) {
        draw.put(i, (candidates[i] as (typeof candidates)[number]).weight);
      }
      return draw.byShare(candidates, dice);
    },
  };
}
