import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
 * @throws TypeError listing everything that is wrong with the options; rejects when it cannot listen there
 */
export async function serveDashboard(client: WatchedClient, given: DashboardOptions = {}): Promise<Dashboard> {
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
    server.once('error', reject);
    // A page that nobody closed must not keep a program from ending.
    server.on('connection', (socket) => socket.unref());
    server.listen({ host, port }, () => {
      server.unref();
      // From now on an error is one of a single connection, or of the machine; unheard it would end the process that is looked at.
      server.off('error', reject);
      server.on('error', () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
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
