import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkClient } from './client.js';
import { type DashboardOptions, resolveOptions } from './options.js';
import { Admission } from './server/admission.js';
import { Feed } from './server/feed.js';
import { answer, type RouteParts } from './server/routes.js';
import { History } from './state/history.js';
import { pictureOf } from './state/picture.js';
import type { DashboardState } from './state/state.js';
import type { WatchedClient } from './watched.js';

/** A page that is being served. */
export interface Dashboard {
  /** Its address, without the token. */
  readonly url: string;
  /** What the page shows now; for `renderDashboard`. */
  state(): DashboardState;
  /** Serves no longer and listens to no event any more. Resolves when the port is free. */
  close(): Promise<void>;
}

/**
 * Serves a page that shows what a client does, as it happens. It watches from now on, and keeps no process alive.
 * @throws TypeError listing everything that is wrong with the options, and for what is no client; an Error with the platform's `code`
 * when it cannot listen there. All of them as rejections
 */
export async function serveDashboard(client: WatchedClient, given: DashboardOptions = {}): Promise<Dashboard> {
  checkClient('serveDashboard', client);
  const options = resolveOptions(given);
  const { title, allowControl } = options;
  const history = new History(client, Date.now());
  const feed = new Feed({ client, history, title, allowControl });
  const picture = () => pictureOf(client, history, title);
  const server = createServer();
  const close = async () => {
    history.stop();
    feed.close();
    await closed(server);
  };
  try {
    const port = await listening(server, options);
    const parts: RouteParts = { client, options, feed, picture, admission: new Admission(options.token, port) };
    server.on('request', (request, response) => {
      answer(request, response, parts).catch(() => response.destroy());
    });
    return { url: urlOf(options.host, port), state: picture, close };
  } catch (error) {
    history.stop();
    throw error;
  }
}

function listening(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    const refused = (cause: Error) => reject(notListening(cause, { host, port }));
    server.once('error', refused);
    // A page that nobody closed must not keep a program from ending.
    server.on('connection', (socket) => socket.unref());
    server.listen({ host, port }, () => {
      server.unref();
      // From now on an error is one of a single connection, or of the machine; unheard it would end the process that is looked at.
      server.off('error', refused);
      server.on('error', () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken: close what listens there, or choose another `port`, 0 for any that is free',
  EACCES: 'may not be used by this user: choose a `port` above 1023, or 0 for any that is free',
  EADDRNOTAVAIL: 'is not an address of this machine: choose another `host`',
  ENOTFOUND: 'is not known: choose another `host`',
};

/** The platform names neither what helps nor, of a name that it does not know, where it was to listen. */
function notListening(
  cause: Error & { readonly code?: string },
  { host, port }: { host: string; port: number },
): Error {
  const { code = cause.name } = cause;
  const what = REMEDIES[code] ?? 'cannot be listened at: choose another `port` or `host`';
  return Object.assign(
    new Error(`The dashboard cannot be served: port ${port} of ${host} ${what} (${code}).`, { cause }),
    { code },
  );
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** `0.0.0.0` is where to listen, and nowhere to go. */
function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name.replace(/^\[|\]$/g, '')}]` : name}:${port}/`;
}
