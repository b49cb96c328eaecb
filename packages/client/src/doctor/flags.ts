import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Flags {
  /** Undefined for the first `router.config.*` in the working directory. */
  readonly config: string | undefined;
  readonly json: boolean;
  readonly model: string | undefined;
  /** Milliseconds for a single request. */
  readonly timeoutMs: number;
  readonly ask: boolean;
  readonly help: boolean;
}

/** A command line that cannot be followed; its message is for the user's eyes. */
export class UsageError extends Error {}

const DEFAULT_TIMEOUT_MS = 10_000;
const LONGEST_TIMEOUT_MS = 600_000;

/** Reads what stands behind `breakwater`. @throws UsageError saying what is wrong with it */
export function readFlags(args: readonly string[]): Flags {
  const { values, positionals } = parse(args);
  const help = values.help === true;
  const [command, ...rest] = positionals;
  if (!help && command === undefined) throw new UsageError('a command is missing; there is "doctor"');
  if (command !== undefined && command !== 'doctor')
    throw new UsageError(`there is no command ${JSON.stringify(command)}; there is "doctor"`);
  if (rest.length > 0)
    throw new UsageError(`${JSON.stringify(rest[0])} is one word too many; a file is named by --config`);
  for (const name of ['config', 'model'] as const)
    if (values[name]?.trim() === '') throw new UsageError(`--${name} is empty: is an environment variable not set?`);
  return {
    config: values.config,
    json: values.json === true,
    model: values.model,
    timeoutMs: timeoutOf(values.timeout),
    ask: values.ask === true,
    help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string', short: 'c' },
        model: { type: 'string' },
        timeout: { type: 'string' },
        json: { type: 'boolean' },
        ask: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function timeoutOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_MS;
  const ms = Number(text);
  if (Number.isSafeInteger(ms) && ms > 0 && ms <= LONGEST_TIMEOUT_MS) return ms;
  throw new UsageError(
    `--timeout must be milliseconds from 1 to ${LONGEST_TIMEOUT_MS}, but is ${JSON.stringify(text)}`,
  );
}
