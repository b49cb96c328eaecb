import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Where a region listens; port 0 lets the system choose. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Another process may hold a port for a moment while a region refuses connections. */
const REOPEN_TRIES = 50;
const REOPEN_PAUSE_MS = 20;

/** A port that can be shut and opened again, and knows its sockets. */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #host: string;
  #port = 0;
  /** What was asked for last; opening takes a moment, in which it may change. */
  #wanted: 'open' | 'shut' | 'closed' = 'open';
  #opening = false;
  #ready: Promise<void> = Promise.resolve();

  private constructor(host: string, serve: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#host = host;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, serve);
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    // A client that resets its connection is everyday life here; an answer to it would reach nobody.
    this.#server.on('clientError', (_, socket) => socket.destroy());
  }

  /** Opens the port; rejects with the system's error if it is taken. */
  static async open(
    place: Place,
    serve: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<Listener> {
    const listener = new Listener(place.host, serve);
    await listener.#listen(place.port);
    listener.#port = (listener.#server.address() as AddressInfo).port;
    return listener;
  }

  /** The port, also while it is shut. */
  get port(): number {
    return this.#port;
  }

  /** How many connections are open. */
  get sockets(): number {
    return this.#sockets.size;
  }

  /** From now on connections are refused; open ones are destroyed. */
  shut(): void {
    if (this.#wanted === 'open') this.#wanted = 'shut';
    if (this.#server.listening) this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Opens the same port again; {@link ready} tells when it is done. Once closed it stays closed. */
  reopen(): void {
    if (this.#wanted === 'closed') return;
    this.#wanted = 'open';
    if (this.#opening || this.#server.listening) return;
    this.#ready = this.#reopen();
    // Whoever waits for `ready` sees the failure; nobody else must be torn down by it.
    this.#ready.catch(() => undefined);
  }

  /** Resolves when the port is open after {@link reopen}; rejects if another process took it. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /** Shuts the port for good; resolves when every socket is gone. */
  async close(): Promise<void> {
    this.#wanted = 'closed';
    await this.#ready.catch(() => undefined);
    this.shut();
    await Promise.all([...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  async #reopen(): Promise<void> {
    this.#opening = true;
    try {
      for (let tries = 1; this.#wanted === 'open'; tries += 1) {
        const failure = await this.#listen(this.#port).catch((error: unknown) => error);
        if (failure === undefined) break;
        if (tries === REOPEN_TRIES) throw failure;
        await new Promise((resolve) => setTimeout(resolve, REOPEN_PAUSE_MS));
      }
    } finally {
      this.#opening = false;
    }
    if (this.#wanted !== 'open') this.shut();
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host: this.#host }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }
}
