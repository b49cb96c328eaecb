import type { ClientOptions } from 'breakwater';
import type { Question } from './traffic.ts';
import type { Spell } from './weather.ts';

/** Where a run takes place: the simulator, or real endpoints. */
export interface Stage {
  /** What each client is made of; the plain one knows the first endpoint alone. */
  readonly options: Readonly<Record<'breakwater' | 'openai', ClientOptions>>;
  /** How long the caller of either waits for an answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly questions: readonly Question[];
  readonly runMs: number;
  /** What goes wrong, and when; nothing on a live stage. */
  readonly weather: readonly StagedSpell[];
  /** How many requests of each client reached a provider; undefined where nobody can tell. */
  arrived?(client: 'breakwater' | 'openai'): number;
  close(): Promise<void>;
}

/** A spell of weather on the stage where it happens. */
export interface StagedSpell extends Pick<Spell, 'from' | 'to' | 'title'> {
  begin(): () => void;
}
