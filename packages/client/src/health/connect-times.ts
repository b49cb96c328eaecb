import { systemClock } from '@breakwater/core';
import { Stopwatch } from './stopwatch.js';

/** Hears of a connection: the origin that it leads to, and how long its round trip took, in milliseconds. */
export type HearConnection = (origin: string, ms: number) => void;

/** As much of a socket as is listened to here. */
interface Socket {
  on(event: 'lookup' | 'connectionAttempt' | 'connect', hear: (...told: never[]) => void): unknown;
}

/** What undici tells of a connection that it has made; all of it parts of its URL, the port '' for the usual one. */
interface Connected {
  readonly socket: object;
  readonly connectParams: { readonly protocol: string; readonly host: string; hostname: string; readonly port: string };
}

/** A connection under way: to which name and port, and how long it took in the end, in milliseconds. */
interface Timing {
  host: string | undefined;
  port: number;
  stopwatch: Stopwatch | undefined;
  ms: number | undefined;
}

/**
 * Listens to the connections that Node's `fetch`, which is undici, makes in this process; gives what ends that. Undefined where the
 * platform tells nothing of them (everything but Node from 20.16 and 22.3 on).
 *
 * What is timed is the TCP connection alone: from the attempt that was answered, so that neither looking up a name nor addresses that were
 * tried in vain count, to its answer, before anything of TLS has been said. That is one round trip and hardly any work; where the process
 * was at work meanwhile it is not heard of. undici itself tells only when all of that is done, so the socket is listened to that Node
 * announces between undici's two messages. Older versions of Node do not announce sockets for TLS; then nothing is heard of those
 * connections.
 */
export function listenToConnections(hear: HearConnection): (() => void) | undefined {
  // Asked of the platform, not imported: a bundle for the edge must not name a module that is not there.
  const channels = globalThis.process?.getBuiltinModule?.('node:diagnostics_channel');
  if (typeof channels?.subscribe !== 'function') return undefined;
  const timings = new WeakMap<object, Timing>();
  let isAwaited = false;
  const listeners = {
    'undici:client:beforeConnect': () => {
      isAwaited = true;
    },
    // Of all the sockets of a process only those that undici may have asked for; whether it did is seen when it has its connection.
    'net.client.socket': ({ socket }: { readonly socket: Socket }) => {
      if (isAwaited) timings.set(socket, timingOf(socket));
      isAwaited = false;
    },
    'undici:client:connected': ({ socket, connectParams }: Connected) => {
      const timing = timings.get(socket);
      if (timing?.ms === undefined || !leadsTo(timing, connectParams)) return;
      hear(`${connectParams.protocol}//${connectParams.host}`, timing.ms);
    },
  };
  const all = Object.entries(listeners) as [string, (message: unknown) => void][];
  for (const [name, listener] of all) channels.subscribe(name, listener);
  return () => {
    for (const [name, listener] of all) channels.unsubscribe(name, listener);
  };
}

/** Times a socket that is about to connect. One that fails is never timed to its end. */
function timingOf(socket: Socket): Timing {
  const timing: Timing = { host: undefined, port: 0, stopwatch: undefined, ms: undefined };
  socket.on('lookup', (_error: unknown, _address: string, _family: number, host: string) => {
    timing.host = host;
  });
  // A name with several addresses is tried at one after the other: the last one told is the one that answered.
  socket.on('connectionAttempt', (address: string, port: number) => {
    timing.host ??= address;
    timing.port = port;
    timing.stopwatch = new Stopwatch(systemClock);
  });
  socket.on('connect', () => {
    const { ms, isExact } = timing.stopwatch?.read() ?? {};
    if (isExact) timing.ms = ms;
  });
  return timing;
}

/** Whether a socket was connected to where undici wants to go, and not to a proxy on the way there. */
function leadsTo({ host, port }: Timing, { protocol, hostname, port: wanted }: Connected['connectParams']): boolean {
  return host === hostname && port === Number(wanted || (protocol === 'https:' ? 443 : 80));
}
