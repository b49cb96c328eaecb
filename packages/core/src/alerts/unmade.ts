import { durationText } from '../base/duration.js';
import type { EventHub } from '../events/hub.js';
import type { Target } from '../targets/target.js';
import { putBounded } from './bounded.js';
import type { HeardEvent } from './rule.js';
import { nameText, sentenceText, timesText } from './words.js';

/** So many endpoints or keys are kept in mind. */
const MOST = 100;
/** So many are told in a report. */
const MOST_TOLD = 8;
/** What has failed so often in a row does not work; before, it may have been a moment. */
const ENOUGH = 3;
/** Where nobody asks again, a failure is told for so long, in milliseconds. */
const TOLD_MS = 3_600_000;

/** Requests in a row that could not be made. */
interface Unmade {
  readonly times: number;
  readonly lastAt: number;
  /** Why not, in the words of the event. */
  readonly message: string;
}

/**
 * Requests that could not even be made for an endpoint, or with one of its several keys: its key function fails, say. Nobody rests for
 * that, because the function may give a key the next time, so no state tells of it. That they can be made again is told by what is sent,
 * which it hears only after a failure: nothing is paid while all is well.
 */
export class UnmadeRequests {
  readonly #hub: EventHub;
  readonly #now: () => number;
  readonly #unmade = new Map<string, Unmade>();
  #hearNoAnswers: (() => void) | undefined;

  constructor({ hub, now }: { hub: EventHub; now: () => number }) {
    this.#hub = hub;
    this.#now = now;
  }

  heard({ name, event }: HeardEvent): void {
    if (name !== 'attempt.failed') return;
    // Whether a key function would have given a key in the end nobody knows.
    if (event.kind === 'attempt_timeout') return;
    if (event.kind !== 'unsendable') this.#sent(event);
    else {
      const subject = subjectOf(event);
      const times = (this.#unmade.get(subject)?.times ?? 0) + 1;
      putBounded(this.#unmade, MOST, [subject, { times, lastAt: this.#now(), message: event.message }]);
      this.#adjust();
    }
  }

  /** Whether nothing can be sent to a target, whichever of its keys is used, and why. */
  at({ endpoint, keys }: Target): string | undefined {
    if (this.#unmade.size === 0) return undefined;
    const all = (keys?.all ?? [undefined]).map((key) => this.#unmade.get(key?.name ?? endpoint.id));
    return all.every((one) => one !== undefined && one.times >= ENOUGH) ? all[0]?.message : undefined;
  }

  /** What cannot be made, a sentence each. */
  sentences(): readonly string[] {
    const now = this.#now();
    return [...this.#unmade]
      .filter(([, { lastAt }]) => now - lastAt < TOLD_MS)
      .slice(-MOST_TOLD)
      .map(([subject, { times, lastAt, message }]) => {
        const often = times === 1 ? '' : ` ${timesText(times)} in a row`;
        return `${nameText(subject)}: ${sentenceText(message)}${often}, the last time ${durationText(now - lastAt)} ago.`;
      });
  }

  /** Hears no more. */
  close(): void {
    this.#hearNoAnswers?.();
    this.#hearNoAnswers = undefined;
  }

  #sent(event: Subject): void {
    if (this.#unmade.delete(subjectOf(event))) this.#adjust();
  }

  #adjust(): void {
    if (this.#unmade.size > 0) this.#hearNoAnswers ??= this.#hub.on('attempt.succeeded', (event) => this.#sent(event));
    else this.close();
  }
}

interface Subject {
  readonly endpoint: string;
  readonly key?: string | undefined;
}

const subjectOf = ({ endpoint, key }: Subject): string => key ?? endpoint;
