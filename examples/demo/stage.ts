import type { RouterOptions } from 'breakwater';
import type { Question } from './traffic.ts';
import type { Spell } from './weather.ts';

/** Where a run takes place: the simulator, or real endpoints. */
export interface Stage {
  readonly router: RouterOptions;
  readonly timeoutMs: number;
  /** The first endpoint, with the key that each client uses there. */
  readonly first: { readonly baseURL: string; readonly keys: Readonly<Record<'breakwater' | 'openai', string>> };
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
