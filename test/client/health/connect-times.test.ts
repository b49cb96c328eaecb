import { channel, hasSubscribers } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, createServer as createGate, type Server } from 'node:net';
import { performance } from 'node:perf_hooks';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { listenToConnections } from '../../../packages/client/src/health/connect-times.js';
import { idleProcess } from '../idle-process.js';
import { turn } from '../setup.js';
import { selfSigned } from './self-signed.js';

const CHANNELS = ['undici:client:beforeConnect', 'net.client.socket', 'undici:client:connected'] as const;

beforeEach(() => void idleProcess());

/** What is heard until the test ends. */
function listened() {
  const heard: { origin: string; ms: number }[] = [];
  const stop = listenToConnections((origin, ms) => void heard.push({ origin, ms }));
  onTestFinished(() => stop?.());
  return { heard, stop };
}

/** Has a server listen on this machine until the test ends, and gives its port. */
async function portOf<Listening extends Server>(server: Listening): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const helloServer = () => createServer((_request, response) => response.end('hello'));

/** Fetches, and waits until the connection can serve again. */
async function get(url: string): Promise<string> {
  const text = await (await fetch(url)).text();
  await turn();
  await turn();
  return text;
}

describe('with the fetch of the platform', () => {
  test('a new connection is heard of, and one that is used again is not', async () => {
    const origin = `http://127.0.0.1:${await portOf(helloServer())}`;
    const { heard } = listened();
    for (let request = 0; request < 3; request += 1) await get(`${origin}/v1/models?key=1`);
    expect(heard).toEqual([{ origin, ms: expect.any(Number) }]);
    expect(heard[0]?.ms).toBeGreaterThan(0);
    expect(heard[0]?.ms).toBeLessThan(1_000);
  });

  test('a name that has to be looked up is heard of by that name', async () => {
    const origin = `http://localhost:${await portOf(helloServer())}`;
    const { heard } = listened();
    await get(origin);
    expect(heard).toMatchObject([{ origin }]);
  });

  test('a connection that is refused is not heard of', async () => {
    const gate = createGate();
    const port = await portOf(gate);
    gate.close();
    await once(gate, 'close');
    const { heard } = listened();
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
    expect(heard).toEqual([]);
  });

  // Node announces sockets for TLS from 22.17 and 24.2 on.
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isAnnounced = major === 22 ? minor >= 17 : major === 24 ? minor >= 2 : major > 24;
  test.runIf(isAnnounced)('a handshake of TLS does not count', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    const secure = createSecureServer(selfSigned(), (_request, response) => response.end('hello'));
    const gate = createGate((socket) => void setTimeout(() => secure.emit('connection', socket), 300));
    const origin = `https://127.0.0.1:${await portOf(gate)}`;
    const { heard } = listened();
    const startedAt = performance.now();
    expect(await get(origin)).toBe('hello');
    expect(performance.now() - startedAt).toBeGreaterThan(290);
    expect(heard).toEqual([{ origin, ms: expect.any(Number) }]);
    expect(heard[0]?.ms).toBeLessThan(250);
  });

  test('sockets that it did not ask for are left alone', async () => {
    const port = await portOf(helloServer());
    const { heard } = listened();
    await get(`http://127.0.0.1:${port}`);
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    expect(socket.listenerCount('connectionAttempt')).toBe(0);
    await once(socket, 'connect');
    expect(heard).toHaveLength(1);
  });
});

/** Plays a connection of undici's as the platform tells of it. */
function play({ to = 'a.test', port = 443, wanted = {} }) {
  const socket = new EventEmitter();
  const params = { protocol: 'https:', host: 'a.test', hostname: 'a.test', port: '', ...wanted };
  const connectParams = { ...params, version: undefined, servername: null, localAddress: null };
  channel('undici:client:beforeConnect').publish({ connectParams });
  channel('net.client.socket').publish({ socket });
  socket.emit('lookup', null, '192.0.2.1', 4, to);
  return {
    attempt: () => void socket.emit('connectionAttempt', '192.0.2.1', port, 4),
    connected: () => {
      socket.emit('connect');
      channel('undici:client:connected').publish({ connectParams, socket });
    },
  };
}

describe('of what the platform tells', () => {
  test('the attempt that was answered is timed, and not those before it', async () => {
    const { heard } = listened();
    const { attempt, connected } = play({});
    attempt();
    await new Promise((resolve) => setTimeout(resolve, 300));
    attempt();
    connected();
    expect(heard).toMatchObject([{ origin: 'https://a.test' }]);
    expect(heard[0]?.ms).toBeLessThan(250);
  });

  test.each([
    ['another host', { to: 'proxy.test' }],
    ['another port', { port: 3128 }],
    ['another port than it was asked for', { wanted: { host: 'a.test:8443', port: '8443' } }],
  ])('a connection to %s is one to a proxy, and says nothing of the way', (_what, where) => {
    const { heard } = listened();
    const { attempt, connected } = play(where);
    attempt();
    connected();
    expect(heard).toEqual([]);
  });

  test('a connection that is made while this process is at work says nothing of the way', () => {
    const { heard } = listened();
    const { attempt, connected } = play({});
    attempt();
    vi.mocked(performance.eventLoopUtilization).mockReturnValue({ active: 20, idle: 0, utilization: 1 });
    connected();
    expect(heard).toEqual([]);
  });

  test('a connection that was already under way is not timed', () => {
    const { attempt, connected } = play({});
    attempt();
    const { heard } = listened();
    connected();
    expect(heard).toEqual([]);
  });
});

test('nobody listens any more when that has ended', () => {
  const { stop } = listened();
  expect(CHANNELS.map((name) => hasSubscribers(name))).toEqual([true, true, true]);
  stop?.();
  expect(CHANNELS.map((name) => hasSubscribers(name))).toEqual([false, false, false]);
});

test.each([
  ['has no such module', () => undefined],
  ['has another one in its place', () => ({})],
])('a platform that %s tells nothing', (_what, module) => {
  const getBuiltinModule = vi.spyOn(process, 'getBuiltinModule').mockImplementation(module as never);
  onTestFinished(() => getBuiltinModule.mockRestore());
  expect(listenToConnections(() => {})).toBeUndefined();
});
