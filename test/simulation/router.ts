import { planBreakers } from '../../packages/core/src/breaker/scopes.ts';
import type { Call as EngineCall, Ticket } from '../../packages/core/src/flow/call.ts';
import { Engine } from '../../packages/core/src/flow/engine.ts';
import { resolveHedging } from '../../packages/core/src/hedging/options.ts';
import { resolveLimits } from '../../packages/core/src/limits/options.ts';
import type { Ending, Outcome } from '../../packages/core/src/outcome/outcome.ts';
import { resolveRetryOptions } from '../../packages/core/src/retries/options.ts';
import { resolveRouting, type StrategyName } from '../../packages/core/src/routing/options.ts';
import type { Target } from '../../packages/core/src/targets/target.ts';
import { PLACES, REGIONS } from './world/network.ts';
import type { Reply } from './world/region.ts';
import { type Asker, type Call, type Process, TERMS } from './world/world.ts';

/** What tells one contestant with the real engine from another. */
export interface RouterWay {
  readonly routing: StrategyName;
  /** Whether a second target is asked beside a slow one, as with `hedging: {}`. @default false */
  readonly hedging?: boolean;
  /** Whether it is told where the endpoints and its users are, as with `location` and `routing.userLocation`. @default false */
  readonly located?: boolean;
  /** Whether each target is let only as many calls at a time as it turns out to bear, as with `limits: { concurrency: 'adaptive' }`. @default false */
  readonly bounded?: boolean;
}

/** The only place where an engine is made: everything at its defaults, but for the terms of the world and the way of routing. */
function engineOf(
  { nearest, timeline, random }: Process,
  { routing, hedging = false, located = false, bounded = false }: RouterWay,
): Engine {
  const [userLocation] = PLACES;
  return new Engine({
    endpoints: nearest.map((region, place) => {
      const id = REGIONS[region] as string;
      const location = located ? PLACES[place] : undefined;
      return { id, region: id, location, serves: () => true, credential: () => id };
    }),
    breakers: planBreakers(),
    retries: resolveRetryOptions({ maxAttempts: TERMS.attempts }),
    routing: resolveRouting({ strategy: routing, ...(located && userLocation && { userLocation }) }),
    hedging: resolveHedging(hedging && {}),
    limits: resolveLimits(bounded ? { concurrency: 'adaptive' } : {}),
    clock: timeline,
    random,
  });
}

/** The real engine in a process of the world. */
export function router(process: Process, way: RouterWay): Asker {
  const engine = engineOf(process, way);
  return (call) => {
    void engine.execute(engineCall(process, call)).then(({ outcome }) => call.end(outcome.kind === 'ok'));
  };
}

function engineCall(process: Process, call: Call): EngineCall<null> {
  return {
    model: 'm',
    streamed: process.streamed,
    movable: true,
    repeatable: true,
    hedgeable: true,
    fallbacks: [],
    timeoutMs: TERMS.deadlineMs,
    signalKeepsTime: false,
    maxRetries: 2,
    clocks: { attemptMs: TERMS.attemptMs },
    attempt: (target, ticket) => attempt(process, call, { target, ticket }),
    discard: () => {},
  };
}

function attempt(
  process: Process,
  call: Call,
  { target, ticket }: { target: Target; ticket: Ticket },
): Promise<Outcome<null>> {
  const region = REGIONS.indexOf(target.endpoint.id as (typeof REGIONS)[number]);
  return new Promise((resolve) => {
    let ended: (ending: Ending) => void = () => {};
    const sent = process.send(call, region, {
      onReply(reply) {
        const outcome = outcomeOf(reply);
        if (outcome.kind !== 'ok' || !process.streamed) return resolve(outcome);
        const ending = new Promise<Ending>((end) => {
          ended = end;
        });
        resolve({ ...outcome, ending });
      },
      ...(process.streamed && { onEnd: () => ended({ kind: 'ok' }) }),
    });
    ticket.signal.addEventListener('abort', () => sent.leave(), { once: true });
  });
}

function outcomeOf(reply: Reply): Outcome<null> {
  if (reply.kind === 'ok') return { kind: 'ok', reply: null, status: 200 };
  if (reply.kind === 'error') return { kind: 'server_error', message: 'a 500', status: 500 };
  return { kind: 'rate_limit', message: 'a 429', status: 429, retryAfterMs: reply.retryAfterMs };
}
