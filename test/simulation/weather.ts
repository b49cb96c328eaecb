import type { Random } from '../../packages/core/src/base/random.js';
import type { Ticket } from '../../packages/core/src/flow/call.js';
import type { FailureKind, Outcome } from '../../packages/core/src/outcome/outcome.js';

/** What an endpoint does to requests for a while. */
export interface Spell {
  readonly endpoint: string;
  readonly kind: FailureKind | 'hang' | 'slow' | 'flaky' | 'cut';
  readonly from: number;
  readonly until: number;
}

const KINDS = [
  'server_error',
  'connect',
  'overloaded',
  'rate_limit',
  'reset',
  'hang',
  'slow',
  'flaky',
  'cut',
  'malformed',
] as const;

/** Draws outages until `clearsAt`; after that the weather is fine everywhere. */
export function drawWeather(endpoints: readonly string[], clearsAt: number, random: Random): readonly Spell[] {
  const spells: Spell[] = [];
  for (const endpoint of endpoints) {
    for (let from = random() * 20_000; from < clearsAt; from += random() * 40_000) {
      const kind = KINDS[Math.floor(random() * KINDS.length)] ?? 'server_error';
      const until = Math.min(clearsAt, from + 2_000 + random() * 30_000);
      spells.push({ endpoint, kind, from, until });
      from = until;
    }
  }
  return spells;
}

/** The spell over an endpoint, if any. */
export function spellAt(spells: readonly Spell[], endpoint: string, now: number): Spell | undefined {
  return spells.find((spell) => spell.endpoint === endpoint && spell.from <= now && now < spell.until);
}

/** What an endpoint answers under a spell, and after how many milliseconds; undefined for silence. */
export function answerUnder(
  spell: Spell | undefined,
  target: string,
  random: Random,
): { readonly outcome: Outcome<string>; readonly takesMs: number } | undefined {
  const workMs = 100 + 400 * random();
  const answer = { outcome: { kind: 'ok', reply: target } as const, takesMs: workMs };
  const kind = spell?.kind;
  if (kind === undefined || kind === 'cut') return answer;
  if (kind === 'hang') return undefined;
  if (kind === 'slow') return { ...answer, takesMs: 8 * workMs };
  if (kind === 'flaky' && random() < 0.6) return answer;
  const refusal = kind === 'flaky' ? 'server_error' : kind;
  const retryAfterMs = refusal === 'rate_limit' && random() < 0.5 ? { retryAfterMs: 1_000 + 9_000 * random() } : {};
  return {
    outcome: { kind: refusal, message: `${refusal} at ${target}`, ...retryAfterMs },
    takesMs: 20 + 50 * random(),
  };
}

/** A signal's abort as a call, so that scripted work lets go of its timers. */
export function onAborted({ signal }: Ticket, run: () => void): void {
  signal.addEventListener('abort', run, { once: true });
}
