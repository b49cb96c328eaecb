import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { isLoopback } from '../options.js';

/**
 * Whether a request names a host that is ours. A page from elsewhere can have its own name lead to this machine (DNS rebinding), and would
 * then be of one origin with us; but it cannot have that name be `localhost`, an address, or the name of this machine.
 */
export function isOurHost({ headers }: IncomingMessage, listeningAt: string): boolean {
  const name = hostIn(headers.host);
  if (name === undefined) return false;
  if (isLoopback(name)) return true;
  if (isLoopback(listeningAt)) return false;
  return isIP(name) !== 0 || name === listeningAt.toLowerCase() || name === hostname().toLowerCase();
}

/** Whether a request comes from our own page, as far as the browser tells: without an `Origin` nobody else's page has sent it. */
export function isSameOrigin({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return headers.origin === undefined || originsOf(headers.host).includes(headers.origin);
}

/** The same, but a missing `Origin` is none of ours: browsers send it with every POST. */
export function isSurelySameOrigin(request: IncomingMessage): boolean {
  return request.headers.origin !== undefined && isSameOrigin(request);
}

/** Behind a proxy the page may have come by https; which of the two it was makes no difference to who it is. */
const originsOf = (host: string | undefined): readonly string[] => [`http://${host}`, `https://${host}`];

function hostIn(header: string | undefined): string | undefined {
  if (header === undefined || !/^[\w.-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i.test(header)) return undefined;
  return header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
}
