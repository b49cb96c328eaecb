import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecure, type TLSSocket } from 'node:tls';
import type { ConnectionReading, TlsReading } from './report.js';
import { type Bounds, LateError, within } from './within.js';

const DAY_MS = 86_400_000;

/** Opens a connection to the host of a URL and looks at its certificate. Nothing is sent on it. Never rejects. */
export async function lookAtConnection(url: URL, bounds: Bounds): Promise<ConnectionReading> {
  const isSecure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (isSecure ? 443 : 80));
  const startedAt = performance.now();
  try {
    return await within(bounds, async (signal) => {
      const socket = await opened({ host, port, isSecure }, signal);
      const connectMs = Math.round(performance.now() - startedAt);
      const tls = isSecure ? readingOf(socket as TLSSocket) : undefined;
      socket.destroy();
      return { host, port, connectMs, tls };
    });
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    return { host, port, fault: error instanceof LateError ? 'ETIMEDOUT' : String(code ?? 'no connection') };
  }
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

function opened({ host, port, isSecure }: Place, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // A certificate that is not trusted is to be looked at as well; whoever sends requests decides about it by himself.
    const socket: Socket = isSecure
      ? connectSecure({ host, port, rejectUnauthorized: false, ...(isName(host) && { servername: host }) })
      : connectPlain({ host, port });
    socket.once(isSecure ? 'secureConnect' : 'connect', () => resolve(socket));
    socket.on('error', reject);
    signal.addEventListener('abort', () => socket.destroy());
  });
}

const isName = (host: string): boolean => !/^[\d.]+$|:/.test(host);

function readingOf(socket: TLSSocket): TlsReading {
  const { valid_to: until } = socket.getPeerCertificate();
  const daysLeft = until === undefined ? Number.NaN : Math.floor((Date.parse(until) - Date.now()) / DAY_MS);
  const { authorized, authorizationError: error } = socket;
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    daysLeft: Number.isNaN(daysLeft) ? undefined : daysLeft,
    distrust: authorized ? undefined : String((error as { code?: unknown } | undefined)?.code ?? error ?? 'untrusted'),
  };
}
