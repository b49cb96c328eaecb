import { type VirtualClock, virtualClock } from '@breakwater/simulator';
import type { Clock } from '../../../packages/core/src/base/clock.js';
import type { Random } from '../../../packages/core/src/base/random.js';
import type { BreakerInput } from '../../../packages/core/src/breaker/options.js';
import { planBreakers, type RouterBreakerInput } from '../../../packages/core/src/breaker/scopes.js';
import { EVENT_NAMES, type EventName, type RouterEvents } from '../../../packages/core/src/events/events.js';
import type { Call, Conclusion, Ticket } from '../../../packages/core/src/flow/call.js';
import { Engine } from '../../../packages/core/src/flow/engine.js';
import type { Probe } from '../../../packages/core/src/flow/look-at.js';
import type { WhenExhausted } from '../../../packages/core/src/flow/step.js';
import { type HealthOptions, resolveHealthOptions } from '../../../packages/core/src/health/options.js';
import { type HedgingOptions, resolveHedging } from '../../../packages/core/src/hedging/options.js';
import {
  type EndpointLimitOptions,
  type LimitOptions,
  resolveLimits,
} from '../../../packages/core/src/limits/options.js';
import type { Ending, Outcome } from '../../../packages/core/src/outcome/outcome.js';
import { VERDICTS } from '../../../packages/core/src/outcome/verdict.js';
import { type RetryOptions, resolveRetryOptions } from '../../../packages/core/src/retries/options.js';
import { type RoutingOptions, resolveRouting } from '../../../packages/core/src/routing/options.js';
import { type BudgetOptions, resolveBudget } from '../../../packages/core/src/spending/options.js';
import type { PriceTable } from '../../../packages/core/src/spending/prices.js';
import type { Endpoint, Target } from '../../../packages/core/src/targets/target.js';
import { Script, type Word } from './script.js';

/** An event as it was heard. */
export type Heard = { [Name in EventName]: { readonly name: Name; readonly event: RouterEvents[Name] } }[EventName];

/** What a world is made from; what is left out is the default of the product, without jitter in the breaker. */
export interface WorldOptions {
  /** `a b` are two endpoints that serve every model; `b=big,small` serves two; `b@key` uses the credential `key`, `b@k1+k2` has two keys. @default a b */
  readonly endpoints?: string;
  readonly script?: string;
  /** What endpoints are besides, by id. */
  readonly places?: Readonly<Record<string, Pick<Endpoint, 'region' | 'tier' | 'weight' | 'location'>>>;
  readonly breaker?: RouterBreakerInput;
  /** Options of endpoints, by id. */
  readonly byEndpoint?: Readonly<Record<string, BreakerInput>>;
  readonly shareAs?: string;
  /** @default a clock of its own */
  readonly clock?: VirtualClock;
  readonly retries?: RetryOptions;
  /** @default 'priority', so that a test says whom a call goes to by the order of endpoints */
  readonly routing?: RoutingOptions;
  /** @default none */
  readonly hedging?: HedgingOptions;
  /** Limits of the client, and of endpoints by their ids. @default none, and nothing is learned */
  readonly limits?: LimitOptions & { readonly byEndpoint?: Readonly<Record<string, EndpointLimitOptions>> };
  /** What targets cost, by `endpoint/model`, or by model. @default no price is known */
  readonly prices?: PriceTable;
  /** @default anything may be spent */
  readonly budget?: BudgetOptions;
  /** @default 'fail', so that a test sees at once where a plan ends */
  readonly whenExhausted?: WhenExhausted;
  /** @default always 0.5 */
  readonly random?: Random;
  /** Health options, and what a probe finds. @default nobody looks */
  readonly health?: HealthOptions & { readonly finds: Probe };
  /** What the engine sees of the clock. @default the clock as it is */
  readonly platform?: (clock: VirtualClock) => Clock;
  /** @default collects in `complaints` */
  readonly complain?: (message: string) => void;
}

/** A stream that has been handed over, and is ended by the test. */
export interface OpenStream {
  readonly target: string;
  readonly signal: AbortSignal;
  end(ending?: Ending): void;
}

