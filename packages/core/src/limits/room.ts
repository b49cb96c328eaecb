import type { ModelHabits } from './habits.js';
import { LearnedLimiter } from './learned.js';
import type { LimitNumbers } from './limit.js';
import { Limiter } from './limiter.js';
import type { ResolvedLimits } from './options.js';
import { TargetLimits } from './target-limits.js';

/** More keys than this at all endpoints are made up; the oldest limits of keys are forgotten. */
const MOST_KEYS = 1_000;

const NUMBERS = [
  'requestsPerMinute',
  'tokensPerMinute',
  'requestsPerDay',
  'tokensPerDay',
  'concurrency',
] as const satisfies readonly (keyof LimitNumbers)[];

/** Every limit that the user set, by what it holds for; each is made once, however many targets share it. */
export class LimitRoom {
  readonly #options: ResolvedLimits;
  readonly #limiters = new Map<string, Limiter | undefined>();
  readonly #keys = new Map<string, Limiter | undefined>();

  constructor(options: ResolvedLimits) {
    this.#options = options;
  }

  /** The limits of one target. */
  of(place: { endpoint: string; model: string }, habits: ModelHabits): TargetLimits {
    const { endpoint, model } = place;
    const { client, models, endpoints, learn } = this.#options;
    const own = endpoints[endpoint] ?? {};
    const id = `${endpoint}/${model}`;
    const fixed = [
      this.#limiter('the client', client),
      this.#limiter(`the model ${model}`, ofName(models, model)),
      this.#limiter(`the endpoint ${endpoint}`, own),
      this.#limiter(id, ofName(own.models, model)),
    ].filter((one) => one !== undefined);
    return new TargetLimits({
      fixed,
      habits,
      perKey: (credential) => own.perKey && this.#perKey(endpoint, credential, own.perKey),
      learn: learn ? () => new LearnedLimiter(id, this.#options.maxWaiting) : undefined,
    });
  }

  #limiter(scope: string, numbers: LimitNumbers | undefined): Limiter | undefined {
    // Without numbers nothing is kept: callers may make up models.
    if (numbers && !this.#limiters.has(scope)) this.#limiters.set(scope, this.#make(scope, numbers));
    return this.#limiters.get(scope);
  }

  /** A credential may be used at several targets of its endpoint, which then share its limits. */
  #perKey(endpoint: string, credential: string, numbers: LimitNumbers): Limiter | undefined {
    const name = `${endpoint} ${credential}`;
    if (!this.#keys.has(name)) {
      if (this.#keys.size >= MOST_KEYS) this.#keys.delete(this.#keys.keys().next().value ?? '');
      this.#keys.set(name, this.#make(`a key of ${endpoint}`, numbers));
    }
    return this.#keys.get(name);
  }

  #make(scope: string, numbers: LimitNumbers | undefined): Limiter | undefined {
    const isLimited = numbers && NUMBERS.some((name) => numbers[name] !== undefined);
    return isLimited ? new Limiter(scope, numbers, this.#options.maxWaiting) : undefined;
  }
}

/** Names come from callers: `constructor` is none of the user's. */
const ofName = (byName: Readonly<Record<string, LimitNumbers>> = {}, name: string): LimitNumbers | undefined =>
  Object.hasOwn(byName, name) ? byName[name] : undefined;
