import {
  type Conclusion,
  extendRoute,
  foundBudgetEmpty,
  leastLeftMs,
  type Outcome,
  payForRescue,
} from '@breakwater/core';
import type { CallTerms, Harbour } from '../../harbour.js';
import type { Wire } from '../../request/wire.js';
import type { Broken, Rescue, Rescuing } from '../broken.js';
import type { Transcript } from '../transcript.js';
import { continuable, type Delivered } from './answer.js';
import { Continuation } from './continuation.js';
import { fullEnd } from './full.js';
import { isFull, obstacleInParams } from './question.js';
import { type PlainCall, RescueCall } from './rescue-call.js';
import { Seam } from './seam.js';

/** What a stream that is read needs to be rescued. */
export interface RescueTerms {
  readonly harbour: Harbour;
  readonly wire: Wire;
  readonly terms: CallTerms;
  /** Makes a plain call of a request, on the same terms. */
  readonly callOf: (wire: Wire) => PlainCall;
  /** Made when somebody needs it. */
  readonly requestId: () => string;
  readonly how: 'continue' | 'restart';
}

interface Answered {
  readonly call: RescueCall;
  readonly conclusion: Conclusion<Response>;
}

/** With these nobody else has to be asked. */
const ENOUGH: ReadonlySet<Outcome<Response>['kind']> = new Set(['ok', 'caller_abort']);

const NO_BUDGET = Object.freeze({ because: 'the retry budget is empty' });

/** Finds somebody to go on with a stream that broke off. One for each stream. */
export class Rescuer implements Rescuing {
  readonly #terms: RescueTerms;
  readonly #failed: string[] = [];
  #left: number;
  /** Aborts what is asked while the stream waits for it. */
  #leaving: AbortController | undefined;

  constructor(terms: RescueTerms) {
    this.#terms = terms;
    this.#left = terms.harbour.options.maxRescues;
  }

  /** Never rejects. */
  async rescue(broken: Broken): Promise<Rescue> {
    try {
      return await this.#rescue(broken);
    } catch (cause) {
      // A signal of a user's own make, say, that the platform cannot join to another one.
      return { because: `nobody could be asked (${cause instanceof Error ? cause.name : 'unknown'})` };
    }
  }

  async #rescue(broken: Broken): Promise<Rescue> {
    if (this.#left === 0) return { because: 'it was rescued as often as it may be (maxRescues)' };
    this.#left -= 1;
    const delivered = this.#delivered(broken.said);
    if (delivered && 'because' in delivered) return delivered;
    const { harbour, how, wire } = this.#terms;
    if (delivered && isFull(wire.facts.body as Record<string, unknown>, delivered)) {
      const { target, endpoint } = broken;
      return { reader: fullEnd(delivered), target, endpoint };
    }
    if (!this.#payFor(broken)) return NO_BUDGET;
    const startedAt = harbour.engine.clock.now();
    if (!this.#failed.includes(broken.endpoint)) this.#failed.push(broken.endpoint);
    const { call, conclusion } = await this.#ask(broken, delivered);
    const { outcome, route } = conclusion;
    if (outcome.kind === 'caller_abort') return { left: call.signal.reason };
    const reader = outcome.kind === 'ok' ? outcome.reply.body?.getReader() : undefined;
    if (!reader || route.target === undefined) return { because: whyNot(conclusion) };
    harbour.engine.rescued(this.#terms.requestId(), {
      from: broken.target,
      to: route.target,
      how,
      form: call.asked.form,
      afterMs: harbour.engine.clock.now() - startedAt,
    });
    const place = { target: route.target, endpoint: route.endpoint ?? '', isAnew: delivered === undefined };
    if (!delivered) return { reader, ...place };
    const seam = new Seam({ delivered: delivered.text, ...call.asked });
    return { reader: new Continuation({ reader, delivered, seam, target: route.target }), ...place };
  }

  get isLeft(): boolean {
    return this.#terms.terms.signal?.aborted === true;
  }

  /** As with any call the first failover is free, and every further one is charged to the retry budget: a stream that broke had been worked for. */
  #payFor(broken: Broken): boolean {
    const isFirst = this.#left === this.#terms.harbour.options.maxRescues - 1 && broken.route?.failover !== true;
    return isFirst || this.#charge(broken);
  }

  #charge({ route, target }: Broken): boolean {
    const { harbour, requestId } = this.#terms;
    if (payForRescue(harbour.engine, requestId(), target)) return true;
    if (route) foundBudgetEmpty(route);
    return false;
  }

  left(): void {
    this.#leaving?.abort();
  }

  /** Asks the others, and when none of them can, once more those who broke off: a connection may break without anybody being at fault. Both have the time of one call. */
  async #ask(broken: Broken, delivered: Delivered | undefined): Promise<Answered> {
    const { terms } = this.#terms;
    this.#leaving = new AbortController();
    const signal = terms.signal ? AbortSignal.any([terms.signal, this.#leaving.signal]) : this.#leaving.signal;
    const { clock } = this.#terms.harbour.engine;
    const until = clock.now() + terms.timeoutMs;
    let attempts = broken.route?.attempts.length ?? 1;
    const ask = async (failed: readonly string[]): Promise<Answered> => {
      const continues = { requestId: this.#terms.requestId(), attempts };
      const timeoutMs = until - clock.now();
      const call = new RescueCall({ ...this.#terms, continues, signal, timeoutMs, failed, delivered });
      const conclusion = await this.#terms.harbour.engine.execute(call);
      attempts += conclusion.route.attempts.length;
      if (broken.route) extendRoute(broken.route, conclusion.route);
      return { call, conclusion };
    };
    const answered = await ask(this.#failed);
    const isOver = until - clock.now() < leastLeftMs(terms.timeoutMs);
    const { outcome, route } = answered.conclusion;
    if (isOver || ENOUGH.has(outcome.kind)) return answered;
    // Where nobody else was asked this is no further repeat.
    return route.attempts.length === 0 || this.#charge(broken) ? ask([]) : answered;
  }

  /** Whoever was to go on has begun anew: it is asked in another form. */
  begunAnew(target: string): void {
    this.#terms.harbour.forms.refused(target);
  }

  #delivered(said: Transcript): Delivered | { readonly because: string } | undefined {
    const { wire, how } = this.#terms;
    const { resource } = wire.reading;
    // Where nothing has been shown there is no seam: it begins anew, and nobody has to throw anything away.
    if (how === 'restart' || (resource !== 'responses' && !said.hasContent())) {
      return resource === 'chat.completions' || resource === 'completions'
        ? undefined
        : { because: 'only chat completions and completions can be begun anew' };
    }
    const obstacle = obstacleInParams(wire.facts.body, resource === 'completions' ? 'prompt' : 'instruction');
    if (obstacle !== undefined) return { because: obstacle };
    if (said.isAbridged) return { because: 'it is too long to be gone on with' };
    const found = continuable(said.partial().events, resource);
    return 'delivered' in found ? found.delivered : found;
  }
}

function whyNot({ outcome }: Conclusion<Response>): string {
  return outcome.kind === 'ok' ? 'the answer has no body' : `nobody could go on with it: ${outcome.message}`;
}
