import { EventEmitter } from 'eventemitter3';
import type { Clock } from '../base/clock.js';
import type { EventName, RouterEvents } from './events.js';

/** Hears one kind of event. What it returns is not waited for. */
export type Listener<Name extends EventName> = (event: RouterEvents[Name]) => unknown;

type AnyListener = (event: never) => unknown;

/** Where a failure of a listener goes when nobody hears `listener.failed`. */
export type Complaint = (message: string, error: unknown) => void;

/**
 * Hands events to listeners. eventemitter3 stops at the first listener that throws and knows nothing of rejections, so each
 * listener is wrapped once: whatever it does changes nothing for the others, nor for the call.
 */
export class EventHub {
  readonly #emitter = new EventEmitter();
  readonly #wrapped = new Map<EventName, Map<AnyListener, (event: unknown) => void>>();
  readonly #clock: Clock;
  readonly #complain: Complaint;

  constructor(clock: Clock, complain: Complaint) {
    this.#clock = clock;
    this.#complain = complain;
  }

  /** Whether anybody hears the event: a payload nobody hears need not be made. */
  hears(name: EventName): boolean {
    return this.#emitter.listenerCount(name) > 0;
  }

  /** Listens from now on; the answer undoes it. The same listener is not added twice. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    return this.#listen(name, listener, listener);
  }

  /** Listens for one event; the answer undoes it, and so does `off`. */
  once<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    return this.#listen(name, listener, (event) => {
      this.off(name, listener);
      return listener(event);
    });
  }

  /** Stops listening; harmless when it never did. */
  off<Name extends EventName>(name: Name, listener: Listener<Name>): void {
    const guarded = this.#wrapped.get(name)?.get(listener);
    if (!guarded) return;
    this.#wrapped.get(name)?.delete(listener);
    this.#emitter.off(name, guarded);
  }

  /** Hands out a frozen event. State has changed before: a listener may ask anything and call anything. */
  emit<Name extends EventName>(name: Name, event: RouterEvents[Name]): void {
    if (this.hears(name)) this.#emitter.emit(name, Object.freeze(event));
  }

  /** Forgets every listener. */
  clear(): void {
    this.#wrapped.clear();
    this.#emitter.removeAllListeners();
  }

  #listen<Name extends EventName>(name: Name, listener: Listener<Name>, run: Listener<Name>): () => void {
    const known = this.#wrapped.get(name) ?? new Map<AnyListener, (event: unknown) => void>();
    this.#wrapped.set(name, known);
    if (!known.has(listener)) {
      const guarded = this.#guard(name, run as AnyListener);
      known.set(listener, guarded);
      this.#emitter.on(name, guarded);
    }
    return () => this.off(name, listener);
  }

  #guard(name: EventName, listener: AnyListener): (event: unknown) => void {
    return (event) => {
      try {
        const returned = listener(event as never);
        if (returned instanceof Promise) returned.catch((error) => this.#report(name, error));
      } catch (error) {
        this.#report(name, error);
      }
    };
  }

  #report(name: EventName, error: unknown): void {
    // A listener of listener.failed that fails itself would go round for ever.
    if (name !== 'listener.failed' && this.hears('listener.failed')) {
      const message = error instanceof Error ? error.message : String(error);
      this.emit('listener.failed', { at: this.#clock.wall(), event: name, message });
      return;
    }
    this.#complain(`A listener of "${name}" failed; that changed nothing else.`, error);
  }
}
