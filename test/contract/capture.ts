import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came over the wire: nothing put in order, nothing parsed. */
export interface Captured {
  readonly method: string | undefined;
  readonly url: string | undefined;
  /** Names and values in turn, in the order and the case they were sent in. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** Where bytes are looked at, not meanings. */
export interface CaptureServer {
  readonly baseURL: string;
  readonly requests: readonly Captured[];
  close(): void;
}

const ANSWER = {
  id: 'captured',
  object: 'chat.completion',
  model: 'gpt-4.1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }],
  data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
  results: [{ flagged: false }],
  output: [],
  text: 'yes',
};

/** Starts a server that answers everything with 200 and keeps what it was sent, byte by byte (as Latin-1). */
export async function startCapture(): Promise<CaptureServer> {
  const requests: Captured[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, rawHeaders } = request;
    requests.push({ method, url, rawHeaders, body: Buffer.concat(chunks).toString('latin1') });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ANSWER));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { baseURL: `http://127.0.0.1:${port}/v1`, requests, close };
}
