import type { ServerResponse } from 'node:http';
import OpenAI, {
  type AlertSink,
  logSink,
  type OptionsError,
  type OwnAlertRule,
  slackSink,
  webhookSink,
} from 'breakwater';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ask, errorOf, eventsOf, start, until } from '../setup.js';
import { postOffice, status } from './post-office.js';

const MARKERS = ['marker-key', 'marker-prompt', 'marker-answer', 'marker-hook', 'marker-token'];
const marked = (text: string) => MARKERS.filter((marker) => text.includes(marker));
/** Fast, so that a test need not wait. */
const terms = { backoffMs: 1, timeoutMs: 200 } as const;

/** Two regions with one that fails at once, and a client that tells sinks of the first opening. */
async function troubled(sinks: readonly AlertSink[], logger?: { warn(text: string): void }) {
  const world = await start({
    endpoint: ({ name }) => ({ apiKey: `marker-key-${name}` }),
    router: { breaker: { failureStreak: 1, jitter: 0 }, alerts: { openings: { atLeast: 1 }, sinks } },
    ...(logger && {
      client: { logLevel: 'warn', logger: { error: () => {}, info: () => {}, debug: () => {}, ...logger } },
    }),
  });
  onTestFinished(() => world.client.router.close());
  world.seoul.fault({ kind: 'status', status: 500, times: 1 });
  return world;
}

