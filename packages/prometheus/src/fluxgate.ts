import type { BreakerSnapshot } from 'breakwater';
import { FLUXGATE } from './definitions.js';
import type { GaugeDefinition } from './gauges.js';

/** The states that Fluxgate knows: those of a breaker, and its modes. */
const STATES = ['closed', 'open', 'half_open', 'metrics_only', 'disabled', 'forced_open'] as const;

const MODES: Readonly<Record<BreakerSnapshot['mode'], (typeof STATES)[number] | undefined>> = {
  auto: undefined,
  'observe-only': 'metrics_only',
  disabled: 'disabled',
  'forced-open': 'forced_open',
};

/** A state of ours in Fluxgate's words. */
export const fluxgateState = (state: string): string => state.replace('-', '_');

/** The name of a breaker, as a target is written. */
export const circuitName = (endpoint: string, model: string): string => `${endpoint}/${model}`;

/** The state of each breaker, one series for each state there is. */
export const FLUXGATE_STATE: GaugeDefinition = {
  ...FLUXGATE.state,
  aggregator: 'max',
  read: ({ status, models }, samples) => {
    const note = (name: string, { state, mode }: BreakerSnapshot): void => {
      const now = MODES[mode] ?? fluxgateState(state);
      for (const one of STATES) samples.note([name, one], Number(one === now), Math.max);
    };
    for (const { endpoint, model, breaker, transport } of status.targets) {
      note(circuitName(endpoint, models.of(model)), breaker);
      note(circuitName(endpoint, '*'), transport);
    }
  },
};
