import { Decaying } from '../base/decaying.js';
import { Histogram } from '../base/histogram.js';
import type { TokenEstimate, TokenUsage } from '../outcome/usage.js';
import type { Demand } from './limit.js';

/** An answer without a limit is taken for so many tokens until a model's own answers are known. */
const FIRST_OUTPUT = 1_024;
/** … which is when there are so many of them. */
const ENOUGH = 20;
/** Nearly all answers are no longer. */
const MOST_OF_THEM = 0.95;
/** What is older than ten to twenty minutes is forgotten. */
const OUTPUTS_HALF_MS = 600_000;
const RATIO_FADES_MS = 600_000;
/** No tokenizer is off by more; a ratio beyond it is of something that was not counted, such as a picture. */
const MOST_OFF = 4;

/** How long the answers of one model are, and by how much estimates of its requests are off. Shared by all its targets. */
export class ModelHabits {
  readonly #outputs = new Histogram(OUTPUTS_HALF_MS);
  readonly #ratio = new Decaying(RATIO_FADES_MS, ENOUGH);
  #typicalOutput = FIRST_OUTPUT;
  #isStale = false;

  /** The tokens of a request: what goes in, as corrected by what was learned, and the longest answer that is likely. */
  tokensOf(estimate: TokenEstimate, now: number): number {
    return this.demandOf(estimate, now).tokens;
  }

  /** What to set aside for a request: its tokens, but no more than `mostOutput` for the answer. */
  demandOf({ input, maxOutput }: TokenEstimate, now: number, mostOutput = Number.POSITIVE_INFINITY): Demand {
    const corrected = this.#ratio.weight(now) > 0 ? input * this.#ratio.mean : input;
    const answer = Math.min(maxOutput ?? this.#outputNow(now), mostOutput);
    return { tokens: Math.ceil(corrected) + answer, answerTokens: maxOutput === undefined ? answer : undefined };
  }

  /** An answer told what it used, to a request that had been estimated so. */
  used({ input, maxOutput }: TokenEstimate, { inputTokens, outputTokens }: TokenUsage, now: number): void {
    if (input > 0 && inputTokens > 0) {
      const ratio = Math.min(MOST_OFF, Math.max(1 / MOST_OFF, inputTokens / input));
      this.#ratio.add(ratio, now);
    }
    // What was cut short by a limit says little of how long an answer would have been.
    if (maxOutput !== undefined && outputTokens >= maxOutput) return;
    this.#outputs.record(outputTokens, now);
    this.#isStale = true;
  }

  #outputNow(now: number): number {
    if (!this.#isStale || this.#outputs.count(now) < ENOUGH) return this.#typicalOutput;
    this.#isStale = false;
    this.#typicalOutput = Math.ceil(this.#outputs.quantile(MOST_OF_THEM, now) ?? FIRST_OUTPUT);
    return this.#typicalOutput;
  }
}
