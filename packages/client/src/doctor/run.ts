import type { ClientOptions } from 'breakwater';
import { configFaults } from '../config/faults.js';
import { findConfig, loadConfig } from '../config/load-config.js';
import { hiddenIn, hiderOf } from '../config/secrets.js';
import { diagnose, TIMEOUTS_IN_ALL } from './diagnose.js';
import { type Flags, readFlags, type UsageError } from './flags.js';
import { printed } from './table.js';
import { USAGE } from './usage.js';
import { LateError, within } from './within.js';

/** What the command ends with. */
export interface Ended {
  /** 0: all is well. 1: there is something to fix. 2: a flag or the configuration cannot be used. */
  readonly exitCode: 0 | 1 | 2;
  readonly out: string;
  readonly error: string;
}

/** The environment of a process, of which keys are hidden. */
type Env = Readonly<Record<string, string | undefined>>;

/** Runs `breakwater` with these arguments. Never rejects, and prints nothing itself. */
export async function run(args: readonly string[], env: Env): Promise<Ended> {
  let flags: Flags;
  try {
    flags = readFlags(args);
  } catch (error) {
    const { message } = error as UsageError;
    return {
      exitCode: 2,
      out: '',
      error: hiderOf({}, env)(`breakwater: ${message}\nnpx breakwater --help shows what there is.\n`),
    };
  }
  return flags.help ? { exitCode: 0, out: USAGE, error: '' } : doctor(flags, env);
}

async function doctor(flags: Flags, env: Env): Promise<Ended> {
  let config: ClientOptions | undefined;
  const { json, model, ask, timeoutMs } = flags;
  let name = flags.config ?? 'router.config';
  try {
    name = flags.config ?? findConfig();
    const bounds = { timeoutMs: timeoutMs * TIMEOUTS_IN_ALL, signal: new AbortController().signal };
    config = await within(bounds, () => loadConfig(name));
    const diagnosis = hiddenIn(await diagnose(config, { name, model, ask, timeoutMs }), hiderOf(config, env));
    const out = json ? `${JSON.stringify(diagnosis, null, 2)}\n` : printed(diagnosis);
    return { exitCode: diagnosis.isWell ? 0 : 1, out, error: '' };
  } catch (error) {
    const late = new Error(`${name}: it is not loaded in time; does it wait for something?`);
    const faults = configFaults(error instanceof LateError ? late : error, { config, env });
    if (json)
      return { exitCode: 2, out: `${JSON.stringify({ isWell: false, config: name, faults }, null, 2)}\n`, error: '' };
    return {
      exitCode: 2,
      out: '',
      error: `${name} cannot be used:\n${faults.map((fault) => `  ${fault}\n`).join('')}`,
    };
  }
}
