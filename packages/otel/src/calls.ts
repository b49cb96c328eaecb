import { context, diag } from '@opentelemetry/api';
import type { RouterEvents } from 'breakwater';
import type { AttemptEnd, CallEnd, NotedName, OpenCall, Writer } from './call.js';
import { operationOf } from './operations.js';
import type { ResolvedOptions } from './options.js';

type Of<Name extends keyof RouterEvents> = RouterEvents[Name];

/** The calls under way, as a fold of events: bounded in number and in age, because a stream that nobody reads has no end. */
export class Calls {
  readonly #writers: readonly Writer[];
  readonly #options: Pick<ResolvedOptions, 'maxOpenCalls' | 'maxCallMs'>;
  /** By their ids, the oldest first. */
  readonly #open = new Map<string, OpenCall>();

  constructor(writers: readonly Writer[], options: Pick<ResolvedOptions, 'maxOpenCalls' | 'maxCallMs'>) {
    this.#writers = writers;
    this.#options = options;
  }

  /** How many are under way. */
  get size(): number {
    return this.#open.size;
  }

  started({ requestId: id = '', at, model, streamed, resource }: Of<'request.started'>): void {
    this.#dropOld(at);
    const call: OpenCall = {
      id,
      at,
      operation: operationOf(resource),
      model,
      streamed,
      resource,
      // An event is told within what its caller does: whatever is active here was active there.
      context: context.active(),
      open: [],
      attempts: 0,
      target: undefined,
      answeredMs: undefined,
      rerouted: false,
      isLastResort: false,
      used: undefined,
      tags: undefined,
    };
    this.#open.set(id, call);
    this.#tell((writer) => writer.callStarted(call));
  }

  attemptStarted(event: Of<'attempt.started'>): void {
    const call = this.#open.get(event.requestId ?? '');
    if (!call) return;
    const attempt = { number: event.attempt, asked: event };
    call.attempts += 1;
    call.open.push(attempt);
    call.target = event;
    this.#tell((writer) => writer.attemptStarted(call, attempt));
  }

  attemptEnded(event: AttemptEnd): void {
    const call = this.#open.get(event.requestId ?? '');
    const at = call ? call.open.findIndex(({ number }) => number === event.attempt) : -1;
    const [attempt] = call && at >= 0 ? call.open.splice(at, 1) : [];
    if (!call || !attempt) return;
    if (event.kind === undefined) call.target = event;
    call.tags = event.tags;
    addUsed(call, event);
    this.#tell((writer) => writer.attemptEnded(call, attempt, event));
  }

  /** A whole answer is the end of its call; a stream has begun, and its attempt is still open. */
  succeeded({ requestId = '', durationMs, rerouted }: Of<'request.succeeded'>): void {
    const call = this.#open.get(requestId);
    if (!call) return;
    call.answeredMs = durationMs;
    call.rerouted = rerouted;
    // Of two in a race it is not the one that was asked last.
    call.target = call.open[0]?.asked ?? call.target;
    if (call.open.length === 0) this.#end(call, { kind: 'ok', durationMs });
  }

  /** A call failed, or a stream that was handed over is over. */
  ended({ requestId = '' }: { readonly requestId?: string }, end: CallEnd): void {
    const call = this.#open.get(requestId);
    if (call) this.#end(call, end);
  }

  noted(name: NotedName, event: RouterEvents[NotedName]): void {
    const call = this.#open.get(event.requestId ?? '');
    if (call && name === 'lastresort.used') call.isLastResort = true;
    this.#tell((writer) => writer.noted(call, name, event));
  }

  /** Ends whatever is open. */
  dropAll(): void {
    for (const call of [...this.#open.values()]) this.#drop(call);
  }

  /** Without a timer: an idle process has nothing to tell. */
  #dropOld(now: number): void {
    const { maxOpenCalls, maxCallMs } = this.#options;
    for (const call of this.#open.values()) {
      if (this.#open.size < maxOpenCalls && now - call.at < maxCallMs) return;
      this.#drop(call);
    }
  }

  #drop(call: OpenCall): void {
    this.#open.delete(call.id);
    this.#tell((writer) => writer.callDropped(call));
  }

  #end(call: OpenCall, end: CallEnd): void {
    this.#open.delete(call.id);
    this.#tell((writer) => writer.callEnded(call, end));
  }

  #tell(what: (writer: Writer) => void): void {
    for (const writer of this.#writers) {
      try {
        what(writer);
      } catch (error) {
        diag.error('@breakwater/otel: a tracer or a meter threw; that changed nothing else', error);
      }
    }
  }
}

/** Adds what an attempt used to what its call did; a cost that is not known makes the sum unknown. */
function addUsed(call: OpenCall, { usage, costUSD }: AttemptEnd): void {
  if (!usage) return;
  const before = call.used;
  call.used = {
    inputTokens: (before?.inputTokens ?? 0) + usage.inputTokens,
    cachedInputTokens: (before?.cachedInputTokens ?? 0) + usage.cachedInputTokens,
    outputTokens: (before?.outputTokens ?? 0) + usage.outputTokens,
    isEstimated: before?.isEstimated === true || usage.estimated === true,
    costUSD: before && before.costUSD === undefined ? undefined : sum(before?.costUSD, costUSD),
  };
}

const sum = (before: number | undefined, more: number | undefined): number | undefined =>
  more === undefined ? undefined : (before ?? 0) + more;
