import { EventEmitter } from 'eventemitter3';
import type { Clock } from '../base/clock.js';
import type { EventName, RouterEvents } from './events.js';

/** Hears one kind of event. What it returns is not waited for. */
export type Listener<Name extends EventName> = (event: RouterEvents[Name]) => unknown;

type AnyListener = (event: never) => unknown;

/** A listener of one event, however often it was handed in: it hears each event once. */
interface Hearing {
  readonly listener: AnyListener;
  /** One for each time that it was handed in; it hears until the last of them is undone. */
  readonly registrations: Set<Registration>;
  readonly guarded: (event: unknown) => void;
}

interface Registration {
  readonly isOnce: boolean;
  /** Whether it is nobody to go to any trouble for. @default false */
  readonly isAside?: boolean;
}

/** Where a failure of a listener goes when nobody hears `listener.failed`. */
export type Complaint = (message: string, error: unknown) => void;

/**
 * Hands events to listeners. eventemitter3 stops at the first listener that throws and knows nothing of rejections, so each
 * listener is wrapped once: whatever it does changes nothing for the others, nor for the call.
 */
export class EventHub {
  readonly #emitter = new EventEmitter();
  readonly #hearings = new Map<EventName, Map<AnyListener, Hearing>>();
  readonly #watched = new Map<EventName, (isHeard: boolean) => void>();
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

  /**
   * Tells whether somebody listens to an event, and from now on when that begins and ends; who only overhears it does not count. One may
   * ask for each event.
   */
  whenHeard(name: EventName, tell: (isHeard: boolean) => void): void {
    this.#watched.set(name, tell);
    tell(this.#isListenedTo(name));
  }

  /**
   * Listens from now on; the answer undoes it. A listener that is handed in twice hears each event once, until both are undone.
   */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    return this.#listen(name, listener, { isOnce: false });
  }

  /** Listens for one event; the answer undoes it, and so does `off`. */
  once<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    return this.#listen(name, listener, { isOnce: true });
  }

  /**
   * Listens like {@link on}, but is told only what is told anyway: whoever makes an event of others, which happen in every call, goes
   * without them as long as nobody else listens.
   */
  overhear<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    return this.#listen(name, listener, { isOnce: false, isAside: true });
  }

  /** Stops listening, however often the listener was handed in; harmless when it never was. */
  off<Name extends EventName>(name: Name, listener: Listener<Name>): void {
    const hearing = this.#hearings.get(name)?.get(listener);
    if (hearing) this.#end(name, hearing);
  }

  /** Hands out a frozen event. State has changed before: a listener may ask anything and call anything. */
  emit<Name extends EventName>(name: Name, event: RouterEvents[Name]): void {
    if (this.hears(name)) this.#emitter.emit(name, Object.freeze(event));
  }

  /** Forgets every listener. */
  clear(): void {
    this.#hearings.clear();
    this.#emitter.removeAllListeners();
    for (const tell of this.#watched.values()) tell(false);
  }

  #listen(name: EventName, listener: AnyListener, registration: Registration): () => void {
    const known = this.#hearings.get(name) ?? new Map<AnyListener, Hearing>();
    this.#hearings.set(name, known);
    const hearing = known.get(listener) ?? this.#begin(name, listener);
    known.set(listener, hearing);
    hearing.registrations.add(registration);
    if (!registration.isAside) this.#watched.get(name)?.(true);
    return () => this.#undo(name, hearing, registration);
  }

  #begin(name: EventName, listener: AnyListener): Hearing {
    const registrations = new Set<Registration>();
    const guarded = (event: unknown) => {
      for (const one of registrations) if (one.isOnce) this.#undo(name, hearing, one);
      this.#tell(name, listener, event);
    };
    const hearing: Hearing = { listener, registrations, guarded };
    this.#emitter.on(name, guarded);
    return hearing;
  }

  /** Takes one registration back and no other: the same listener may hear for somebody else too. */
  #undo(name: EventName, hearing: Hearing, registration: Registration): void {
    if (!hearing.registrations.delete(registration)) return;
    if (hearing.registrations.size === 0) this.#end(name, hearing);
    else this.#tellIfUnheard(name);
  }

  #end(name: EventName, hearing: Hearing): void {
    this.#emitter.off(name, hearing.guarded);
    const known = this.#hearings.get(name);
    if (known?.get(hearing.listener) === hearing) known.delete(hearing.listener);
    this.#tellIfUnheard(name);
  }

  #tellIfUnheard(name: EventName): void {
    const tell = this.#watched.get(name);
    if (tell && !this.#isListenedTo(name)) tell(false);
  }

  /** Looked up where listening begins or ends, never for an event. */
  #isListenedTo(name: EventName): boolean {
    for (const { registrations } of this.#hearings.get(name)?.values() ?? [])
      for (const { isAside } of registrations) if (!isAside) return true;
    return false;
  }

  #tell(name: EventName, listener: AnyListener, event: unknown): void {
    try {
      const returned = listener(event as never);
      if (isThenable(returned)) returned.then(undefined, (error: unknown) => this.#report(name, error));
    } catch (error) {
      this.#report(name, error);
    }
  }

  #report(name: EventName, error: unknown): void {
    // A listener of listener.failed that fails itself would go round for ever.
    if (name !== 'listener.failed' && this.hears('listener.failed')) {
      this.emit('listener.failed', { at: this.#clock.wall(), event: name, message: messageOf(error) });
      return;
    }
    this.#complain(`A listener of "${name}" failed; that changed nothing else.`, error);
  }
}

/** Promises come from other realms and other libraries too. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Anything may be thrown, also what throws itself when it is read. */
function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'something without a text';
  }
}
