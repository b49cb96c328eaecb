import { expect, test } from 'vitest';
import { type Circumstances, problemsOf } from '../../../packages/client/src/doctor/findings.js';
import type { ConnectionReading, EndpointReading } from '../../../packages/client/src/doctor/report.js';

const latency = { requests: 4, p50Ms: 20, p95Ms: 30 };
const tls = { protocol: 'TLSv1.3', daysLeft: 60, distrust: undefined };

/** What is said of an endpoint that is well but for this. */
function saidOf(connection: Partial<ConnectionReading>, more: Partial<EndpointReading> = {}): readonly string[] {
  const about: Circumstances = {
    place: { id: 'own', region: undefined, url: new URL('https://own.test/v1'), models: undefined, listsOthers: false },
    reading: {
      ...{ id: 'own', region: undefined, baseURL: 'https://own.test/v1', keys: [], latency },
      connection: { host: 'own.test', port: 443, tls, ...connection },
      models: { listed: 3, expected: [], missing: [] },
      ...{ answer: undefined, stream: undefined, limits: undefined },
      ...more,
    },
    ...{ timeoutMs: 1000, ids: [], lacksModel: false },
    ...{ listFailure: undefined, answerFailure: undefined, streamFailure: undefined },
  };
  return problemsOf(about).map(({ level, message }) => `${level} ${message}`);
}

test('a certificate is told when it is good for less than a week', () => {
  expect(saidOf({ tls: { ...tls, daysLeft: 7 } })).toEqual([]);
  expect(saidOf({ tls: { ...tls, daysLeft: 6 } })).toEqual(['fix its certificate expires in 6 days: have it renewed.']);
});

// Behind a proxy nothing is reached straight away, and every endpoint was told to be down.
test('an endpoint that answers by another way than a straight one is well', () => {
  expect(saidOf({ fault: 'ENOTFOUND', tls: undefined })).toEqual([
    'note it is reached through a proxy or a fetch of your own alone (ENOTFOUND without): its TLS was not looked at.',
  ]);
  expect(saidOf({ tls: { ...tls, distrust: 'SELF_SIGNED_CERT_IN_CHAIN' } })).toEqual([
    'note its certificate is trusted by your own fetch, and not by Node (SELF_SIGNED_CERT_IN_CHAIN).',
  ]);
});

test('a key without quota is to be fixed', () => {
  expect(saidOf({}, { keys: [{ key: 'key#1', verdict: 'no quota', status: 429 }] })).toEqual([
    'fix key#1 has no quota left (HTTP 429): raise the limit of its account, or pay.',
  ]);
});