/** A real engine among scripted targets, on a clock that is moved by hand. The replies are the targets' names. */
export class World {
  readonly clock: VirtualClock;
  readonly engine: Engine;
  readonly heard: Heard[] = [];
  readonly streams: OpenStream[] = [];
  /** Replies that came too late and were let go of. */
  readonly discarded: string[] = [];
  /** What the engine complained of. */
  readonly complaints: string[] = [];
  /** Each attempt as it reached a target: `a@250`. */
  readonly sent: { readonly target: string; readonly at: number; readonly word: Word }[] = [];
  /** Each probe as it reached an endpoint: `a@250`. */
  readonly probed: string[] = [];
  /** Attempts that reached a target before the time to which it had asked to be left alone. There must never be one. */
  readonly early: string[] = [];
  readonly #rests = new Map<string, { readonly from: number; readonly until: number }>();
  script: Script;

  constructor(options: WorldOptions = {}) {
    const {
      endpoints = 'a b',
      script = '',
      breaker = { jitter: 0, slowStartMs: 0 },
      retries,
      random = () => 0.5,
    } = options;
    const { platform = (clock) => clock } = options;
    const complain = options.complain ?? ((message: string) => void this.complaints.push(message));
    this.clock = options.clock ?? virtualClock();
    this.script = new Script(script);
    const all = endpoints.split(' ').map((text) => endpointOf(text, options));
    const own = all.map(({ id }) => ({ id, breaker: options.byEndpoint?.[id] }));
    this.engine = new Engine({
      endpoints: all,
      breakers: planBreakers(breaker, { endpoints: own }),
      shareAs: options.shareAs,
      retries: resolveRetryOptions(retries),
      routing: resolveRouting(options.routing ?? 'priority'),
      hedging: resolveHedging(options.hedging),
      limits: limitsOf(options.limits),
      budget: resolveBudget(options.budget),
      whenExhausted: options.whenExhausted ?? 'fail',
      clock: platform(this.clock),
      random,
      complain,
      health: options.health && this.#healthOf(options.health, all.length),
    });
    for (const name of EVENT_NAMES) this.engine.hub.on(name, (event) => void this.heard.push({ name, event } as Heard));
  }

  /** A call for the model `m` with the official client's defaults, and 60 seconds of time. */
  callOf(given: Partial<Call<string>> = {}): Call<string> {
    return {
      model: 'm',
      streamed: false,
      movable: true,
      repeatable: true,
      fallbacks: [],
      timeoutMs: 60_000,
      signalKeepsTime: false,
      maxRetries: 2,
      clocks: {},
      attempt: (target, ticket) => this.#attempt(target, ticket),
      discard: (reply) => void this.discarded.push(reply),
      ...given,
    };
  }

  /** Sends a call on its way; the test moves the clock. */
  start(given?: Partial<Call<string>>): Promise<Conclusion<string>> {
    return this.engine.execute(this.callOf(given));
  }

  /** Sends a call and moves the clock, timer by timer, until it has its conclusion. */
  async run(given?: Partial<Call<string>>): Promise<Conclusion<string>> {
    let conclusion: Conclusion<string> | undefined;
    void this.start(given).then((end) => {
      conclusion = end;
    });
    await this.clock.runUntilIdle(24 * 60 * 60_000);
    if (!conclusion) throw new Error('the call hangs, and nothing is left that could end it');
    return conclusion;
  }

  /** Sends a call and answers with its trail. */
  async trail(given?: Partial<Call<string>>): Promise<string> {
    return trailOf(await this.run(given));
  }

  /** The events of these names, in order. */
  of<Name extends EventName>(...names: Name[]): RouterEvents[Name][] {
    return this.heard
      .filter((one) => (names as string[]).includes(one.name))
      .map((one) => one.event as RouterEvents[Name]);
  }

  /** The names of all events, in order. */
  get names(): string[] {
    return this.heard.map((one) => one.name);
  }

  /** Makes the target known and gives it. */
  target(endpoint = 'a', model = 'm'): Target {
    const found = this.engine.registry.of(model, this.clock.now()).find((target) => target.endpoint.id === endpoint);
    if (!found) throw new Error(`no target ${endpoint}/${model}`);
    return found;
  }

