// What watching costs, over the bare official client, in the same process and the same rounds: the router alone, with its statistics and
// one listener, and with OpenTelemetry, whose SDK records every span and metric and exports them to nobody. --quick measures fewer rounds,
// --json prints the numbers, --gate fails when a limit is missed, --only=<text> keeps the lines with that text.
import { parseArgs } from 'node:util';
import { instrument } from '@breakwater/otel';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { OpenAI } from 'breakwater';
import { OpenAI as Official } from 'openai';
import type { Candidate } from './candidates.ts';
import { type Finding, isMet } from './gates.ts';
import { CHUNKS } from './payloads.ts';
import { table } from './report.ts';
import { measure } from './rounds.ts';
import { inProcess, loopback, type World } from './worlds.ts';

const { values: flags } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: {
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    gate: { type: 'boolean' },
    only: { type: 'string' },
  },
});

/** The most CPU a watched client may take, over the official one. */
const LIMITS: Readonly<Record<string, number>> = { 'stats and a listener': 1.15, otel: 1.35 };
const REQUESTS = { 'in process': { json: 512, stream: 16 }, loopback: { json: 128, stream: 16 } } as const;

/** Hands on to nobody: what a collector costs is not the question. */
const NOWHERE: SpanExporter = {
  export: (_spans, done) => done({ code: 0 }),
  shutdown: async () => {},
};

function watch(client: OpenAI): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(NOWHERE)] });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  instrument(client, { tracerProvider, meterProvider: new MeterProvider({ readers: [reader] }) });
}

/** All with five endpoints, each on another host than the client's own: the way with the most to do. */
function candidates({ baseURLs, fetch }: World): readonly Candidate[] {
  const endpoints = baseURLs.map((baseURL, at) => ({ id: `region-${at + 1}`, baseURL, apiKey: `sk-bench-${at + 1}` }));
  const routed = () => new OpenAI({ apiKey: 'sk-bench', fetch, router: { endpoints } });
  const [heard, watched] = [routed(), routed()];
  const answered = { count: 0 };
  heard.on('request.succeeded', () => {
    answered.count += 1;
  });
  watch(watched);
  const named = (name: string, client: Official) => ({ name: name as Candidate['name'], client });
  return [
    named('official', new Official({ baseURL: baseURLs[0], apiKey: 'sk-bench', fetch })),
    named('stats and a listener', heard),
    named('otel', watched),
  ];
}

async function cpu(world: World): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const kind of ['json', 'stream'] as const) {
    const what = `${world.name}, ${kind}`;
    if (!what.includes(flags.only ?? '')) continue;
    const streamed = kind === 'stream';
    const requests = REQUESTS[world.name as keyof typeof REQUESTS][kind];
    const load = { streamed, concurrency: 16, requests, rounds: flags.quick ? 10 : 30 };
    for (const { name, micros, ratio, lower, upper } of await measure(candidates(world), load)) {
      const limit = LIMITS[name];
      findings.push({
        what: `${what}: ${name}${streamed ? ', a chunk' : ''}`,
        ...{ value: ratio, unit: '×', spread: [lower, upper], micros: streamed ? micros / CHUNKS : micros },
        ...(limit !== undefined && { limit }),
      });
    }
  }
  world.close();
  return findings;
}

const findings = [...(await cpu(inProcess())), ...(await cpu(await loopback()))];
const missed = findings.filter((finding) => !isMet(finding));
console.log(flags.json ? JSON.stringify(findings, null, 2) : table(findings));
process.exitCode = flags.gate && missed.length > 0 ? 1 : 0;
process.exit();
