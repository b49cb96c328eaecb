import type { EventName, RouterEvents } from 'breakwater';
import type { Note } from './log.js';

type Words = Pick<Note, 'tone' | 'title' | 'detail'>;
type Teller<Name extends EventName> = (event: RouterEvents[Name]) => Words;

const kindOf = ({ kind, status }: { kind: string; status?: number | undefined }): string =>
  `${kind.replaceAll('_', ' ')}${status === undefined ? '' : ` (${status})`}`;

function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

const breakerOf = ({ scope, target, endpoint }: { scope: string; target: string; endpoint: string }): string =>
  scope === 'transport' ? `connections to ${endpoint}` : target;

/**
 * Which events are told in the live log, and how. Made of names, kinds and numbers alone: the texts that providers send, which some
 * events carry, are left where they are.
 */
export const TELLERS: { readonly [Name in EventName]?: Teller<Name> } = {
  failover: (event) => ({
    tone: 'warn',
    title: `${event.from} → ${event.to}`,
    detail: `${kindOf(event)}, after ${duration(event.elapsedMs)}`,
  }),
  'request.failed': (event) => ({
    tone: event.kind === 'caller_abort' ? 'note' : 'bad',
    title: event.kind === 'caller_abort' ? 'A caller left' : 'A request failed',
    detail: `${kindOf(event)}, after ${event.attempts} attempts and ${duration(event.durationMs)}`,
  }),
  'breaker.opened': (event) => ({
    tone: 'bad',
    title: `${breakerOf(event)} opened`,
    detail: `${event.reason}, for ${duration(event.openForMs)}`,
  }),
  'breaker.half-opened': (event) => ({ tone: 'note', title: `${breakerOf(event)} is tried`, detail: event.reason }),
  'breaker.closed': (event) => ({ tone: 'good', title: `${breakerOf(event)} closed`, detail: event.reason }),
  'breaker.would-open': (event) => ({
    tone: 'warn',
    title: `${breakerOf(event)} would have opened`,
    detail: event.reason,
  }),
  'breaker.mode-changed': (event) => ({
    tone: 'note',
    title: `${breakerOf(event)}: ${event.mode}`,
    detail: event.reason,
  }),
  'cooldown.started': (event) => ({
    tone: 'warn',
    title: `${event.target} rests`,
    detail: `${kindOf(event)}, for ${duration(event.forMs)}`,
  }),
  'quarantine.started': ({ key, target, scope, forMs }) => ({
    tone: 'bad',
    title: `${scope === 'credential' ? (key ?? target) : target} quarantined`,
    detail: `${scope === 'credential' ? 'its key was refused or has no quota' : 'not served there'}, for ${duration(forMs)}`,
  }),
  'quarantine.ended': ({ key, target, scope }) => ({
    tone: 'good',
    title: `${scope === 'credential' ? (key ?? target) : target} is used again`,
    detail: 'it worked',
  }),
  'health.down': ({ endpoint, probes }) => ({
    tone: 'bad',
    title: `${endpoint} is down`,
    detail: `${probes} probes failed`,
  }),
  'health.up': ({ endpoint, because }) => ({
    tone: 'good',
    title: `${endpoint} is up`,
    detail: because === 'call' ? 'a call was answered' : 'probes succeeded',
  }),
  'limit.rejected': ({ scope, dimension }) => ({ tone: 'warn', title: `No room: ${scope}`, detail: dimension }),
  'budget.exhausted': ({ target }) => ({
    tone: 'warn',
    title: 'The retry budget is empty',
    detail: `before ${target}`,
  }),
  'budget.exceeded': ({ period, spentUSD, limitUSD }) => ({
    tone: 'bad',
    title: `The budget of the ${period} is spent`,
    detail: `$${spentUSD.toFixed(2)} of $${limitUSD.toFixed(2)}`,
  }),
  'stream.broken': ({ target, durationMs }) => ({
    tone: 'bad',
    title: `A stream of ${target} broke`,
    detail: `after ${duration(durationMs)}`,
  }),
  'stream.stalled': ({ target, silentMs, tokensPerSecond }) => ({
    tone: 'warn',
    title: silentMs === undefined ? `A stream of ${target} was too slow` : `A stream of ${target} fell silent`,
    detail: silentMs === undefined ? `${tokensPerSecond} tokens a second` : `for ${duration(silentMs)}`,
  }),
  'stream.malformed': ({ target, count }) => ({
    tone: 'warn',
    title: `Events of a stream of ${target} could not be read`,
    detail: `${count} left out`,
  }),
  'stream.rescued': ({ from, to, how }) => ({
    tone: 'good',
    title: `A stream went on: ${from} → ${to}`,
    detail: how === 'continue' ? 'where it broke off' : 'from the beginning',
  }),
  'lastresort.used': (event) => ({ tone: 'bad', title: 'The last resort answered', detail: kindOf(event) }),
};
