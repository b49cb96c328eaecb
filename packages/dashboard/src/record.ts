import { checkClient } from './client.js';
import { type DashboardOptions, resolveOptions } from './options.js';
import { History } from './state/history.js';
import { pictureOf } from './state/picture.js';
import type { DashboardState } from './state/state.js';
import type { WatchedClient } from './watched.js';

/** A client that is watched without a page. */
export interface Recording {
  /** What there is to see now. */
  state(): DashboardState;
  /** Listens to no event any more; what was seen can still be read. */
  stop(): void;
}

/**
 * Watches a client from now on, without a server: for `renderDashboard` at the end of a job or a test.
 * @throws TypeError listing everything that is wrong with the options, and for what is no client
 */
export function recordDashboard(client: WatchedClient, options: Pick<DashboardOptions, 'title'> = {}): Recording {
  checkClient('recordDashboard', client);
  const { title } = resolveOptions(options);
  const history = new History(client, Date.now());
  return { state: () => pictureOf(client, history, title), stop: () => history.stop() };
}
