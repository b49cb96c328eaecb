import { metrics as globalMetrics, trace } from '@opentelemetry/api';
import type { OpenAI } from 'breakwater';
import { own } from './attributes.js';
import { NOTED, type Writer } from './call.js';
import { Calls } from './calls.js';
import { observe } from './gauges.js';
import { KnownNames } from './known.js';
import { Metrics } from './metrics.js';
import { type InstrumentOptions, resolve } from './options.js';
import { Places } from './places.js';
import { Spans } from './spans.js';
import { VERSION } from './version.js';

/** What can be instrumented: a client with a router, or a `fetch` of `createFetch`. */
export type Instrumentable = Pick<OpenAI, 'on' | 'router'>;

const SCOPE = '@breakwater/otel';

/**
 * Makes OpenTelemetry spans and metrics of a client's calls from now on, by the conventions for generative AI. The answer undoes it, and
 * ends the spans that are open. Nothing of it can change what becomes of a call.
 * @throws TypeError listing everything that is wrong with the options
 * @throws OptionsError for a client without a router
 */
export function instrument(client: Instrumentable, options: InstrumentOptions = {}): () => void {
  const resolved = resolve(options);
  const { name } = resolved;
  const { router } = client;
  const places = new Places(router, resolved.providers);
  const models = new KnownNames(resolved.models, resolved.maxModels);
  const writers: Writer[] = [];
  const undo: (() => void)[] = [];
  if (resolved.spans) {
    const tracer = (options.tracerProvider ?? trace).getTracer(SCOPE, VERSION);
    writers.push(new Spans({ tracer, places, models, options: resolved }));
  }
  if (resolved.metrics) {
    const meter = (options.meterProvider ?? globalMetrics).getMeter(SCOPE, VERSION);
    const parts = { meter, models, common: name === undefined ? {} : { [own('client')]: name } };
    writers.push(new Metrics({ ...parts, places }));
    undo.push(observe(router, parts));
  }
  const calls = new Calls(writers, resolved);
  undo.push(...listen(client, calls));
  return () => {
    for (const one of undo.splice(0)) one();
    calls.dropAll();
  };
}

function listen(client: Instrumentable, calls: Calls): (() => void)[] {
  return [
    client.on('request.started', (event) => calls.started(event)),
    client.on('request.succeeded', (event) => calls.succeeded(event)),
    client.on('request.failed', (event) => calls.ended(event, event)),
    client.on('stream.ended', (event) => calls.ended(event, event)),
    client.on('attempt.started', (event) => calls.attemptStarted(event)),
    client.on('attempt.succeeded', (event) => calls.attemptEnded(event)),
    client.on('attempt.failed', (event) => calls.attemptEnded(event)),
    client.on('attempt.abandoned', (event) => calls.attemptEnded(event)),
    ...NOTED.map((name) => client.on(name, (event) => calls.noted(name, event))),
  ];
}