  #healthOf({ finds, ...given }: NonNullable<WorldOptions['health']>, endpoints: number) {
    const probe: Probe = (endpoint, signal) => {
      this.probed.push(`${endpoint.id}@${this.clock.now()}`);
      return finds(endpoint, signal);
    };
    return { options: resolveHealthOptions({ jitter: 0, ...given }, endpoints), probe };
  }

  #attempt(target: Target, ticket: Ticket): Promise<Outcome<string>> {
    const word = this.script.take(target.id, ticket.key?.name());
    const at = this.clock.now();
    this.sent.push({ target: target.id, at, word });
    for (const place of [target.id, `${target.id} ${ticket.key?.name()}`, keyOf(target, ticket)]) {
      const rest = this.#rests.get(place);
      // At the very instant of the answer others may be on their way already.
      if (rest && at > rest.from && at < rest.until) this.early.push(`${place}@${at}, not before ${rest.until}`);
    }
    if (word.what === 'hang') return new Promise(() => {});
    return new Promise((resolve, reject) => {
      const timers: unknown[] = [];
      const later = (run: () => void, ms: number) => {
        if (ms === 0) run();
        else timers.push(this.clock.setTimeout(run, ms));
      };
      // A platform's fetch lets go of everything when it is aborted; deaf work does not.
      if (!word.deaf) ticket.signal.addEventListener('abort', () => timers.forEach(this.clock.clearTimeout));
      if (word.headers !== undefined) later(() => ticket.headersArrived(), word.headers);
      later(() => {
        if (word.what === 'throw') reject(new Error('a key function threw'));
        else resolve(this.#outcome(target, word, ticket));
      }, word.takes);
    });
  }

  #outcome(target: Target, word: Word, ticket: Ticket): Outcome<string> {
    const { what, status, after, repeatable } = word;
    const known = status === undefined ? {} : { status };
    const now = this.clock.now();
    const until = now + (after ?? 0);
    const { rest } = VERDICTS[what as keyof typeof VERDICTS] ?? VERDICTS.ok;
    const ofKey = ticket.key && VERDICTS[what as keyof typeof VERDICTS]?.isOfTheKey ? ` ${ticket.key.name()}` : '';
    const place = rest === 'credential' ? keyOf(target, ticket) : target.id + ofKey;
    // An answer that the caller's abort overtakes within the same instant was never heard: nobody can heed what it asked for.
    queueMicrotask(() => {
      if (rest === 'nobody' || ticket.signal.aborted || until <= (this.#rests.get(place)?.until ?? 0)) return;
      this.#rests.set(place, { from: now, until });
    });
    if (what === 'ok') return { kind: 'ok', reply: target.id, ...known, usage: word.usage };
    if (what === 'stream') return { kind: 'ok', reply: target.id, status: 200, ending: this.#stream(target, ticket) };
    return {
      kind: what as Exclude<Word['what'], 'ok' | 'stream' | 'hang' | 'throw'>,
      message: `${what} at ${target.id}`,
      reply: target.id,
      usage: word.usage,
      ...known,
      ...(after !== undefined && { retryAfterMs: after }),
      ...(repeatable !== undefined && { repeatable }),
    };
  }

  #stream(target: Target, { signal }: Ticket): Promise<Ending> {
    return new Promise((resolve) => {
      const end = (ending: Ending = { kind: 'ok' }) => resolve(ending);
      signal.addEventListener('abort', () => end({ kind: 'caller_abort' }));
      this.streams.push({ target: target.id, signal, end });
    });
  }
}

/** The attempts of a call: `a:overloaded b:ok`, with the key where there are several, and the model where it is not `m`. */
export function trailOf({ route }: Conclusion<string>): string {
  return route.attempts
    .map(({ endpoint, model, kind, key }) => {
      return `${endpoint}${key === undefined ? '' : `#${key}`}${model === 'm' ? '' : `/${model}`}:${kind}`;
    })
    .join(' ');
}

function limitsOf({ byEndpoint, ...given }: NonNullable<WorldOptions['limits']> = { learn: false }) {
  return resolveLimits(given, byEndpoint);
}

/** The place of a credential among those who rest. */
function keyOf({ endpoint }: Target, { key }: Ticket): string {
  return `the key ${key?.name() ?? endpoint.credential()}`;
}

function endpointOf(text: string, { places = {}, prices = {} }: WorldOptions): Endpoint {
  const [name = '', models] = text.split('=');
  const [id = '', key = id] = name.split('@');
  const [first = key, ...others] = key.split('+');
  const keys = [first, ...others].map((one) => ({ name: () => one }));
  return {
    id,
    region: `${id}-region`,
    serves: (model) => !models || models.split(',').includes(model),
    credential: () => first,
    ...(others.length > 0 && { keys }),
    priceOf: (model) => prices[`${id}/${model}`] ?? prices[model],
    ...places[id],
  };
}
