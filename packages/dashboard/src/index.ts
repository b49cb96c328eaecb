// The public names: a page that is served, and the same as a file.

export type { DashboardOptions } from './options.js';
export { renderDashboard } from './page/page.js';
export { type Recording, recordDashboard } from './record.js';
export { type Dashboard, serveDashboard } from './serve.js';
export type {
  AlertView,
  DashboardState,
  Entry,
  LimitView,
  ProbeView,
  RegionView,
  Series,
  Span,
  TargetView,
  Totals,
} from './state/state.js';
export type { WatchedClient } from './watched.js';
