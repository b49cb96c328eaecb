import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogEntry } from '../log/log.js';

/** One request and the answer to it, with the entry that tells about both. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: LogEntry;
  readonly #arrived = performance.now();
  /** Timers to be dropped when the connection goes; a plain set is cheaper than an AbortSignal for each request. */
  readonly #waiting = new Set<() => void>();
  #gone = false;

  constructor(request: IncomingMessage, response: ServerResponse, entry: LogEntry) {
    this.request = request;
    this.response = response;
    this.entry = entry;
    response.once('finish', () => this.#end(this.#decided() ? 'faulted' : 'answered'));
    response.once('close', () => {
      this.#gone = true;
      for (const wake of this.#waiting) wake();
      this.#end('client-left');
    });
  }

  /** Whether the connection is gone: nothing that is still written would arrive. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Resolves after `ms`, or at once when the connection goes: ask {@link gone} afterwards. */
  pause(ms: number): Promise<void> {
    if (ms <= 0 || this.#gone) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#waiting.add(wake);
    });
  }

  /** Writes a piece of the body; waits while the client does not read. */
  async write(bytes: string | Uint8Array): Promise<void> {
    if (this.#gone || bytes.length === 0) return;
    if (this.response.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.response.off('drain', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.response.once('drain', wake);
      this.#waiting.add(wake);
    });
  }

  /** Ends the connection when all that was written has left; destroyed earlier, the client would miss the last of it. */
  destroy(): void {
    const { response } = this;
    const { socket } = response;
    this.#end('faulted');
    if (socket === null || !response.headersSent) return void this.request.socket.destroy();
    response.flushHeaders();
    socket.write('', () => socket.destroy());
  }

  /** Resets the connection: the client sees ECONNRESET. */
  reset(): void {
    this.#end('faulted');
    this.request.socket.resetAndDestroy();
  }

  /** Notes that the region itself ends this, before its socket is destroyed. */
  abandon(fault: string | undefined): void {
    if (fault !== undefined && this.entry.ending === 'open') this.entry.fault = fault;
    this.#end('faulted');
  }

  /** A fault that only slows the answer does not decide its ending. */
  #decided(): boolean {
    const { fault } = this.entry;
    return fault !== undefined && fault !== 'slow' && fault !== 'slow-first-token';
  }

  #end(ending: LogEntry['ending']): void {
    if (this.entry.ending !== 'open') return;
    this.entry.ending = ending;
    this.entry.durationMs = performance.now() - this.#arrived;
  }
}
