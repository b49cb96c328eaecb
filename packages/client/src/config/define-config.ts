import type { ClientOptions } from 'openai';

/**
 * The options of a client, typed where they are written: in a file of their own, `router.config.mjs`, from which the program,
 * `npx breakwater doctor` and whoever else wants them take the same. Gives back what it is given; it is checked by whoever uses it.
 */
export function defineConfig(config: ClientOptions): ClientOptions {
  return config;
}
