import type { LogEntry } from '../log/log.js';
import { type Simulator, startSimulator } from '../simulator.js';
import { FlagError, readFlags } from './flags.js';
import { usage } from './usage.js';

/** Where the command writes. */
export interface Output {
  out(text: string): void;
  error(text: string): void;
}

/** How the command ended, or the simulator it left running. */
export type Run = { readonly exitCode: number } | { readonly simulator: Simulator };

/** Runs the command: bad flags end it with exit code 2, a port that is taken with 1. */
export async function run(args: readonly string[], { out, error }: Output): Promise<Run> {
  let simulator: Simulator | undefined;
  try {
    const { options, steps, help } = readFlags(args);
    if (help) {
      out(usage);
      return { exitCode: 0 };
    }
    simulator = await startSimulator({ ...options, onRequest: (entry) => out(`${lineOf(entry)}\n`) });
    // The regions and models that faults name are known only now.
    simulator.script(steps);
    const width = Math.max(...simulator.regions.map(({ name }) => name.length));
    for (const { name, baseURL } of simulator.regions) out(`${name.padEnd(width)}  ${baseURL}\n`);
    return { simulator };
  } catch (failure) {
    await simulator?.close();
    const theirs = failure instanceof FlagError || failure instanceof TypeError;
    error(`${(failure as Error).message}\n${theirs ? 'Try --help.\n' : ''}`);
    return { exitCode: theirs ? 2 : 1 };
  }
}

/** One request in one line; neither prompts nor keys are in it. */
function lineOf({
  number,
  region,
  method,
  path,
  model,
  streamed,
  status,
  fault,
  ending,
  durationMs = 0,
}: LogEntry): string {
  const what = [method, path, model, streamed ? 'stream' : undefined].filter(Boolean).join(' ');
  const how = [status ?? '-', ending, fault && `(${fault})`].filter(Boolean).join(' ');
  return `${number} ${region} ${what} -> ${how} ${durationMs.toFixed(1)} ms`;
}
