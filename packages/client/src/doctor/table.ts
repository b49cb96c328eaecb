import type { SeenLimits } from '@breakwater/core';
import type { AnswerReading, Diagnosis, EndpointReading, Problem } from './report.js';

const NOTHING = '-';

/** What was found as a person reads it: a row for each endpoint, then what to fix and what to know. */
export function printed({ config, endpoints, problems, asked }: Diagnosis): string {
  const rows = endpoints.map((endpoint) => Object.values(cellsOf(endpoint, asked)));
  const head = Object.keys(cellsOf(endpoints[0] as EndpointReading, asked));
  const fixes = problems.filter(({ level }) => level === 'fix');
  const notes = problems.filter(({ level }) => level === 'note');
  const parts = [
    `${config}: ${counted(endpoints.length, 'endpoint')}`,
    lined([head, ...rows]),
    listed('To fix', fixes),
    listed('To know', notes),
    fixes.length === 0 ? 'All is well.' : `${counted(fixes.length, 'thing')} to fix.`,
    asked ? '' : 'Whether models answer and stream was not tried, because that costs money: --ask tries it.',
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

function cellsOf(reading: EndpointReading, asked: boolean): Readonly<Record<string, string>> {
  const { id, connection, latency, answer, stream, limits } = reading;
  return {
    endpoint: id,
    // What requests came through is reached, by whatever way.
    reached: latency || connection.fault === undefined ? 'yes' : connection.fault,
    TLS: tlsOf(reading),
    keys: keysOf(reading),
    models: modelsOf(reading),
    'p50 / p95': latency ? `${latency.p50Ms} / ${latency.p95Ms} ms` : NOTHING,
    ...(asked && { answer: answerOf(answer), stream: answerOf(stream) }),
    limits: limitsOf(limits),
  };
}

function tlsOf({ connection: { tls } }: EndpointReading): string {
  if (!tls) return NOTHING;
  const { protocol, daysLeft, distrust } = tls;
  const days = daysLeft === undefined ? '' : daysLeft < 0 ? ', expired' : `, ${counted(daysLeft, 'day')}`;
  return `${protocol.replace(/^TLSv/, '')}${days}${distrust === undefined ? '' : ', not trusted'}`;
}

function keysOf({ keys }: EndpointReading): string {
  const good = keys.filter(({ verdict }) => verdict === 'ok').length;
  const bad = keys.filter(({ verdict }) => verdict === 'refused' || verdict === 'no quota');
  const unknown = keys.length - good - bad.length;
  const parts = [good > 0 ? `${good} ok` : '', ...bad.map(({ key, verdict }) => `${key} ${verdict}`)];
  if (unknown > 0) parts.push(`${unknown} unknown`);
  return parts.filter((part) => part !== '').join(', ') || NOTHING;
}

function modelsOf({ models: { listed, expected, missing } }: EndpointReading): string {
  if (listed === undefined) return NOTHING;
  if (missing === undefined || expected.length === 0) return `${listed} listed`;
  return `${expected.length - missing.length} of ${expected.length}`;
}

function answerOf(answer: AnswerReading | undefined): string {
  if (!answer) return NOTHING;
  return answer.isGood ? `${answer.firstTokenMs ?? answer.ms} ms` : 'no';
}

function limitsOf(limits: SeenLimits | undefined): string {
  const { requests, tokens, requestsPerDay, tokensPerDay } = limits ?? {};
  const told = [
    ['requests/min', requests],
    ['tokens/min', tokens],
    ['requests/day', requestsPerDay],
    ['tokens/day', tokensPerDay],
  ] as const;
  const parts = told.flatMap(([name, seen]) => (seen?.limit === undefined ? [] : [`${seen.limit} ${name}`]));
  return parts.join(', ') || NOTHING;
}

function lined(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function listed(title: string, problems: readonly Problem[]): string {
  if (problems.length === 0) return '';
  const width = Math.max(...problems.map(({ endpoint = '' }) => endpoint.length));
  const lines = problems.map(({ endpoint = '', message }) =>
    `  ${endpoint.padEnd(width)}  ${message}`.replace(/^ +$/, ''),
  );
  return [`${title}:`, ...lines].join('\n');
}
