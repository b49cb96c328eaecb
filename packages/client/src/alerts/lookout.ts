import { type Engine, type Report, Watch } from '@breakwater/core';
import { Courier } from './courier.js';
import type { ResolvedRouterAlerts } from './router-options.js';

/** Who watches over a client, and tells the sinks. */
export interface Lookout {
  report(): Report;
  /** Tells nobody any more, and gives up what is under way. */
  close(): void;
}

/** Begins to watch over a client. */
export function lookOut(engine: Engine, { rules, sinks }: ResolvedRouterAlerts): Lookout {
  const watch = new Watch(engine, rules);
  const { clock, complain, hub } = engine;
  const couriers = sinks.map((sink) => new Courier({ sink, clock, complain }));
  for (const courier of couriers) hub.on('alert', (alert) => courier.take(alert));
  return {
    report: () => watch.report(),
    close: () => {
      watch.close();
      for (const courier of couriers) courier.close();
    },
  };
}
