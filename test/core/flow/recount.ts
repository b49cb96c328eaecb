import type { EventName, RouterEvents } from '../../../packages/core/src/events/events.js';
import type { Heard, World } from './world.js';

/** Counts made anew from nothing but the events, by the plainest program that could do it. */
export class Recount {
  readonly #heard: readonly Heard[];
  /** The model that each call asked for, and the target of each attempt. */
  readonly #models = new Map<string | undefined, string>();

  constructor({ heard }: World) {
    this.#heard = heard;
    for (const { requestId, model = '*' } of this.of('request.started')) this.#models.set(requestId, model);
  }

  of<Name extends EventName>(name: Name): RouterEvents[Name][] {
    return this.#heard.filter((one) => one.name === name).map((one) => one.event as RouterEvents[Name]);
  }

  /** The calls of which the asked-for model is wanted. */
  requests(wants: (model: string) => boolean) {
    const mine = <Name extends EventName>(name: Name) =>
      this.of(name).filter(({ requestId }) => wants(this.#models.get(requestId) ?? ''));
    const [started, succeeded, failed] = [mine('request.started'), mine('request.succeeded'), mine('request.failed')];
    const rerouted = succeeded.filter((event) => event.rerouted).length;
    return {
      started: started.length,
      succeeded: succeeded.length,
      failed: failed.length,
      inFlight: started.length - succeeded.length - failed.length,
      failedBy: byKind(failed),
      rerouted,
      fallbackRate: succeeded.length === 0 ? 0 : rerouted / succeeded.length,
      lastResorts: mine('lastresort.used').length,
    };
  }

  /** The attempts at the targets that are wanted. */
  group(wants: (target: string) => boolean) {
    const at = <Name extends EventName>(name: Name) =>
      this.of(name).filter((event) => wants((event as { target?: string }).target ?? ''));
    const [succeeded, failed, abandoned] = [at('attempt.succeeded'), at('attempt.failed'), at('attempt.abandoned')];
    const attempts = at('attempt.started').length;
    const from = (name: 'failover' | 'stream.rescued') => this.of(name).filter((event) => wants(event.from)).length;
    const to = (name: 'failover' | 'stream.rescued') => this.of(name).filter((event) => wants(event.to)).length;
    const used = [...succeeded, ...failed, ...abandoned].filter(({ usage }) => usage);
    const sum = (amount: (one: (typeof used)[number]) => number) => used.reduce((all, one) => all + amount(one), 0);
    return {
      attempts,
      succeeded: succeeded.length,
      failed: failed.length,
      abandoned: abandoned.length,
      inFlight: attempts - succeeded.length - failed.length - abandoned.length,
      failedBy: byKind(failed),
      retries: at('retry').length,
      failovers: { from: from('failover'), to: to('failover') },
      streams: {
        committed: at('stream.committed').length,
        broken: at('stream.broken').length,
        stalled: at('stream.stalled').length,
        rescuedFrom: from('stream.rescued'),
        rescuedTo: to('stream.rescued'),
      },
      spent: {
        inputTokens: sum(({ usage }) => usage?.inputTokens ?? 0),
        cachedInputTokens: sum(({ usage }) => usage?.cachedInputTokens ?? 0),
        outputTokens: sum(({ usage }) => usage?.outputTokens ?? 0),
        costUSD: Math.round(sum(({ costUSD = 0 }) => costUSD) * 1e12) / 1e12,
        unpriced: used.filter(({ costUSD }) => costUSD === undefined).length,
        estimated: used.filter(({ usage }) => usage?.estimated).length,
      },
    };
  }

  /** The times of a target, by the events that tell them. */
  times(target: string) {
    const at = <Event extends { target: string }>(events: readonly Event[]) =>
      events.filter((event) => event.target === target);
    return {
      firstToken: at(this.of('stream.committed')).map((event) => event.firstTokenMs),
      total: at(this.of('attempt.succeeded')).map((event) => event.durationMs),
    };
  }

  /** How long the breaker of a target was in each state, by what was told of it since it was made. */
  breakerTimes(target: string, { madeAt, now }: { madeAt: number; now: number }) {
    const spent = { closed: 0, open: 0, 'half-open': 0 };
    let [state, since, until] = ['closed' as keyof typeof spent, madeAt, Number.POSITIVE_INFINITY];
    const pass = (then: number) => {
      // An open breaker whose wait is over is half-open, though nobody has asked.
      const overMs = state === 'open' ? Math.max(0, then - until) : 0;
      spent[state] += then - since - overMs;
      spent['half-open'] += overMs;
      since = then;
    };
    for (const { name, event } of this.#heard) {
      if (name !== 'breaker.opened' && name !== 'breaker.half-opened' && name !== 'breaker.closed') continue;
      if (event.target !== target || event.scope !== 'target') continue;
      pass(event.at);
      state = event.to as keyof typeof spent;
      until = name === 'breaker.opened' ? event.at + event.openForMs : Number.POSITIVE_INFINITY;
    }
    pass(now);
    return { closed: spent.closed, open: spent.open, halfOpen: spent['half-open'] };
  }
}

/** The exact time that a share of all did not exceed. */
export function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
}

function byKind(events: readonly { readonly kind: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of events) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
