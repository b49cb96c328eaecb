import { checkFault } from './faults/check.js';
import type { Fault } from './faults/fault.js';
import type { RegionSettings } from './options.js';
import { checkSettings } from './options-check.js';
import type { Region } from './region/region.js';

/** One thing that happens: a fault or changed settings, from when, for how long, and where. */
export interface ScriptStep {
  /** Milliseconds after the script's start. */
  readonly atMs: number;
  /** Milliseconds until it is taken back. @default never */
  readonly forMs?: number;
  readonly region: string;
  /** Only for `fault`: the model it is for. @default all */
  readonly model?: string;
  readonly fault?: Fault;
  readonly set?: RegionSettings;
}

/** A script on its way. */
export interface Script {
  /** Resolves when the last step has happened and those with an end are taken back, or when the script is stopped. */
  readonly done: Promise<void>;
  /** Drops what has not happened yet and takes back what has an end; steps without `forMs` stay. */
  stop(): void;
}

/** Starts a script; throws a TypeError about the first step at fault before anything happens. */
export function runScript(steps: readonly ScriptStep[], regionOf: (name: string) => Region): Script {
  for (const [index, step] of steps.entries()) checkStep(step, index, regionOf);
  const timers = new Set<NodeJS.Timeout>();
  const undos = new Set<() => void>();
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const later = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
      if (timers.size === 0) finish();
    }, ms);
    timers.add(timer);
  };
  const start = (step: ScriptStep) => {
    const undo = happen(step, regionOf(step.region));
    if (step.forMs === undefined) return;
    const once = () => void (undos.delete(once) && undo());
    undos.add(once);
    later(step.forMs, once);
  };
  for (const step of steps) {
    // What happens at 0 has happened when the script is started: a request sent at once meets it.
    if (step.atMs === 0) start(step);
    else later(step.atMs, () => start(step));
  }
  if (timers.size === 0) finish();
  const stop = () => {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    for (const undo of undos) undo();
    finish();
  };
  return { done, stop };
}

function happen({ model, fault, set }: ScriptStep, region: Region): () => void {
  const undoFault = fault && (model === undefined ? region.fault(fault) : region.model(model).fault(fault));
  const before = region.settings;
  if (set !== undefined) region.set(set);
  return () => {
    undoFault?.();
    // Only what this step changed goes back: another step may have changed the rest meanwhile.
    const changed = Object.keys(set ?? {}) as (keyof RegionSettings)[];
    if (changed.length > 0) region.set(Object.fromEntries(changed.map((name) => [name, before[name]])));
  };
}

function checkStep(step: ScriptStep, index: number, regionOf: (name: string) => Region): void {
  const wrong = (what: string) => new TypeError(`Step ${index} of the script ${what}.`);
  if (!(step.atMs >= 0 && step.atMs < Infinity)) throw wrong(`needs atMs, a number of 0 or more, but has ${step.atMs}`);
  if (step.forMs !== undefined && !(step.forMs >= 0 && step.forMs < Infinity))
    throw wrong(`has forMs ${step.forMs}, which must be 0 or more`);
  if (step.fault === undefined && step.set === undefined) throw wrong('needs a fault or a set');
  const region = regionOf(step.region);
  if (step.set !== undefined) checkSettings(step.set, step.region);
  if (step.fault === undefined) return;
  checkFault(step.fault, step.model === undefined ? step.region : `${step.region}/${step.model}`);
  if (step.model === undefined) return;
  region.model(step.model);
  if (step.fault.kind === 'refuse')
    throw wrong(`makes the model ${step.model} refuse connections, which only a whole region can`);
}
