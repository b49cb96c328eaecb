import { AdaptiveConcurrency } from './adaptive-concurrency.js';
import type { ModelHabits } from './habits.js';
import { LearnedLimiter } from './learned.js';
import { Limiter } from './limiter.js';
import type { ResolvedLimits, ScopeLimits } from './options.js';
import { TargetLimits } from './target-limits.js';
import { Throttle } from './throttle.js';

/** More keys than this at all endpoints are made up; the limits that were unused for longest are forgotten. */
const MOST_KEYS = 1_000;
/** … and so are more models. */
const MOST_MODELS = 1_000;

const NUMBERS = [
  'requestsPerMinute',
  'tokensPerMinute',
  'requestsPerDay',
  'tokensPerDay',
  'concurrency',
] as const satisfies readonly (keyof ScopeLimits)[];

/** Every limit that the user set, by what it holds for; each is made once, however many targets share it. */
export class LimitRoom {
  readonly #options: ResolvedLimits;
  readonly #limiters = new Map<string, Limiter | undefined>();
  readonly #keys = new Map<string, Limiter | undefined>();
  readonly #throttles = new Map<string, Throttle>();

  constructor(options: ResolvedLimits) {
    this.#options = options;
  }

  /** The limits of one target. */
  of(place: { endpoint: string; model: string }, habits: ModelHabits): TargetLimits {
    const { endpoint, model } = place;
    const { client, models, endpoints, learn } = this.#options;
    const own = endpoints[endpoint] ?? {};
    const id = `${endpoint}/${model}`;
    const ofModel = ofName(models, model);
    const ofTarget = ofName(own.models, model);
    const isAdaptive = [client, ofModel, own, ofTarget].some((one) => one?.concurrency === 'adaptive');
    const gate = isAdaptive ? new AdaptiveConcurrency(`${id} (adaptive)`, this.#options.maxWaiting) : undefined;
    const fixed = [
      this.#limiter('the client', client),
      this.#limiter(`the model ${model}`, ofModel),
      this.#limiter(`the endpoint ${endpoint}`, own),
      this.#limiter(id, ofTarget),
      gate,
    ].filter((one) => one !== undefined);
    return new TargetLimits({
      fixed,
      gate,
      habits,
      perKey: (credential) => own.perKey && this.#perKey(endpoint, credential, own.perKey),
      learn: learn ? () => new LearnedLimiter(`${id} (learned)`, this.#options.maxWaiting) : undefined,
    });
  }

  /** What holds calls of a model back while it is refused everywhere; undefined when nothing is to. */
  throttleOf(model: string): Throttle | undefined {
    if (!this.#options.throttle) return undefined;
    let throttle = this.#throttles.get(model);
    if (!throttle) {
      if (this.#throttles.size >= MOST_MODELS) this.#throttles.delete(this.#throttles.keys().next().value ?? '');
      throttle = new Throttle();
      this.#throttles.set(model, throttle);
    }
    return throttle;
  }

  #limiter(scope: string, numbers: ScopeLimits | undefined): Limiter | undefined {
    // Without numbers nothing is kept: callers may make up models.
    if (numbers && !this.#limiters.has(scope)) this.#limiters.set(scope, this.#make(scope, numbers));
    return this.#limiters.get(scope);
  }

  /** A credential may be used at several targets of its endpoint, which then share its limits. */
  #perKey(endpoint: string, credential: string, numbers: ScopeLimits): Limiter | undefined {
    const name = `${endpoint} ${credential}`;
    const limiter = this.#keys.get(name) ?? this.#make(`a key of ${endpoint}`, numbers);
    // Whoever is used stands at the end, and is forgotten last.
    if (!this.#keys.delete(name) && this.#keys.size >= MOST_KEYS)
      this.#keys.delete(this.#keys.keys().next().value ?? '');
    this.#keys.set(name, limiter);
    return limiter;
  }

  #make(scope: string, given: ScopeLimits | undefined): Limiter | undefined {
    const { concurrency, ...rates } = given ?? {};
    const numbers = typeof concurrency === 'number' ? { ...rates, concurrency } : rates;
    const isLimited = NUMBERS.some((name) => name in numbers && numbers[name as keyof typeof numbers] !== undefined);
    return isLimited ? new Limiter(scope, numbers, this.#options.maxWaiting) : undefined;
  }
}

/** Names come from callers: `constructor` is none of the user's. */
const ofName = (byName: Readonly<Record<string, ScopeLimits>> = {}, name: string): ScopeLimits | undefined =>
  Object.hasOwn(byName, name) ? byName[name] : undefined;
