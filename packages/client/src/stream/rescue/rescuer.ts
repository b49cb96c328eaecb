import type { Conclusion } from '@breakwater/core';
import type { CallTerms, Harbour } from '../../harbour.js';
import type { Wire } from '../../request/wire.js';
import type { Broken, Rescue, Rescuing } from '../broken.js';
import type { Transcript } from '../transcript.js';
import { continuable, type Delivered } from './answer.js';
import { Continuation } from './continuation.js';
import { obstacleInParams } from './question.js';
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

/** Finds somebody to go on with a stream that broke off. One for each stream. */
export class Rescuer implements Rescuing {
  readonly #terms: RescueTerms;
  readonly #failed: string[] = [];
  #left: number;

  constructor(terms: RescueTerms) {
    this.#terms = terms;
    this.#left = terms.harbour.options.maxRescues;
  }

  /** Never rejects. */
  async rescue(broken: Broken): Promise<Rescue> {
    if (this.#left === 0) return { because: 'it was rescued before' };
    this.#left -= 1;
    const delivered = this.#delivered(broken.said);
    if (delivered && 'because' in delivered) return delivered;
    const { harbour, how } = this.#terms;
    const startedAt = harbour.engine.clock.now();
    if (!this.#failed.includes(broken.endpoint)) this.#failed.push(broken.endpoint);
    const call = new RescueCall({
      ...this.#terms,
      requestId: this.#terms.requestId(),
      failed: this.#failed,
      delivered,
    });
    const { outcome, route } = await harbour.engine.execute(call);
    const reader = outcome.kind === 'ok' ? outcome.reply.body?.getReader() : undefined;
    if (!reader || route.target === undefined) return { because: whyNot({ outcome, route }) };
    harbour.engine.rescued(this.#terms.requestId(), {
      from: broken.target,
      to: route.target,
      how,
      form: call.asked.form,
      afterMs: harbour.engine.clock.now() - startedAt,
    });
    const place = { target: route.target, endpoint: route.endpoint ?? '' };
    if (!delivered) return { reader, ...place, isAnew: true };
    const seam = new Seam({ delivered: delivered.text, ...call.asked });
    return { reader: new Continuation({ reader, delivered, seam }), ...place };
  }

  /** Whoever was to go on has begun anew: it is asked in another form. */
  begunAnew(target: string): void {
    this.#terms.harbour.forms.refused(target);
  }

  #delivered(said: Transcript): Delivered | { readonly because: string } | undefined {
    const { wire, how } = this.#terms;
    const { resource } = wire.reading;
    if (how === 'restart') {
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

function whyNot({ outcome }: Pick<Conclusion<Response>, 'outcome' | 'route'>): string {
  return outcome.kind === 'ok' ? 'the answer has no body' : `nobody could go on with it: ${outcome.message}`;
}
