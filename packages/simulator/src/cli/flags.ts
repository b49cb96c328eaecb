import { parseArgs } from 'node:util';
import type { Fault } from '../faults/fault.js';
import type { RegionOptions, SimulatorOptions } from '../options.js';
import { checkOptions } from '../options-check.js';
import type { ScriptStep } from '../script.js';

/** What the command line asks for. */
export interface Command {
  readonly options: SimulatorOptions;
  /** Faults to be switched on at the start. */
  readonly steps: readonly ScriptStep[];
  readonly help: boolean;
}

/** A command line that cannot be followed; its message is for the user's eyes. */
export class FlagError extends Error {}

/** Reads the command line; throws a {@link FlagError} that says what is wrong with it. */
export function readFlags(args: readonly string[]): Command {
  const flags = parse(args);
  const seed = numberOf('--seed', flags.seed);
  const tokensPerSecond = numberOf('--tokens-per-second', flags['tokens-per-second']);
  const options: SimulatorOptions = {
    ...(seed !== undefined && { seed }),
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
    ...(flags.model !== undefined && { models: flags.model }),
    regions: readRegions(flags.region ?? ['local'], numberOf('--port', flags.port)),
  };
  try {
    checkOptions(options);
  } catch (error) {
    throw new FlagError((error as Error).message);
  }
  return { options, steps: (flags.fault ?? []).map(readFault), help: flags.help === true };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const texts = { type: 'string', multiple: true } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        region: texts,
        model: texts,
        fault: texts,
        seed: text,
        port: text,
        'tokens-per-second': text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new FlagError((error as Error).message);
  }
}

function readRegions(flags: readonly string[], firstPort: number | undefined): Record<string, RegionOptions> {
  const regions = flags.map((flag, index) => {
    const [, name, latency, port] = /^([^=]+)(?:=([^,]*)(?:,(.*))?)?$/.exec(flag) ?? [];
    if (name === undefined)
      throw new FlagError(`--region ${flag} must be written name[=latencyMs[,port]], for instance seoul=20,4010.`);
    const latencyMs = numberOf(`the latency of --region ${flag}`, latency === '' ? undefined : latency);
    const ownPort = numberOf(`the port of --region ${flag}`, port) ?? (firstPort ? firstPort + index : 0);
    return [name, { ...(latencyMs !== undefined && { latencyMs }), port: ownPort }] as const;
  });
  return Object.fromEntries(regions);
}

function readFault(flag: string): ScriptStep {
  // The model's name may hold slashes and colons; the region's name ends at the first slash, the kind stands behind the model.
  const match = /^([^/:]+)(?:\/(.+?))?:([a-z-]+|\d{3})(?::([\d.]+))?$/.exec(flag);
  const [, region, model, kind, seconds] = match ?? [];
  if (region === undefined || kind === undefined) {
    throw new FlagError(
      `--fault ${flag} must be written region[/model]:kind[:seconds], for instance seoul/gpt-4.1:status:30.`,
    );
  }
  const forSeconds = numberOf(`the seconds of --fault ${flag}`, seconds);
  const fault = (/^\d/.test(kind) ? { kind: 'status', status: Number(kind) } : { kind }) as Fault;
  return {
    atMs: 0,
    region,
    fault,
    ...(model !== undefined && { model }),
    ...(forSeconds !== undefined && { forMs: forSeconds * 1000 }),
  };
}

function numberOf(what: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new FlagError(`${what} must be a number, but is ${JSON.stringify(text)}.`);
  return value;
}
