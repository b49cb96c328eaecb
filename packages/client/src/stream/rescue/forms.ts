import type { Prefill } from '../../providers/options.js';
import type { Form } from './question.js';

/** More targets than this are made up by callers; the oldest are forgotten. */
const MOST = 1_000;

/** Models that go on with the last turn, by their names. */
const BY_NAME: readonly (readonly [name: RegExp, prefill: Prefill])[] = [
  [/^(?:anthropic[./])?claude/i, 'plain'],
  [/^(?:mistralai\/)?(?:mistral|ministral|magistral|codestral|devstral|pixtral)/i, 'prefix'],
];

/** What is known of how targets go on with an answer: by what the user says, by their models' names, and by what they did. */
export class Forms {
  readonly #refused = new Set<string>();

  /** How a target is asked; `said` is the user's own word on it. */
  formFor(
    target: string,
    model: string,
    said: Prefill | false | undefined,
  ): { form: Form; prefill: Prefill | undefined } {
    const prefill = said ?? BY_NAME.find(([name]) => name.test(model))?.[1];
    if (prefill === undefined || prefill === false || this.#refused.has(target))
      return { form: 'instruction', prefill: undefined };
    return { form: 'prefill', prefill };
  }

  /** A target would not go on with its last turn: it is asked to from now on. */
  refused(target: string): void {
    if (this.#refused.size >= MOST && !this.#refused.has(target))
      this.#refused.delete(this.#refused.values().next().value ?? '');
    this.#refused.add(target);
  }
}
