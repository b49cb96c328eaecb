// The loopback provider, in a process of its own so that its work does not count as the client's. It tells its ports to its parent.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ANSWER, asksForStream, EVENTS } from './payloads.ts';

/** One port per endpoint of the largest case. */
const PORTS = 5;

/** Each event is written in its own turn of the event loop, as a provider that waits for its model would. */
function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let next = 0;
  const write = () => {
    response.write(EVENTS[next]);
    next += 1;
    if (next < EVENTS.length) setImmediate(write);
    else response.end();
  };
  write();
}

function serve(): Server {
  return createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      if (asksForStream(body)) return stream(response);
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-request-id': 'req_123',
        'openai-version': '2020-10-01',
      });
      response.end(ANSWER);
    });
  });
}

const servers = Array.from({ length: PORTS }, serve);
await Promise.all(servers.map((server) => new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))));
process.send?.(servers.map((server) => (server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
