import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ResolvedDashboardOptions } from '../options.js';
import { livePage, PAGE_POLICY, recordedPage } from '../page/page.js';
import type { DashboardState } from '../state/state.js';
import type { WatchedClient } from '../watched.js';
import type { Admission } from './admission.js';
import { follow } from './control.js';
import type { Feed } from './feed.js';
import { isOurHost, isSameOrigin, isSurelySameOrigin } from './hosts.js';

/** What requests are answered from. */
export interface RouteParts {
  readonly client: WatchedClient;
  readonly options: ResolvedDashboardOptions;
  readonly admission: Admission;
  readonly feed: Feed;
  readonly picture: () => DashboardState;
}

const HTML = 'text/html; charset=utf-8';
const COMMON = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** Answers one request: first who asks, and from where, then what. */
export async function answer(request: IncomingMessage, response: ServerResponse, parts: RouteParts): Promise<void> {
  for (const [name, value] of Object.entries(COMMON)) response.setHeader(name, value);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (!isOurHost(request, parts.options.host)) return say(response, 421, 'This is not the host of that name.');
  const token = searchParams.get('token');
  if (request.method === 'GET' && pathname === '/' && token !== null) return welcome(response, parts, token);
  if (!parts.admission.admits(request)) return refuse(response);
  if (pathname === '/control' && request.method === 'POST') return control(request, response, parts);
  if (request.method !== 'GET') return say(response, 405, 'Only GET.');
  if (pathname === '/') return page(response, livePage(parts.options.title));
  if (!isSameOrigin(request)) return say(response, 403, 'Not from another origin.');
  if (pathname === '/events') return watch(request, response, parts.feed, searchParams.get('last'));
  if (pathname === '/picture.html') {
    response.setHeader('content-disposition', 'attachment; filename="breakwater.html"');
    return page(response, recordedPage(parts.picture()));
  }
  return say(response, 404, 'There is nothing here.');
}

function page(response: ServerResponse, html: string): void {
  response.setHeader('content-security-policy', PAGE_POLICY);
  response.writeHead(200, { 'content-type': HTML }).end(html);
}

/**
 * The token is taken out of the address, where it would be seen. A redirect would not do: when a link elsewhere has led here, browsers
 * send a strict cookie only with what our own page asks for.
 */
function welcome(response: ServerResponse, { admission }: RouteParts, token: string): void {
  const cookie = admission.cookieFor(token);
  if (cookie === undefined) {
    refuse(response);
    return;
  }
  response
    .writeHead(200, { 'content-type': HTML, 'set-cookie': cookie })
    .end('<!doctype html><meta http-equiv="refresh" content="0;url=/"><title>breakwater</title>');
}

function refuse(response: ServerResponse): void {
  response.setHeader('www-authenticate', 'Bearer');
  say(response, 401, 'This page needs its token: open it once with ?token=… behind the address.');
}

function watch(request: IncomingMessage, response: ServerResponse, feed: Feed, last: string | null): void {
  const id = request.headers['last-event-id'] ?? last ?? undefined;
  if (!feed.watch(response, typeof id === 'string' ? id : undefined)) say(response, 503, 'Too many watch already.');
}

async function control(request: IncomingMessage, response: ServerResponse, parts: RouteParts): Promise<void> {
  const isJSON = /^application\/json *(;|$)/i.test(request.headers['content-type'] ?? '');
  if (!parts.options.allowControl) return say(response, 403, 'Started without allowControl.');
  if (!isSurelySameOrigin(request)) return say(response, 403, 'Only from this page.');
  if (!isJSON) return say(response, 403, 'Only as application/json.');
  say(response, ...(await follow(request, parts.client)));
  parts.feed.touch();
}

function say(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}
