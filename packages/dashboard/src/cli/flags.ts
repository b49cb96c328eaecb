import { parseArgs } from 'node:util';
import { isLoopback } from '../options.js';

/** What the command line asks for. */
export interface Flags {
  /** Undefined for the first `router.config.*` in the working directory. */
  readonly config: string | undefined;
  /** 0 for any that is free. */
  readonly port: number;
  readonly host: string;
  readonly token: string | undefined;
  readonly allowControl: boolean;
  readonly help: boolean;
}

/** A command line that cannot be followed; its message is for the user's eyes. */
export class UsageError extends Error {}

/** The environment of a process. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Where the token may stand, too: a command line can be read by everybody on the machine. */
export const TOKEN_VARIABLE = 'BREAKWATER_DASHBOARD_TOKEN';

const DEFAULT_PORT = 4_400;
const DEFAULT_HOST = '127.0.0.1';
const LAST_PORT = 65_535;

/** Reads what stands behind `breakwater-dashboard`. @throws UsageError saying what is wrong with it */
export function readFlags(args: readonly string[], env: Env): Flags {
  const { values, positionals } = parse(args);
  const [word] = positionals;
  if (word !== undefined)
    throw new UsageError(`${JSON.stringify(word)} is one word too many; a file is named by --config`);
  for (const name of ['config', 'host', 'token'] as const)
    if (values[name]?.trim() === '') throw new UsageError(`--${name} is empty: is an environment variable not set?`);
  const { config, host = DEFAULT_HOST, token = env[TOKEN_VARIABLE] || undefined } = values;
  if (!isLoopback(host) && token === undefined)
    throw new UsageError(`--host ${host} can be reached from elsewhere, so a --token is needed`);
  return {
    config,
    port: portOf(values.port),
    host,
    token,
    allowControl: values['allow-control'] === true,
    help: values.help === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string', short: 'c' },
        port: { type: 'string' },
        host: { type: 'string' },
        token: { type: 'string' },
        'allow-control': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function portOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= LAST_PORT) return port;
  throw new UsageError(`--port must be a whole number from 0 to ${LAST_PORT}, but is ${JSON.stringify(text)}`);
}
