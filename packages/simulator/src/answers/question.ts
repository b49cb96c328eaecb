/** A tool the caller offers. */
export interface Tool {
  readonly name: string;
  readonly parameters: unknown;
}

/** An answer that was begun elsewhere, and is to be gone on with. */
export interface GoingOn {
  /** What is there of it. */
  readonly said: string;
  /** What is said before the rest of it. */
  readonly lead: string;
  /** Whether the rest stands in a turn of its own, which does not begin with a blank. */
  readonly isNewTurn: boolean;
}

/** A question, the same for all resources that answer in text. */
export interface Question {
  readonly seed: number;
  readonly model: string;
  /** All that was said: the answer is drawn from it. */
  readonly conversation: unknown;
  /** What the user said last. */
  readonly lastUserText: string;
  /** Which of several choices this is, from 0. */
  readonly choice: number;
  readonly tools: readonly Tool[];
  /** A name asks for that tool, `required` for any, `auto` for one the user names by "call <tool>". */
  readonly toolChoice: 'none' | 'auto' | 'required' | { readonly name: string };
  /** Once a tool has answered, the model answers in text: a loop that runs tools must come to its end. */
  readonly toolsAnswered: boolean;
  /** Ask for JSON with `json`, of a certain form with a schema. */
  readonly format: 'text' | 'json' | { readonly schema: unknown };
  /** Undefined for an answer from its beginning. */
  readonly goingOn?: GoingOn | undefined;
  readonly answerTokens: readonly [number, number];
  readonly maxTokens: number | undefined;
}
