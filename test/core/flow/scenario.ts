import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import type { BreakerInput } from '../../../packages/core/src/breaker/options.js';
import type { Call, Conclusion } from '../../../packages/core/src/flow/call.js';
import type { Ending } from '../../../packages/core/src/outcome/outcome.js';
import { World } from './world.js';

/** One thing that happens in a scenario. */
export type Step =
  | {
      readonly do: 'call';
      readonly given: Partial<Call<string>>;
      readonly resort: 'none' | 'answer' | 'reject' | 'throw';
    }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'end'; readonly which: number; readonly kind: Ending['kind'] }
  | { readonly do: 'abort'; readonly which: number };

/** A world with everything that happens in it; the same one plays out the same way each time. */
export interface Scenario {
  readonly endpoints: string;
  readonly words: readonly string[];
  readonly steps: readonly Step[];
  readonly seed: number;
}

/** A call that was made, and what became of it. */
export interface Made {
  readonly call: Call<string>;
  readonly startedAt: number;
  readonly controller: AbortController;
  endedAt?: number;
  conclusion?: Conclusion<string>;
}

const ms = fc.constantFrom(0, 1, 40, 300, 1_000, 6_000, 30_000);
const plainWord = fc.constantFrom(
  ...['200', '200', '500', '503', '429', '401', '402', '404', '408', '409', 'connect', 'reset', 'malformed'],
  ...['hang', 'context_window', 'content_policy', 'stream', 'stream', 'stream_error_early', '400', 'throw'],
);
const word = fc
  .tuple(plainWord, ms, fc.constantFrom('', ';deaf', ';headers=20'), fc.option(fc.constantFrom(10, 2_000, 20_000)))
  .map(([what, takes, extra, after]) => `${what};takes=${takes}${extra}${after === null ? '' : `;after=${after}`}`);

const clocks = fc.constantFrom(
  {},
  { attemptMs: 500 },
  { connectMs: 100 },
  { connectMs: 50, firstTokenMs: 200, attemptMs: 2_000 },
);
const given = fc
  .record({
    fallbacks: fc.constantFrom([], ['big'], ['big', 'bigger']),
    streamed: fc.boolean(),
    movable: fc.constantFrom(true, true, true, false),
    repeatable: fc.constantFrom(true, true, true, false),
    timeoutMs: fc.constantFrom(1_000, 10_000, 60_000),
    maxRetries: fc.constantFrom(0, 1, 2, 5),
    clocks,
    named: fc.constantFrom({}, { contextWindowFallbacks: ['long'] }, { contentPolicyFallbacks: ['mild', 'big'] }),
  })
  .map(({ named, ...rest }) => ({ ...rest, ...named }));

const resort = fc.constantFrom('none', 'none', 'answer', 'reject', 'throw');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('call' as const), given, resort }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), ms }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(),
      kind: fc.constantFrom('ok', 'stream_error_late', 'caller_abort'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat() }) },
);

/** Any scenario: up to three endpoints, sixty steps and sixty words for the targets to say. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  endpoints: fc.constantFrom('a', 'a b', 'a b c', 'a@shared b@shared c', 'a=m,big b c=big,long'),
  words: fc.array(word, { size: 'max', minLength: 1, maxLength: 60 }),
  steps: fc.array(step, { size: 'max', maxLength: 60 }),
  seed: fc.nat(),
});

/** What a scenario is played in. */
export function worldOf({ endpoints, words, seed }: Scenario, breaker?: BreakerInput): World {
  return new World({
    endpoints,
    script: words.map((text) => `*:${text}`).join(' '),
    breaker: breaker ?? { failureStreak: 3, closeAfter: 1, openMs: 2_000, leaseMs: 30_000 },
    retries: { budget: { capacity: 5, perRequest: 0.2 } },
    random: seededRandom(seed),
  });
}

/** Plays a scenario to its end: every call concluded, every stream ended, no timer left to wait for. */
export async function play(world: World, { steps }: Scenario): Promise<readonly Made[]> {
  const made: Made[] = [];
  for (const step of steps) {
    if (step.do === 'call') made.push(begin(world, step));
    else if (step.do === 'advance') await world.clock.advance(step.ms);
    else if (step.do === 'abort') made[step.which % made.length]?.controller.abort();
    else world.streams[step.which % world.streams.length]?.end({ kind: step.kind });
  }
  await world.clock.runUntilIdle(600_000);
  for (const stream of world.streams) stream.end();
  await world.clock.advance(0);
  return made;
}

/** What must be true of a world in which nothing goes on any more; each line is something that is not. */
export function leftovers(world: World, made: readonly Made[]): string[] {
  const left: string[] = [];
  const { requests, targets } = world.engine.stats();
  if (requests.inFlight !== 0) left.push(`${requests.inFlight} requests in flight`);
  for (const [id, { inFlight }] of Object.entries(targets))
    if (inFlight !== 0) left.push(`${inFlight} in flight at ${id}`);
  for (const { target, breaker } of world.engine.status().targets) {
    if (breaker.probesOut !== 0) left.push(`${breaker.probesOut} probes out at ${target}`);
  }
  if (world.clock.pending !== 0) left.push(`${world.clock.pending} timers`);
  for (const [index, { controller, conclusion }] of made.entries()) {
    if (!conclusion) left.push(`call ${index} has no conclusion`);
    const listeners = getEventListeners(controller.signal, 'abort').length;
    if (listeners !== 0) left.push(`${listeners} listeners on the signal of call ${index}`);
  }
  return left;
}

function begin(world: World, { given, resort }: Extract<Step, { do: 'call' }>): Made {
  const controller = new AbortController();
  const resorts = {
    none: {},
    answer: { lastResort: async () => 'canned' },
    reject: { lastResort: () => Promise.reject(new Error('no')) },
    throw: {
      lastResort: () => {
        throw new Error('no');
      },
    },
  } satisfies Record<typeof resort, Partial<Call<string>>>;
  const call = world.callOf({ ...given, ...resorts[resort], signal: controller.signal });
  const made: Made = { call, startedAt: world.clock.now(), controller };
  void world.engine.execute(call).then((conclusion) => {
    made.conclusion = conclusion;
    made.endedAt = world.clock.now();
  });
  return made;
}
