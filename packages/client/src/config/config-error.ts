/** A config file that cannot be used; the message names it, and what is wrong. */
export class ConfigError extends Error {
  readonly code = 'BREAKWATER_CONFIG';
  /** The file, as it was named; `loadConfig` where what was given is no path. */
  readonly file: string;

  constructor(file: string, fault: string, options?: ErrorOptions) {
    super(`${file}: ${fault}`, options);
    this.name = 'ConfigError';
    this.file = file;
  }
}
