import { expect, test } from 'vitest';
import type { Diagnosis, EndpointReading } from '../../../packages/client/src/doctor/report.js';
import { printed } from '../../../packages/client/src/doctor/table.js';

const seoul: EndpointReading = {
  id: 'seoul',
  region: 'ap-northeast-2',
  baseURL: 'https://seoul.example.com/v1',
  connection: {
    ...{ host: 'seoul.example.com', port: 443, connectMs: 31 },
    tls: { protocol: 'TLSv1.3', daysLeft: 61, distrust: undefined },
  },
  keys: [
    { key: 'key#1', verdict: 'ok', status: 200 },
    { key: 'key#2', verdict: 'refused', status: 401 },
  ],
  models: { listed: 40, expected: ['gpt-4.1', 'gpt-4o'], missing: ['gpt-4o'] },
  latency: { requests: 4, p50Ms: 38, p95Ms: 52 },
  answer: { model: 'gpt-4.1', isGood: true, ms: 410 },
  stream: { model: 'gpt-4.1', isGood: true, ms: 520, firstTokenMs: 290 },
  limits: { requests: { limit: 500 }, tokens: { limit: 30_000 } },
};
const down: EndpointReading = {
  ...seoul,
  ...{ id: 'virginia', connection: { host: 'virginia.example.com', port: 443, fault: 'ECONNREFUSED' } },
  keys: [{ key: 'key#3', verdict: 'unknown', status: undefined }],
  models: { listed: undefined, expected: ['gpt-4.1'], missing: undefined },
  ...{ latency: undefined, answer: undefined, stream: undefined, limits: undefined },
};
const expired: EndpointReading = {
  ...{ ...down, id: 'own' },
  connection: {
    ...{ host: 'own.example.com', port: 443, connectMs: 2 },
    tls: { protocol: 'TLSv1.2', daysLeft: -3, distrust: 'CERT_HAS_EXPIRED' },
  },
};
const found: Diagnosis = {
  ...{ isWell: false, config: 'router.config.mjs', asked: true, endpoints: [seoul, down, expired] },
  problems: [
    { level: 'fix', about: 'key', endpoint: 'seoul', message: 'key#2 is refused (HTTP 401): put in another.' },
    { level: 'fix', about: 'connection', endpoint: 'virginia', message: 'nobody listens.' },
    { level: 'note', about: 'latency', endpoint: 'own', message: 'it is far away.' },
    { level: 'fix', about: 'models', message: 'gpt-5 is served by no endpoint.' },
  ],
};

test('a row for each endpoint, then what to fix and what to know', () => {
  expect(`\n${printed(found)}`).toMatchInlineSnapshot(`
    "
    router.config.mjs: 3 endpoints

    endpoint  reached       TLS                        keys                 models  p50 / p95   answer  stream  limits
    seoul     yes           1.3, 61 days               1 ok, key#2 refused  1 of 2  38 / 52 ms  410 ms  290 ms  500 requests/min, 30000 tokens/min
    virginia  ECONNREFUSED  -                          1 unknown            -       -           -       -       -
    own       yes           1.2, expired, not trusted  1 unknown            -       -           -       -       -

    To fix:
      seoul     key#2 is refused (HTTP 401): put in another.
      virginia  nobody listens.
                gpt-5 is served by no endpoint.

    To know:
      own  it is far away.

    3 things to fix.
    "
  `);
});

test('when all is well it says so, and that nobody was asked', () => {
  expect(
    `\n${printed({ ...found, isWell: true, asked: false, endpoints: [seoul], problems: [] })}`,
  ).toMatchInlineSnapshot(`
    "
    router.config.mjs: 1 endpoint

    endpoint  reached  TLS           keys                 models  p50 / p95   limits
    seoul     yes      1.3, 61 days  1 ok, key#2 refused  1 of 2  38 / 52 ms  500 requests/min, 30000 tokens/min

    All is well.

    Whether models answer and stream was not tried, because that costs money: --ask tries it.
    "
  `);
});
