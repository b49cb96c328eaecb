import { type Clock, durationText, quietly, type RouterEvents, systemRandom, type Timer } from '@breakwater/core';
import { DeliveryError, reasonOf } from './delivery-error.js';
import { DEFAULTS, type DeliveryOptions, deliveryOf } from './options.js';
import type { AlertMessage, AlertSink } from './sink.js';
import { SummingUp } from './summing-up.js';
import { messageOf } from './wording.js';

const MINUTE_MS = 60_000;
/** Who could not be reached is tried again after so long, in milliseconds, even if nothing else is to be told. */
const CUT_MS = 300_000;

/** What a courier is made with. */
export interface CourierParts {
  readonly sink: AlertSink;
  readonly clock: Clock;
  /** Hears of what could not be delivered; once until something is again. */
  readonly complain: (message: string, error: unknown) => void;
}

/**
 * Brings alerts to one sink, one after the other, each with its own time, retries and pauses. Nobody waits for it, its queue is bounded,
 * and its timers keep no process alive. What is too much for a minute or for the queue, and what could not be delivered, is summed up.
 */
export class Courier {
  readonly #sink: AlertSink;
  readonly #terms: Required<DeliveryOptions>;
  readonly #clock: Clock;
  readonly #quiet: Clock;
  readonly #complain: CourierParts['complain'];
  readonly #queue: AlertMessage[] = [];
  readonly #rest = new SummingUp();
  /** When messages were taken in within the last minute. */
  #taken: number[] = [];
  #timers = new Set<Timer>();
  #leave = new AbortController();
  #isUnderWay = false;
  #later: Timer | undefined;
  #isCut = false;

  constructor({ sink, clock, complain }: CourierParts) {
    this.#sink = sink;
    this.#terms = { ...DEFAULTS, ...deliveryOf(sink) };
    this.#clock = clock;
    this.#quiet = quietly(clock);
    this.#complain = complain;
  }

  /** Takes an alert in. Nothing is done at once: this is called in the middle of somebody's request. */
  take(alert: RouterEvents['alert']): void {
    if (this.#leave.signal.aborted) return;
    const message = messageOf({ alert });
    if (this.#roomInMs() === 0 && this.#queue.length < this.#terms.queue) this.#put(message);
    else this.#rest.add(message);
    this.#wake();
  }

  /** Gives up what is under way and what waits. */
  close(): void {
    this.#leave.abort();
    this.#queue.length = 0;
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }

  #put(message: AlertMessage): void {
    this.#taken.push(this.#clock.now());
    this.#queue.push(message);
  }

  /** Milliseconds until a message may be taken in. */
  #roomInMs(): number {
    const now = this.#clock.now();
    this.#taken = this.#taken.filter((at) => now - at < MINUTE_MS);
    const first = this.#taken.at(-this.#terms.perMinute);
    return first === undefined ? 0 : first + MINUTE_MS - now;
  }

  #wake(): void {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    // A turn later: the request comes first.
    this.#after(0, this.#clock, () => void this.#work());
  }

  async #work(): Promise<void> {
    if (this.#later !== undefined) this.#forget(this.#later);
    this.#later = undefined;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const isDelivered = await this.#deliver(next);
      if (this.#leave.signal.aborted) return;
      if (!isDelivered) this.#rest.add(next);
      else if (!this.#rest.isEmpty && this.#roomInMs() === 0) this.#put(this.#rest.take());
    }
    this.#isUnderWay = false;
    if (!this.#rest.isEmpty) this.#sumUpLater();
  }

  /** When the minute is over, what was too much for it is told; what could not be delivered, when somebody may be there again. */
  #sumUpLater(): void {
    this.#later = this.#after(Math.max(this.#roomInMs(), this.#isCut ? CUT_MS : 0), this.#quiet, () => {
      this.#later = undefined;
      if (this.#isUnderWay) return;
      this.#put(this.#rest.take());
      this.#isUnderWay = true;
      void this.#work();
    });
  }

  async #deliver(message: AlertMessage): Promise<boolean> {
    const { retries } = this.#terms;
    for (let tries = 1; ; tries += 1) {
      const failure = await this.#try(message);
      if (this.#leave.signal.aborted) return false;
      if (!failure) {
        this.#isCut = false;
        return true;
      }
      if (failure.isFinal || tries > retries) {
        this.#cut(failure, tries);
        return false;
      }
      await this.#pause(Math.max(this.#backoffMs(tries), failure.retryAfterMs));
      if (this.#leave.signal.aborted) return false;
    }
  }

  #backoffMs(tries: number): number {
    const ms = Math.min(MINUTE_MS, this.#terms.backoffMs * 2 ** (tries - 1));
    // Many processes may have the same sink, and the same trouble.
    return ms * (1 + systemRandom() / 4);
  }

  #cut({ reason }: DeliveryError, tries: number): void {
    if (!this.#isCut) {
      const often = tries === 1 ? 'one try' : `${tries} tries`;
      this.#complain(`The alert sink "${this.#sink.name}" could not be reached in ${often}; that is told once`, reason);
    }
    this.#isCut = true;
  }

  /** One try, which ends when its time is over, whatever the sink does. */
  async #try(message: AlertMessage): Promise<DeliveryError | undefined> {
    const { timeoutMs } = this.#terms;
    const controller = new AbortController();
    const { signal } = controller;
    const leave = () => controller.abort();
    this.#leave.signal.addEventListener('abort', leave);
    const timer = this.#after(timeoutMs, this.#quiet, leave);
    const cut = new Promise<DeliveryError>((resolve) => {
      signal.addEventListener('abort', () => resolve(new DeliveryError(`no answer within ${durationText(timeoutMs)}`)));
    });
    const work = async () => {
      await this.#sink.deliver(message, { signal });
      return undefined;
    };
    const failure = await Promise.race([work().catch(reasonOf), cut]);
    this.#leave.signal.removeEventListener('abort', leave);
    this.#forget(timer);
    return failure;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      // The signal lives as long as the client, and a sink may be out of reach for days.
      const over = () => {
        this.#leave.signal.removeEventListener('abort', over);
        resolve();
      };
      this.#leave.signal.addEventListener('abort', over);
      this.#after(ms, this.#quiet, over);
    });
  }

  #after(ms: number, clock: Clock, run: () => void): Timer {
    const timer = clock.setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #forget(timer: Timer): void {
    this.#clock.clearTimeout(timer);
    this.#timers.delete(timer);
  }
}
