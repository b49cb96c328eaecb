import { Writable } from 'node:stream';
import OpenAI, { type ClientOptions, type LogFields, logEvents } from 'breakwater';
import pino from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ask, errorOf, question, read, routed, start } from '../setup.js';
import { hello, stub } from '../stub.js';

/** A pino logger, and the lines that it has written. */
function pinoLog() {
  const lines: Record<string, unknown>[] = [];
  const raw: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      raw.push(String(chunk));
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { logger: pino({ base: null, timestamp: false }, stream), lines, raw };
}

/** A logger that keeps what it is given, as `level message`. */
function plainLog() {
  const said: string[] = [];
  const at = (level: string) => (_fields: LogFields, message: string) => void said.push(`${level} ${message}`);
  return { said, logger: { info: at('info'), warn: at('warn'), error: at('error') } };
}

describe('with pino', () => {
  test('a failover is one line with the fields of its event', async () => {
    const { client, seoul } = await start();
    const { logger, lines } = pinoLog();
    logEvents(client, logger);
    seoul.fault({ kind: 'status', status: 503, times: 1 });
    await ask(client, false);
    expect(lines).toEqual([
      {
        level: 40,
        event: 'cooldown.started',
        msg: expect.stringMatching(/^seoul\/gpt-4\.1.* rests for .* \(overloaded, HTTP 503\)$/),
        ...{ requestId: expect.any(String), at: expect.any(Number), kind: 'overloaded', status: 503 },
        ...{ target: 'seoul/gpt-4.1', endpoint: 'seoul', model: 'gpt-4.1', forMs: expect.any(Number) },
      },
      {
        level: 40,
        event: 'failover',
        msg: 'failover from seoul/gpt-4.1 to tokyo/gpt-4.1 (overloaded, HTTP 503)',
        ...{ requestId: expect.any(String), at: expect.any(Number), kind: 'overloaded', status: 503 },
        ...{ from: 'seoul/gpt-4.1', to: 'tokyo/gpt-4.1', attempt: 2, elapsedMs: expect.any(Number) },
      },
    ]);
  });

  // pino writes its own `level` and the event's one behind another: a line with two of them is read in two ways.
  test('a line has one level, and how often the breaker opened is called otherwise', async () => {
    const { client, seoul } = await start({ router: { breaker: { failureStreak: 1 } as never } });
    const { logger, lines, raw } = pinoLog();
    logEvents(client, logger);
    seoul.fault({ kind: 'status', status: 500 });
    await ask(client, false);
    const opened = lines.findIndex(({ event }) => event === 'breaker.opened');
    expect(lines[opened]).toMatchObject({ level: 40, breakerLevel: expect.any(Number), target: 'seoul/gpt-4.1' });
    expect(raw[opened]?.match(/"level"/g)).toHaveLength(1);
  });
});

