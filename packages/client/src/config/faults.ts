import { type ClientOptions, isOptionsError } from 'breakwater';
import { hiderOf } from './secrets.js';

/** Where keys may come from that must not be told. */
export interface KeyHolders {
  /** The config, where it could be loaded. */
  readonly config?: ClientOptions | undefined;
  /** @default the environment of this process */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Everything that is wrong with a config, a line each, for whoever tells it to people: of the error that `loadConfig` threw, or the
 * constructor of a client. What the config, or the environment, holds under names like `apiKey` or `SOME_TOKEN` is replaced by `[hidden]`.
 */
export function configFaults(error: unknown, { config = {}, env = process.env }: KeyHolders = {}): readonly string[] {
  const { message = String(error) } = (error ?? {}) as Partial<Error>;
  const faults = isOptionsError(error) ? error.faults : [message.split('\n')[0] ?? ''];
  return faults.map(hiderOf(config, env));
}