describe('the webhook', () => {
  test('is posted each alert as JSON, with its headers', async () => {
    const { posted, origin } = await postOffice(status(204));
    const headers = { authorization: 'Bearer marker-token' };
    const { client } = await troubled([
      webhookSink({ url: `${origin}/marker-hook`, headers, source: 'shop', ...terms }),
    ]);
    expect(await ask(client, false)).toBe('hello there');
    await until(() => posted.length === 1);
    expect(posted[0]).toMatchObject({
      path: '/marker-hook',
      headers: { authorization: 'Bearer marker-token', 'content-type': 'application/json' },
      body: {
        source: 'shop',
        alert: { rule: 'openings', state: 'firing', target: 'seoul/gpt-4.1', endpoint: 'seoul' },
      },
    });
    expect(String(posted[0]?.body.text)).toMatch(
      /^FIRING warning openings: The breaker of seoul\/gpt-4\.1 has opened once/,
    );
  });

  test('is tried again after 500 and 429, and after a broken connection', async () => {
    const { posted, origin } = await postOffice((response, _posted, count) => {
      if (count === 1) response.destroy();
      else response.writeHead(count === 2 ? 500 : count === 3 ? 429 : 200).end();
    });
    const { client } = await troubled([webhookSink({ url: `${origin}/x`, ...terms })]);
    await ask(client, false);
    await until(() => posted.length === 4);
    expect(new Set(posted.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  test.each([
    ['answers 404', status(404)],
    ['redirects', status(307, { location: 'http://127.0.0.1:1/marker-hook-elsewhere' })],
  ])('that %s is not tried again, nor is its address ever told', async (_, answer) => {
    const { posted, origin } = await postOffice(answer);
    const said: string[] = [];
    const { client } = await troubled([webhookSink({ url: `${origin}/marker-hook`, ...terms })], {
      warn: (text) => void said.push(text),
    });
    await ask(client, false);
    await until(() => said.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(posted).toHaveLength(1);
    expect(said[0]).toContain('The alert sink "webhook" could not be reached in one try');
    expect(marked(said.join())).toEqual([]);
    expect(said[0]).not.toContain('127.0.0.1');
  });
});

describe('a sink that is no good', () => {
  const never = () => {};
  const kinds = [
    ['hangs', never],
    ['answers 500', status(500)],
    ['redirects in a circle', status(302, { location: '/x' })],
    ['never ends its answer', (response: ServerResponse) => void response.writeHead(200).write('…')],
    ['breaks the connection', (response: ServerResponse) => void response.destroy()],
  ] as const;

  test.each(kinds)('and %s changes neither the answer of a request nor how long it takes', async (_, answer) => {
    const { origin } = await postOffice(answer);
    const { client } = await troubled([webhookSink({ url: `${origin}/x` }), slackSink({ url: `${origin}/y` })]);
    const began = performance.now();
    for (let times = 0; times < 10; times += 1) expect(await ask(client, times % 2 === 0)).toBe('hello there');
    // Its own time is five seconds, and it would be tried four times.
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('and refuses connections, throws or never settles does not either', async () => {
    const bad: AlertSink[] = [
      webhookSink({ url: 'http://127.0.0.1:1/marker-hook' }),
      {
        name: 'throws',
        deliver: () => {
          throw new Error('marker-hook');
        },
      },
      { name: 'never settles', deliver: () => new Promise(never) },
    ];
    const said: string[] = [];
    const { client } = await troubled(bad, { warn: (text) => void said.push(text) });
    expect(await ask(client, false)).toBe('hello there');
    client.router.close();
    expect(await ask(client, false)).toBe('hello there');
    expect(marked(said.join())).toEqual([]);
  });
});

describe('Slack', () => {
  test('by its webhook is sent one message for each alert', async () => {
    const { posted, origin } = await postOffice(status(200));
    const { client } = await troubled([slackSink({ url: `${origin}/services/marker-hook`, source: 'shop', ...terms })]);
    await ask(client, false);
    await until(() => posted.length === 1);
    expect(posted[0]?.body).toMatchObject({
      text: expect.stringMatching(/^:large_yellow_circle: \*warning\* The breaker of seoul\/gpt-4\.1/),
      blocks: [
        { type: 'section' },
        { type: 'context', elements: [{ text: expect.stringContaining('shop · openings · seoul/gpt-4.1') }] },
      ],
    });
    expect(posted[0]?.headers.authorization).toBeUndefined();
  });

  test('by a token answers in the thread of the incident, and in the channel', async () => {
    const { posted, origin } = await postOffice((response, _posted, count) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(count === 1 ? { ok: false, error: 'ratelimited' } : { ok: true, ts: `17.${count}` }));
    });
    const sink = slackSink({
      token: 'xoxb-marker-token',
      channel: 'C1',
      url: `${origin}/api/chat.postMessage`,
      ...terms,
    });
    const judge: OwnAlertRule['judge'] = ({ name }) => ({
      state: name === 'failover' ? 'firing' : 'resolved',
      text: 'a <!channel> & b',
    });
    const rules = [{ name: 'mine', on: ['failover', 'request.succeeded'], judge }] as const;
    const { client, seoul } = await start({ router: { alerts: { sinks: [sink], rules } } });
    onTestFinished(() => client.router.close());
    seoul.fault({ kind: 'status', status: 500, times: 1 });
    await ask(client, false);
    await until(() => posted.length === 3);
    expect(posted.map(({ body }) => body.thread_ts)).toEqual([undefined, undefined, '17.2']);
    expect(posted[2]?.body).toMatchObject({ channel: 'C1', reply_broadcast: true });
    expect(posted[2]?.headers.authorization).toBe('Bearer xoxb-marker-token');
    expect(posted[2]?.body.text).toBe(':large_green_circle: *resolved* a &lt;!channel&gt; &amp; b');
  });
});

describe('the log', () => {
  test('has a line for each alert, by its severity', async () => {
    const lines: string[] = [];
    const logger = {
      error: (text: string) => void lines.push(`error ${text}`),
      warn: (text: string) => void lines.push(`warn ${text}`),
      info: (text: string) => void lines.push(`info ${text}`),
    };
    const { client } = await troubled([logSink({ logger, source: 'shop' })]);
    await ask(client, false);
    await until(() => lines.length === 1);
    expect(lines[0]).toMatch(/^warn shop: FIRING warning openings: The breaker/);
  });

  test('is the console unless somebody says otherwise', async () => {
    const said: string[] = [];
    const spy = vi.spyOn(console, 'warn').mockImplementation((text) => void said.push(String(text)));
    onTestFinished(() => spy.mockRestore());
    const { client } = await troubled([logSink()]);
    await ask(client, false);
    await until(() => said.length === 1);
    expect(said[0]).toContain('breakwater: FIRING');
  });
});

describe('what is secret', () => {
  test('is in no alert, no report, no line and no message', async () => {
    const { posted, origin } = await postOffice(status(200));
    const said: string[] = [];
    const log = (text: string) => void said.push(text);
    const { client, seoul, tokyo } = await troubled(
      [
        webhookSink({ url: `${origin}/marker-hook`, ...terms }),
        slackSink({ url: `${origin}/marker-hook`, ...terms }),
        logSink({ logger: { error: log, warn: log, info: log } }),
        webhookSink({ url: 'http://127.0.0.1:1/marker-hook', ...terms }),
      ],
      { warn: log },
    );
    const events = eventsOf(client);
    seoul.fault({ kind: 'status', status: 401, times: 1 });
    tokyo.fault({ kind: 'status', status: 402, times: 1 });
    for (let times = 0; times < 4; times += 1)
      await ask(client, times % 2 === 0, 'echo: marker-answer marker-prompt').catch(() => undefined);
    await until(() => posted.length >= 4 && said.length >= 2);
    const report = client.router.report();
    const all = [
      JSON.stringify(events.filter(({ name }) => name === 'alert')),
      JSON.stringify(report),
      String(report),
      said.join('\n'),
      JSON.stringify(posted.map(({ body }) => body)),
      JSON.stringify(client.router.stats()),
    ];
    expect(events.some(({ name }) => name === 'alert')).toBe(true);
    expect(all.map(marked)).toEqual(all.map(() => []));
  });
});

describe('options', () => {
  test('of sinks and rules are told of in one error, without what is secret', async () => {
    const sinks = [
      webhookSink({ url: 'hooks.test/marker-hook', retries: -1, headers: { a: 1 } as never }),
      slackSink({}),
      slackSink({ token: 'marker-token', url: 'marker-hook' }),
      slackSink({ token: 'marker-token' }),
      logSink({ logger: {} as never }),
      { name: 'own' } as never,
      'marker-hook' as never,
      webhookSink('https://hooks.test/marker-hook' as never),
    ];
    const error = await errorOf(
      Promise.resolve().then(
        () => new OpenAI({ apiKey: 'k', router: { alerts: { openings: { atLeast: 0 }, sinks } } }),
      ),
    );
    expect((error as OptionsError).faults).toEqual([
      'router.alerts.openings.atLeast must be a positive integer, but is 0',
      'router.alerts.sinks[0].url must be an http or https URL, but is something else, which is not shown',
      'router.alerts.sinks[0].headers.a must be a non-empty string, but is a number',
      'router.alerts.sinks[0].retries must be an integer of 0 or more, but is -1',
      'router.alerts.sinks[1] must have the url of an incoming webhook, or a token and a channel, but has neither',
      'router.alerts.sinks[2].url must be an http or https URL, but is something else, which is not shown',
      'router.alerts.sinks[3] must have both a token and a channel, or none of them: a webhook has a channel of its own',
      'router.alerts.sinks[4].logger must be a logger with error, warn and info, but is an object',
      'router.alerts.sinks[5].deliver is required',
      'router.alerts.sinks[6] must be a sink, such as webhookSink({ url }), but is something else, which is not shown',
      'router.alerts.sinks[7] must have its options as an object, but is something else, which is not shown',
    ]);
    expect(marked(`${error.message} ${error.stack}`)).toEqual([]);
  });

  // An address that was given in the wrong place was shown in the error.
  test.each([
    ['a text', 'https://hooks.test/marker-hook'],
    ['an object', { url: 'marker-hook' }],
  ])('never show an address that is given as %s in place of the list', async (_, sinks) => {
    const made = Promise.resolve().then(
      () => new OpenAI({ apiKey: 'k', router: { alerts: { sinks: sinks as never } } }),
    );
    expect((await errorOf(made)).message).toMatch(/sinks must be a list of sinks, but is something else/);
    expect(marked((await errorOf(made)).message)).toEqual([]);
  });

  test('alerts: false is no rule and no sink, and there is a report all the same', async () => {
    const { client, seoul } = await start({ router: { breaker: { failureStreak: 1 }, alerts: false } });
    const events = eventsOf(client, ['alert']);
    seoul.fault({ kind: 'status', status: 500, times: 1 });
    await ask(client, false);
    expect(events).toEqual([]);
    expect(client.router.report().openings).toHaveLength(1);
  });
});
