import { metrics as globalMetrics, type MeterProvider, type TracerProvider, trace } from '@opentelemetry/api';
import { own } from './attributes.js';
import { NOTED, type Writer } from './call.js';
import { Calls } from './calls.js';
import { checkClient, type Instrumentable } from './client.js';
import { observe } from './gauges.js';
import { KnownNames } from './known.js';
import { Metrics } from './metrics.js';
import { once } from './once.js';
import { type InstrumentOptions, type ResolvedOptions, resolve } from './options.js';
import { Places } from './places.js';
import { Spans } from './spans.js';
import { VERSION } from './version.js';

const SCOPE = '@breakwater/otel';

/**
 * Makes OpenTelemetry spans and metrics of a client's calls from now on, by the conventions for generative AI. The answer undoes it, and
 * ends the spans that are open. Nothing of it can change what becomes of a call. A second time, with the same provider, it measures
 * nothing twice: the answer is that of the first time.
 * @throws TypeError listing everything that is wrong with the options, and for what is no client
 * @throws OptionsError for a client without a router
 */
export function instrument(client: Instrumentable, options: InstrumentOptions = {}): () => void {
  checkClient(client);
  const resolved = resolve(options);
  const tracers = options.tracerProvider ?? trace;
  const meters = options.meterProvider ?? globalMetrics;
  const providers = [...(resolved.spans ? [tracers] : []), ...(resolved.metrics ? [meters] : [])];
  return once(client.router, providers, (isFresh) =>
    measure(client, resolved, {
      tracers: resolved.spans && isFresh(tracers) ? tracers : undefined,
      meters: resolved.metrics && isFresh(meters) ? meters : undefined,
    }),
  );
}

interface Providers {
  /** Undefined where no spans are to be made. */
  readonly tracers: Pick<TracerProvider, 'getTracer'> | undefined;
  /** Undefined where no metrics are to be made. */
  readonly meters: Pick<MeterProvider, 'getMeter'> | undefined;
}

function measure(client: Instrumentable, options: ResolvedOptions, { tracers, meters }: Providers): () => void {
  const { name } = options;
  const { router } = client;
  const places = new Places(router, options.providers);
  const models = new KnownNames(options.models, options.maxModels);
  const writers: Writer[] = [];
  const undo: (() => void)[] = [];
  if (tracers) writers.push(new Spans({ tracer: tracers.getTracer(SCOPE, VERSION), places, models, options }));
  if (meters) {
    const meter = meters.getMeter(SCOPE, VERSION);
    const parts = { meter, models, common: name === undefined ? {} : { [own('client')]: name } };
    writers.push(new Metrics({ ...parts, places }));
    undo.push(observe(router, parts));
  }
  const calls = new Calls(writers, options);
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
