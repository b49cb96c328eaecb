import { parseArgs } from 'node:util';

/** What the command line asked for. */
export interface Flags {
  readonly help: boolean;
  /** Real endpoints instead of the simulator. */
  readonly live: boolean;
  /** The file that names the real endpoints, undefined for the first `router.config.*` here; only for `live`, as are the next three. */
  readonly config: string | undefined;
  /** The model that is asked for; undefined for the first that the first endpoint names. */
  readonly model: string | undefined;
  /** How many questions are asked, through each of the two clients. */
  readonly requests: number;
  /** How many of them in a second. */
  readonly perSecond: number;
  /** Traffic and weather are drawn from it. */
  readonly seed: number;
  /** How long questions are asked; the last answers may come a little later. */
  readonly seconds: number;
  /** Whether the live page stays when the run is over. */
  readonly dashboard: boolean;
  /** Where the recorded picture is written; undefined for a new folder among the temporary files. */
  readonly picture: string | undefined;
}

/** A command line that cannot be understood; the message is for the user. */
export class FlagError extends Error {}

/** What `--help` prints. */
export const USAGE = `Asks the same questions through breakwater and through the plain openai client while regions and models fail.

  npm start                     three regions and four models in a simulator, about 40 seconds
  npm start -- --seconds 20     shorter or longer (6 to 600)
  npm start -- --seed 7         other questions, at other moments
  npm start -- --live           your own endpoints, of the first router.config.* here; nothing is made to fail there
  npm start -- --live --config my.config.mjs --model gpt-4.1-mini --requests 20 --per-second 2
  npm start -- --dashboard      the live page stays open at the end, until Ctrl-C
  npm start -- --picture a.html where the picture of the run is written; a temporary folder otherwise
  npm start -- --help           this text

Exit code: 0 if breakwater lost no answer, 1 if it lost one, 2 if the command line or the config cannot be used.`;

const LEAST_SECONDS = 6;
const MOST_SECONDS = 600;
const MOST_REQUESTS = 1_000;
const MOST_PER_SECOND = 50;
const LIVE_ONLY = ['config', 'model', 'requests', 'per-second'] as const;

/** Reads the command line. @throws FlagError that says what is wrong */
export function readFlags(words: readonly string[]): Flags {
  const { values, positionals } = parse(words);
  // `npm start -- -- --seed 2` is a common slip: the second pair of dashes makes words of the flags.
  if (positionals.length > 0) throw new FlagError(`Unexpected "${positionals[0]}": the demo takes flags only.`);
  for (const name of ['config', 'model'] as const)
    if (values[name]?.trim() === '') throw new FlagError(`--${name} is empty: is an environment variable not set?`);
  for (const name of LIVE_ONLY)
    if (values[name] !== undefined && values.live !== true) throw new FlagError(`--${name} needs --live.`);
  return {
    help: values.help === true,
    live: values.live === true,
    config: values.config,
    model: values.model,
    requests: integer('--requests', values.requests ?? '20', [1, MOST_REQUESTS]),
    perSecond: integer('--per-second', values['per-second'] ?? '2', [1, MOST_PER_SECOND]),
    seed: integer('--seed', values.seed ?? '1', [0, 2 ** 32 - 1]),
    seconds: integer('--seconds', values.seconds ?? '40', [LEAST_SECONDS, MOST_SECONDS]),
    dashboard: values.dashboard === true,
    picture: values.picture,
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        live: { type: 'boolean' },
        config: { type: 'string', short: 'c' },
        model: { type: 'string' },
        requests: { type: 'string' },
        'per-second': { type: 'string' },
        seed: { type: 'string' },
        seconds: { type: 'string' },
        dashboard: { type: 'boolean' },
        picture: { type: 'string' },
      },
    });
  } catch (error) {
    throw new FlagError(error instanceof Error ? error.message : String(error));
  }
}

function integer(flag: string, word: string, [least, most]: readonly [number, number]): number {
  const value = Number(word);
  if (/^\d+$/.test(word) && value >= least && value <= most) return value;
  throw new FlagError(`${flag} must be a whole number from ${least} to ${most}, but is "${word}".`);
}
