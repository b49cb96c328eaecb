import { isIP } from 'node:net';

/** How the page is served. */
export interface DashboardOptions {
  /** 0 for any that is free. @default 0 */
  port?: number;
  /** The address to listen at; anything but loopback needs a `token`. @default '127.0.0.1' */
  host?: string;
  /**
   * Who wants to see the page brings it: once as `?token=…`, kept as a cookie that scripts cannot read, or as `Authorization: Bearer …`.
   * @default none is needed
   */
  token?: string;
  /** Whether the page has buttons that open, close, reset and observe breakers. @default false */
  allowControl?: boolean;
  /** Stands above the page. @default 'breakwater' */
  title?: string;
}

/** Options with every default filled in. */
export interface ResolvedDashboardOptions extends Required<Omit<DashboardOptions, 'token'>> {
  readonly token: string | undefined;
}

/** The defaults of the page. */
export const DEFAULTS = Object.freeze({ port: 0, host: '127.0.0.1', allowControl: false, title: 'breakwater' });

const NAMES: readonly string[] = ['port', 'host', 'token', 'allowControl', 'title'];

/** Checks and completes the options. @throws TypeError listing everything that is wrong with them */
export function resolveOptions(given: DashboardOptions): ResolvedDashboardOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError('The dashboard cannot be served: options must be an object, such as { port: 8080 }.');
  const { port = DEFAULTS.port, host = DEFAULTS.host, token, title = DEFAULTS.title } = given;
  const { allowControl = DEFAULTS.allowControl } = given;
  const faults = Object.keys(given)
    .filter((name) => !NAMES.includes(name))
    .map((name) => `${name} is not an option; there are ${NAMES.join(', ')}`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    faults.push(`port must be a whole number from 0 to 65535, but is ${JSON.stringify(port)}`);
  if (typeof host !== 'string' || host === '') faults.push('host must be an address or a name');
  if (token !== undefined && (typeof token !== 'string' || token === '')) faults.push('token must be a text');
  if (typeof allowControl !== 'boolean') faults.push('allowControl must be true or false');
  if (typeof title !== 'string') faults.push('title must be a text');
  if (typeof host === 'string' && host !== '' && !isLoopback(host) && !token)
    faults.push(`host ${host} can be reached from elsewhere, so a token is needed: token: crypto.randomUUID(), say`);
  if (faults.length > 0) throw new TypeError(`The dashboard cannot be served: ${faults.join('; ')}.`);
  return { port, host, token, allowControl, title };
}

/** Whether only this machine can reach a host of this name. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}