test('every kind of incident has its line and its level', async () => {
  const { client, seoul, tokyo } = await start({
    router: { whenExhausted: 'fail', lastResort: () => 'sorry', breaker: { failureStreak: 1 } as never },
  });
  const { logger, said } = plainLog();
  logEvents(client, logger);
  seoul.fault({ kind: 'unauthorized' });
  tokyo.fault({ kind: 'status', status: 500 });
  await ask(client, false);
  client.router.target('tokyo/gpt-4.1').breaker.close();
  expect(said).toEqual([
    expect.stringMatching(/^error seoul\/gpt-4\.1: key#\d is not used for 5 min: auth$/),
    'warn failover from seoul/gpt-4.1 to tokyo/gpt-4.1 (auth, HTTP 401)',
    expect.stringMatching(/^error alert: Nobody can be asked for gpt-4\.1: /),
    expect.stringMatching(/^warn breaker of tokyo\/gpt-4\.1 opened for [\d.]+ s: /),
    'error the last resort answered (auth, HTTP 401)',
    expect.stringMatching(/^info breaker of tokyo\/gpt-4\.1 closed: /),
  ]);
});

test('a rescued stream is told, and that it broke', async () => {
  const { client, seoul } = await start();
  const { logger, said } = plainLog();
  logEvents(client, logger);
  seoul.fault({ kind: 'cut', afterTokens: 2, times: 1 });
  await read(client);
  expect(said).toContain('warn a stream of seoul/gpt-4.1 went on at tokyo/gpt-4.1');
  expect(said.some((line) => line.startsWith('warn a stream of seoul/gpt-4.1 broke off: '))).toBe(true);
});

test('single requests have lines only when they are asked for', async () => {
  const { client } = await start();
  const [few, all] = [plainLog(), plainLog()];
  logEvents(client, few.logger);
  logEvents(client, all.logger, { requests: true });
  await ask(client, false);
  await errorOf(client.chat.completions.create({ ...question(), model: 'no-such' }, routed({ fallbacks: false })));
  expect(few.said.filter((line) => /answered|failed after/.test(line))).toEqual([]);
  expect(all.said[0]).toMatch(/^info answered by seoul\/gpt-4\.1 in \d/);
  expect(all.said.at(-1)).toMatch(/^warn failed after \d.* \(not_found, HTTP 404\)$/);
});

test('its undo ends it, and no other log', async () => {
  const { client, seoul } = await start();
  const [first, second] = [plainLog(), plainLog()];
  const undo = logEvents(client, first.logger);
  logEvents(client, second.logger);
  undo();
  undo();
  seoul.fault({ kind: 'status', status: 500, times: 1 });
  await ask(client, false);
  expect(first.said).toEqual([]);
  expect(second.said).toHaveLength(1);
});

test('on the console a line is one text with the id of the request', async () => {
  const said: unknown[][] = [];
  const spy = vi.spyOn(console, 'warn').mockImplementation((...parts) => void said.push(parts));
  onTestFinished(() => spy.mockRestore());
  const { client, seoul } = await start();
  logEvents(client);
  seoul.fault({ kind: 'status', status: 500, times: 1 });
  await ask(client, false);
  expect(said).toEqual([
    [
      expect.stringMatching(
        /^breakwater: failover from seoul\/gpt-4\.1 to tokyo\/gpt-4\.1 \(server_error, HTTP 500\) \[\S+\]$/,
      ),
    ],
  ]);
});

describe('a logger that', () => {
  const boo = () => {
    throw new Error('boo');
  };

  test.each([
    ['throws', boo],
    ['rejects', () => Promise.reject(new Error('boo'))],
  ])('%s changes nothing, and is complained of', async (_, fail) => {
    const complaints: string[] = [];
    const quiet = () => undefined;
    const own = { error: quiet, info: quiet, debug: quiet, warn: (text: string) => void complaints.push(text) };
    const { client, seoul } = await start({ client: { logger: own, logLevel: 'warn' } });
    logEvents(client, { info: fail, warn: fail, error: fail }, { requests: true });
    seoul.fault({ kind: 'status', status: 500, times: 1 });
    expect(await ask(client, false)).toBe('hello there');
    expect(complaints).toContainEqual(expect.stringContaining('A listener of "failover" failed'));
  });

  test('throws when a listener is complained of changes nothing either', async () => {
    const { fetch } = stub(hello);
    const logger = { error: boo, info: boo, debug: boo, warn: boo };
    const options: ClientOptions = { apiKey: 'k', baseURL: 'https://a.test/v1', fetch, router: {}, logLevel: 'warn' };
    const client = new OpenAI({ ...options, logger });
    client.on('attempt.started', boo);
    await client.chat.completions.create(question());
  });
});

test('what cannot be used is refused at once', async () => {
  const { client } = await start();
  expect(() => logEvents(client, {} as never)).toThrow('must have the functions info, warn, error');
  expect(() => logEvents(client, console, { request: true } as never)).toThrow(
    'did you mean logEvents: options.requests',
  );
  expect(() => logEvents(new OpenAI({ apiKey: 'k' }))).toThrow('client.on needs a router');
});
