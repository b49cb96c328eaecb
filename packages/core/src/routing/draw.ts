import type { Random } from '../base/random.js';
import type { Candidate } from './strategy.js';

/** A whole number below `count`, each equally likely; dice that say 1 are taken for just below it. */
export function drawBelow(count: number, random: Random): number {
  const drawn = Math.floor(random() * count);
  return drawn < count ? drawn : count - 1;
}

/**
 * Draws a candidate by numbers that stand beside them: costs, of which the lowest are wanted, or shares. The place for the numbers is
 * kept from choice to choice, because a choice should allocate nothing.
 */
export class Draw {
  #numbers = new Float64Array(8);
  #lowest = Number.POSITIVE_INFINITY;
  #total = 0;

  /** A new choice, among so many. */
  begin(count: number): void {
    if (this.#numbers.length < count) this.#numbers = new Float64Array(count * 2);
    this.#lowest = Number.POSITIVE_INFINITY;
    this.#total = 0;
  }

  /** The number of the candidate at an index, 0 or more; each is told once. */
  put(index: number, number: number): void {
    this.#numbers[index] = number;
    this.#total += number;
    if (number < this.#lowest) this.#lowest = number;
  }

  /** One whose number is at most `band` times the lowest, each equally likely; dice are rolled only when there are several. */
  lowest<Kind extends Candidate>(candidates: readonly Kind[], band: number, random: Random): Kind {
    const numbers = this.#numbers;
    const bound = this.#lowest * band;
    let found = 0;
    let count = 0;
    for (let i = 0; i < candidates.length; i += 1) {
      if ((numbers[i] as number) > bound) continue;
      found = i;
      count += 1;
    }
    if (count < 2) return candidates[found] as Kind;
    // Counted from the last one back, which is the one that was found.
    for (let left = drawBelow(count, random); left > 0; left -= 1) {
      do found -= 1;
      while ((numbers[found] as number) > bound);
    }
    return candidates[found] as Kind;
  }

  /** One as likely as its number says; when all are 0, or one is infinite, chance is even. */
  byShare<Kind extends Candidate>(candidates: readonly Kind[], random: Random): Kind {
    const isEven = !(this.#total > 0 && this.#total < Number.POSITIVE_INFINITY);
    if (isEven) return candidates[drawBelow(candidates.length, random)] as Kind;
    let left = random() * this.#total;
    let found = 0;
    for (let i = 0; i < candidates.length && left >= 0; i += 1) {
      const share = this.#numbers[i] as number;
      if (share === 0) continue;
      found = i;
      left -= share;
    }
    return candidates[found] as Kind;
  }
}
