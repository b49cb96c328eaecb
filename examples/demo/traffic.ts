/** One question, asked through both clients at the same moment. */
export interface Question {
  readonly number: number;
  /** Milliseconds after the start. */
  readonly atMs: number;
  readonly model: string;
  readonly streamed: boolean;
  readonly prompt: string;
  /** The only right answer; undefined where it cannot be known, as with a real model. */
  readonly expected: string | undefined;
}

/** What the questions are drawn from. */
export interface TrafficPlan {
  readonly seed: number;
  readonly models: readonly string[];
  readonly forMs: number;
  readonly perSecond: number;
}

const WORDS = 'harbour wall holds calm water while the storm passes and every ship waits for light and tide'.split(' ');

/**
 * Draws the traffic: one question in each slot of time, at a moment of its own, one in three streamed. The simulator answers
 * "echo: x" with exactly x, so that a wrong, an empty and a cut answer are all found out.
 */
export function drawTraffic({ seed, models, forMs, perSecond }: TrafficPlan): readonly Question[] {
  const random = randomOf(seed);
  const slotMs = 1_000 / perSecond;
  return Array.from({ length: Math.floor(forMs / slotMs) }, (_, index) => {
    const number = index + 1;
    const words = Array.from({ length: 6 + Math.floor(random() * 8) }, () => pick(WORDS, random));
    const expected = `Answer ${number}: ${words.join(' ')}.`;
    const model = pick(models, random);
    const streamed = random() < 1 / 3;
    return { number, atMs: (index + random()) * slotMs, model, streamed, prompt: `echo: ${expected}`, expected };
  });
}

function pick(list: readonly string[], random: () => number): string {
  return list[Math.floor(random() * list.length)] ?? '';
}

/** Numbers from 0 to 1 that are the same for the same seed. Source: "mulberry32", T. Ettinger, public domain. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
