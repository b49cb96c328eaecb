import type { RequestFailure } from './failure.js';
import type { Place } from './places.js';
import type { About, ConnectionReading } from './report.js';

/** What is wrong, and what helps, in one sentence. */
export interface Remedy {
  readonly about: About;
  readonly message: string;
}

/** What a remedy is found from. */
export interface Symptoms {
  readonly place: Place;
  readonly connection: ConnectionReading;
  readonly failure: RequestFailure;
  readonly timeoutMs: number;
}

/** What Node calls a certificate that it does not trust. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|ERR_TLS/;

/** Whether a connection failed for its certificate. */
const isUntrusted = (code: string | undefined): boolean => code !== undefined && UNTRUSTED.test(code);

/** What to do about an endpoint that does not give its list of models. */
export function listRemedy(symptoms: Symptoms): Remedy {
  const { failure, place } = symptoms;
  const { kind, status = 0 } = failure;
  if (status === 0 && isConnectionFailure(failure)) return connectionRemedy(symptoms);
  const http = status === 0 ? '' : ` (HTTP ${status})`;
  const where = shown(place.url);
  if (kind === 'page')
    return models(
      `${where} answers with a web page in place of JSON: give the baseURL of the API, which often ends in /v1.`,
    );
  if (kind === 'no list' || kind === 'malformed')
    return models(`${where}/models answers with something else than a list of models: give the baseURL of the API.`);
  // By the status, because the router takes a list of models for something that only its first endpoint has.
  if (status === 401 || status === 403)
    return { about: 'key', message: `its key is refused${http}: put in one that is valid there.` };
  if (kind === 'quota' || status === 402)
    return { about: 'key', message: `its key has no quota left${http}: raise the limit of its account, or pay.` };
  if (status === 404 || status === 405)
    return models(`${where}/models is not there${http}: the baseURL must be where the API begins, which is often /v1.`);
  if (status === 429) return models(`it has no room for a request now${http}: try again in a minute.`);
  if (status >= 500)
    return models(`it is there and not well${http}: look at the status page of its provider, and try again later.`);
  return models(`it refuses to list its models${http}: check its baseURL and its key.`);
}

/** Whether nothing came back at all. */
export const isConnectionFailure = ({ kind, code }: RequestFailure): boolean =>
  isUntrusted(code) || kind === 'late' || kind === 'connect' || kind === 'reset';

const models = (message: string): Remedy => ({ about: 'models', message });

function connectionRemedy({ place, connection, failure, timeoutMs }: Symptoms): Remedy {
  const { host, port, tls } = connection;
  const code = failure.code ?? connection.fault;
  const distrust = tls?.distrust ?? (isUntrusted(code) ? code : undefined);
  if (distrust !== undefined) return untrusted(distrust);
  return { about: 'connection', message: `${causeOf({ host, port, code, place, timeoutMs })}.` };
}

function untrusted(code: string): Remedy {
  const help = /EXPIRED/.test(code)
    ? 'renew it'
    : 'have it signed by a known authority, or name its own to Node by NODE_EXTRA_CA_CERTS';
  return { about: 'tls', message: `its certificate is not trusted (${code}): ${help}.` };
}

interface Cause {
  readonly host: string;
  readonly port: number;
  readonly code: string | undefined;
  readonly place: Place;
  readonly timeoutMs: number;
}

function causeOf({ host, port, code, place, timeoutMs }: Cause): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host ${host} is not known (${code}): check its baseURL, and the DNS of this machine`;
    case 'ECONNREFUSED':
      return `nobody listens at ${host}:${port} (${code}): check its baseURL and port, or start the server`;
    case 'EPROTO':
      return `${host}:${port} does not speak TLS (${code}): is ${place.url.protocol}//${host} meant?`;
    case undefined:
    case 'ETIMEDOUT':
      return `it says nothing for ${timeoutMs} ms: check firewalls and proxies on the way, or allow more by --timeout`;
    default:
      return `the connection to ${host}:${port} fails (${code}): check firewalls and proxies on the way`;
  }
}

/** A URL without what may hold a key. */
export function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
