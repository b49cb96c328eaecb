import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type Dashboard, type DashboardOptions, serveDashboard } from '@breakwater/dashboard';
import { onTestFinished } from 'vitest';
import { start, type WorldOptions } from '../client/setup.js';

/** Two regions, a client, and a page of it; all of it ends with the test. */
export async function startPage(options: DashboardOptions = {}, world: WorldOptions = {}) {
  const all = await start(world);
  const page = await serveDashboard(all.client, options);
  onTestFinished(() => page.close());
  return { ...all, page };
}

/** An answer of the page's server, read to its end. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What is sent; `fetch` would not let a test name another host, nor an origin. */
export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends one request to the page's server. */
export function send(page: Pick<Dashboard, 'url'>, path: string, { body, ...options }: Sent = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(path, page.url), { agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on('error', reject).end(body);
  });
}

/** A command as the page sends it. */
export const command = (page: Pick<Dashboard, 'url'>, body: object, headers: Record<string, string> = {}) =>
  send(page, '/control', {
    method: 'POST',
    headers: { origin: new URL(page.url).origin, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** One server-sent event. */
export interface Heard {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Hears the page's events as they come, until the test ends. */
export async function hear(page: Pick<Dashboard, 'url'>, headers: Record<string, string> = {}) {
  const heard: Heard[] = [];
  let text = '';
  let hasEnded = false;
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    httpRequest(new URL('/events', page.url), { agent: false, headers }, resolve).on('error', reject).end();
  });
  onTestFinished(() => void response.destroy());
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) if (block.includes('data:')) heard.push(parsed(block));
  });
  response.on('error', () => {});
  response.on('close', () => {
    hasEnded = true;
  });
  return { heard, headers: response.headers, hasEnded: () => hasEnded, leave: () => void response.destroy() };
}

function parsed(block: string): Heard {
  const lines = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.replace(/^\w+: /, '')]),
  );
  return { id: lines.get('id'), event: lines.get('event') ?? '', data: JSON.parse(lines.get('data') ?? '{}') };
}
