export type { VirtualClock, VirtualClockOptions } from './clock/virtual-clock.js';
export { virtualClock } from './clock/virtual-clock.js';
export { faultKinds } from './faults/check.js';
export type { Fault, FaultAim, FaultKind, FaultOf } from './faults/fault.js';
export type { LogEntry, LogFilter } from './log/log.js';
export type {
  Continues,
  Instructed,
  RateHeaders,
  RateLimits,
  RateNumbers,
  RegionOptions,
  RegionSettings,
  SimulatorOptions,
} from './options.js';
export type { Region, RegionModel } from './region/region.js';
export type { Script, ScriptStep } from './script.js';
export type { Simulator } from './simulator.js';
export { startSimulator } from './simulator.js';
