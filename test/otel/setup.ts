import { type Instrumentable, type InstrumentOptions, instrument } from '@breakwater/otel';
import { context, type HrTime, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { onTestFinished } from 'vitest';

/** A client that is watched, and all that was told of it; ends with the test. */
export function watched(client: Instrumentable, options: InstrumentOptions = {}) {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 60_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const providers = { tracerProvider, meterProvider };
  const undo = instrument(client, { ...providers, ...options });
  onTestFinished(async () => {
    undo();
    await meterProvider.shutdown();
    context.disable();
  });
  const spans = () => exporter.getFinishedSpans();
  const points = async () => {
    metricExporter.reset();
    await meterProvider.forceFlush();
    const [latest] = metricExporter.getMetrics().slice(-1);
    return (latest?.scopeMetrics ?? []).flatMap(({ metrics }) =>
      metrics.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value })),
      ),
    );
  };
  return { undo, spans, points, providers, tracer: tracerProvider.getTracer('test'), tree: () => treeOf(spans()) };
}

type Point = Awaited<ReturnType<ReturnType<typeof watched>['points']>>[number];

/** Points by name, each with its attributes and its value; of a histogram how many there were, and their sum. */
export function told(
  points: readonly Point[],
  name: string,
): readonly (readonly [attributes: object, value: unknown])[] {
  return points.filter((point) => point.name === name).map(({ attributes, value }) => [attributes, value]);
}

/** Spans as an indented tree, in the order in which they began: what they are called, how they ended, and what happened within. */
export function treeOf(spans: readonly ReadableSpan[]): readonly string[] {
  const ids = new Set(spans.map((span) => span.spanContext().spanId));
  const below = (parent: string | undefined, depth: number): string[] =>
    spans
      .filter(({ parentSpanContext: { spanId } = { spanId: '' } }) => (ids.has(spanId) ? spanId : undefined) === parent)
      .sort((one, other) => millisOf(one.startTime) - millisOf(other.startTime))
      .flatMap((span) => [`${'  '.repeat(depth)}${lineOf(span)}`, ...below(span.spanContext().spanId, depth + 1)]);
  return below(undefined, 0);
}

function lineOf({ name, kind, status, attributes, events }: ReadableSpan): string {
  const happened = events.map(({ name: event }) => event.replace('breakwater.', '')).join(', ');
  const failed = attributes['error.type'] === undefined ? '' : ` !${attributes['error.type']}`;
  const code = status.code === SpanStatusCode.ERROR ? ' ERROR' : '';
  const unfinished = attributes['breakwater.unfinished'] ? ' unfinished' : '';
  return `${name} ${SpanKind[kind]}${failed}${code}${unfinished}${happened && ` [${happened}]`}`;
}

/** A time of a span, in milliseconds. */
export const millisOf = ([seconds, nanos]: HrTime): number => seconds * 1000 + nanos / 1e6;

/** Runs something within a span, as a server's handler does. */
export async function within<Result>(
  tracer: ReturnType<typeof trace.getTracer>,
  run: () => Promise<Result>,
): Promise<Result> {
  const span = tracer.startSpan('caller');
  try {
    return await context.with(trace.setSpan(context.active(), span), run);
  } finally {
    span.end();
  }
}
