import { type Engine, EVENT_NAMES, type EventName, type RouterEvents } from '@breakwater/core';
import { INCIDENTS, type Line, REQUESTS } from './lines.js';
import { onOneLine } from './words.js';

type EventHub = Engine['hub'];

/** The part of an official client that says where it logs, and from which level on. */
export interface Logging {
  readonly logger?: OfficialLogger | undefined;
  readonly logLevel?: string | undefined;
}

/** As the official client calls its logger: a message, and at `debug` an object with more. */
interface OfficialLogger {
  warn(message: string, ...rest: unknown[]): void;
  info(message: string, ...rest: unknown[]): void;
  debug(message: string, ...rest: unknown[]): void;
}

/** At `info` what concerns more than one call is told, and repeats, as the official client tells of its retries there. */
const AT_INFO: readonly EventName[] = [...(Object.keys(INCIDENTS) as EventName[]), 'retry'];
/** Somebody who hears of failed listeners is whom the router reports them to; this one only watches. */
const AT_DEBUG = EVENT_NAMES.filter((name) => name !== 'listener.failed');

/**
 * What a router does, in the log of the client that it belongs to: at the level `info` a message for each failover and transition, at
 * `debug` one for every event, with all that the event tells. At other levels nobody listens, and no event is made for it.
 */
export class DebugLog {
  readonly #hub: EventHub;
  readonly #logging: () => Logging;
  readonly #wantsAlerts: boolean;
  #heeded: string | undefined;
  #undos: readonly (() => void)[] = [];

  /** `wantsAlerts`: whether alerts were asked for by options. Else those that would be made of every single call are not told here. */
  constructor(hub: EventHub, logging: () => Logging, wantsAlerts: boolean) {
    this.#hub = hub;
    this.#logging = logging;
    this.#wantsAlerts = wantsAlerts;
  }

  /** To be called before each request: users change the level while the client is in use. */
  heed(): void {
    const { logLevel } = this.#logging();
    if (logLevel === this.#heeded) return;
    this.#heeded = logLevel;
    for (const undo of this.#undos) undo();
    const names = logLevel === 'debug' ? AT_DEBUG : logLevel === 'info' ? AT_INFO : [];
    this.#undos = names.map((name) => this.#listen(name));
  }

  #listen<Name extends EventName>(name: Name): () => void {
    const write = (event: RouterEvents[Name]) => this.#write(name, event);
    const isAside = name === 'alert' && !this.#wantsAlerts;
    return isAside ? this.#hub.overhear(name, write) : this.#hub.on(name, write);
  }

  #write<Name extends EventName>(name: Name, event: RouterEvents[Name]): void {
    const { logger, logLevel } = this.#logging();
    const whose = `[${event.requestId ?? 'breakwater'}]`;
    const line = (INCIDENTS[name] ?? REQUESTS[name]) as Line<Name>;
    if (AT_INFO.includes(name)) logger?.info(`${whose} ${onOneLine(line.say(event))}`);
    if (logLevel === 'debug') logger?.debug(`${whose} ${name}`, event);
  }
}
