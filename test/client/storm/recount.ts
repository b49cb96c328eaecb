import type { LogEntry } from '@breakwater/simulator';
import type { FailureKind, GroupStats, RouterEvents } from 'breakwater';
import { CANNED, type Caller, FIRST_REGION, type Played, PRICES } from './storm.ts';
import type { Sent } from './witness.ts';

/** How an attempt ended, as `stats()` calls it. */
export type Kind = FailureKind | 'ok';

const BY_STATUS: Readonly<Record<number, Kind>> = {
  400: 'caller_error',
  401: 'auth',
  402: 'quota',
  403: 'not_served',
  404: 'not_served',
  408: 'request_timeout',
  409: 'conflict',
  422: 'caller_error',
  500: 'server_error',
  502: 'server_error',
  503: 'overloaded',
  529: 'overloaded',
};

/** After these nobody else is asked: the other one of a hedged call is taken back. */
const FINAL: readonly Kind[] = ['ok', 'caller_error', 'content_policy', 'context_window', 'stream_error_late'];

/** An attempt with what the simulator's log says of it. */
export interface Attempt {
  readonly sent: Sent;
  readonly entry: LogEntry | undefined;
  /** Every end that fits what was on the wire; one, as a rule. */
  readonly possible: readonly Kind[];
  kind: Kind;
}

/** Everything counted anew, from the simulator's log, from what passed below the client, and from what callers saw. */
export class StormRecount {
  readonly attempts: readonly Attempt[];
  /** How many ends the wire alone could not tell, so that the caller's route did. */
  readonly undecided: number;
  /** What cannot be: an end that does not fit what was on the wire, an entry of the log that nobody sent. */
  readonly oddities: string[] = [];
  readonly #played: Played;
  readonly #byCaller = new Map<string, Attempt[]>();

  constructor(played: Played) {
    this.#played = played;
    const entries = new Map(played.simulator.log.map((entry) => [Number(entry.headers['x-sent']), entry]));
    this.attempts = played.sent.map((sent) => {
      const entry = entries.get(sent.number);
      entries.delete(sent.number);
      return { sent, entry, possible: [], kind: 'ok' };
    });
    for (const entry of entries.values()) this.oddities.push(`nobody sent ${entry.number}`);
    for (const attempt of this.attempts) {
      const { caller } = attempt.sent;
      this.#byCaller.set(caller, [...(this.#byCaller.get(caller) ?? []), attempt]);
    }
    this.undecided = played.callers.reduce((sum, caller) => sum + this.#decide(caller), 0);
  }

  /** Finds out how each attempt of a call ended; answers how many of them its route had to tell. */
  #decide(caller: Caller): number {
    const mine = this.#byCaller.get(caller.id) ?? [];
    let undecided = 0;
    const records = [...(caller.route?.attempts ?? [])];
    for (const [index, attempt] of mine.entries()) {
      const possible = possibleEnds(attempt, { caller, mine, index });
      (attempt as { possible: readonly Kind[] }).possible = possible;
      const at = records.findIndex(({ target }) => target === targetOf(attempt));
      const [record] = at < 0 ? [] : records.splice(at, 1);
      if (possible.length === 1) attempt.kind = possible[0] as Kind;
      else {
        undecided += 1;
        attempt.kind = record?.kind ?? (possible[0] as Kind);
      }
      if (!possible.includes(attempt.kind))
        this.oddities.push(`${describe(attempt)} cannot be ${attempt.kind}, but ${possible.join(' or ')}`);
      if (record && record.kind !== attempt.kind && !isLeft(caller))
        this.oddities.push(`${describe(attempt)} is ${record.kind} for its caller, but ${attempt.kind} on the wire`);
    }
    return undecided;
  }

  of(wants: (attempt: Attempt) => boolean): Attempt[] {
    return this.attempts.filter(wants);
  }

  /** The counts of the attempts that are wanted. */
  group(wants: (target: string) => boolean): GroupStats {
    const mine = this.of((attempt) => wants(targetOf(attempt)));
    const count = (is: (attempt: Attempt) => boolean) => mine.filter(is).length;
    const failed = mine.filter(({ kind }) => kind !== 'ok' && kind !== 'caller_abort');
    const moves = this.moves();
    const rescues = this.rescues();
    const broken = mine.filter(({ kind }) => kind === 'stream_error_late');
    return {
      attempts: mine.length,
      succeeded: count(({ kind }) => kind === 'ok'),
      failed: failed.length,
      abandoned: count(({ kind }) => kind === 'caller_abort'),
      inFlight: 0,
      failedBy: byKind(failed),
      retries: moves.filter(({ from, to }) => from === to && wants(to)).length,
      failovers: {
        from: moves.filter(({ from, to }) => from !== to && wants(from)).length,
        to: moves.filter(({ from, to }) => from !== to && wants(to)).length,
      },
      streams: {
        committed: count(isCommitted),
        broken: broken.length,
        stalled: broken.filter(({ entry }) => entry?.fault === 'stall').length,
        rescuedFrom: rescues.filter(({ from }) => wants(from)).length,
        rescuedTo: rescues.filter(({ to }) => wants(to)).length,
      },
      spent: spentOn(mine),
    };
  }

  /** Where calls went on, by the order in which their attempts were sent. */
  moves(): { from: string; to: string }[] {
    const told = new Set(
      this.#played.events
        .filter(({ name }) => name === 'failover' || name === 'retry')
        .map(({ event }) => keyOf(event as RouterEvents['failover'])),
    );
    return [...this.#byCaller.values()].flatMap((mine) =>
      mine.flatMap((attempt, index) => {
        // A second one beside the first is a hedge, and no move.
        if (index === 0 || attempt.sent.beside > 0) return [];
        // The one that lost a race is taken back, and nothing is learned from it.
        const before = mine.slice(0, index).filter(({ kind }) => kind !== 'caller_abort');
        if (before.length === 0) return [];
        const last = before.reduce((one, other) => (other.sent.settledAt >= one.sent.settledAt ? other : one));
        // Who goes on with a stream that broke off begins anew.
        if (before.at(-1)?.kind === 'stream_error_late') return [];
        // Of those who are asked to go on after one who could not, the wire does not tell whether they are asked once more from the beginning.
        const isRescue = before.some(({ kind }) => kind === 'stream_error_late');
        if (isRescue && !told.has(keyOf(attempt.sent.started))) return [];
        return [{ from: targetOf(last), to: targetOf(attempt) }];
      }),
    );
  }

  /** Streams that broke off and went on: somebody's first content came after the break. */
  rescues(): { from: string; to: string }[] {
    return [...this.#byCaller.values()].flatMap((mine) =>
      mine.flatMap((attempt, index) => {
        if (attempt.kind !== 'stream_error_late') return [];
        const next = mine.slice(index + 1).find(isCommitted);
        return next ? [{ from: targetOf(attempt), to: targetOf(next) }] : [];
      }),
    );
  }

  /** The calls of the callers that are wanted. */
  requests(wants: (caller: Caller) => boolean) {
    const mine = this.#played.callers.filter(wants);
    const answered = mine.filter(({ isAnswered }) => isAnswered);
    const failed = mine.filter(({ isAnswered }) => !isAnswered);
    const rerouted = answered.filter((caller) => this.#isRerouted(caller)).length;
    return {
      started: mine.length,
      succeeded: answered.length,
      failed: failed.length,
      inFlight: 0,
      failedBy: byKind(failed.map((caller) => ({ kind: this.#kindShown(caller) }))),
      rerouted,
      fallbackRate: answered.length === 0 ? 0 : rerouted / answered.length,
      lastResorts: answered.filter(({ text }) => text === CANNED).length,
    };
  }

  /** By the order of endpoints the first choice is the first region with the model that was asked for. */
  #isRerouted({ id, model, text }: Caller): boolean {
    const first = (this.#byCaller.get(id) ?? []).find((attempt) => attempt.kind === 'ok' || isCommitted(attempt));
    return text === CANNED || !first || targetOf(first) !== `${FIRST_REGION}/${model}`;
  }

  /** What a call failed with, by the error that its caller was given. */
  #kindShown({ id, hasLeft, error }: Caller): Kind {
    const { code, status, name } = error as { code?: string; status?: number; name?: string };
    if (hasLeft) return 'caller_abort';
    if (code === 'BREAKWATER_NO_TARGET') return 'no_target';
    if (code === 'BREAKWATER_ATTEMPT_TIMEOUT') return 'attempt_timeout';
    if (status === 429) return code === 'insufficient_quota' ? 'quota' : 'rate_limit';
    if (code === 'context_length_exceeded') return 'context_window';
    if (code === 'content_filter') return 'content_policy';
    if (status !== undefined) return BY_STATUS[status] ?? 'malformed';
    if (JSON.stringify(causesOf(error)).includes('ECONNREFUSED')) return 'connect';
    if (error instanceof Error && error.message.includes('HTTP 200 with')) return 'malformed';
    // Without a status the error says no more than that nothing came of it: then it is one of the ends on the wire.
    const ends = (this.#byCaller.get(id) ?? []).map(({ kind }) => kind);
    const first = ends.find((kind) => kind !== 'attempt_timeout') ?? ends[0];
    if (!first) this.oddities.push(`${id} was shown ${name} ${code}, and nobody was asked`);
    return first ?? 'no_target';
  }
}

const targetOf = ({ sent }: Attempt): string => `${sent.region}/${sent.model}`;
const isLeft = (caller: Caller): boolean => caller.hasLeft;
const keyOf = ({ requestId, attempt }: { requestId?: string; attempt: number }): string => `${requestId} ${attempt}`;
const isCommitted = ({ sent, kind }: Attempt): boolean =>
  sent.streamed && (kind === 'ok' || kind === 'stream_error_late');

function causesOf(error: unknown): unknown[] {
  const codes: unknown[] = [];
  for (let one = error; one instanceof Error; one = one.cause) codes.push((one as { code?: unknown }).code);
  return codes;
}

function describe({ sent, entry }: Attempt): string {
  const { number, caller, region, streamed, abortedBy, code } = sent;
  return `${number} of ${caller} at ${region} (${streamed ? 'stream' : 'whole'}, ${entry?.fault}, ${entry?.status}, ${entry?.ending}, ${abortedBy ?? 'not aborted'}, ${code ?? 'no code'})`;
}

/** How an attempt may have ended, by what the simulator did to it and who took it back. */
function possibleEnds(
  { sent, entry }: Attempt,
  { caller, mine, index }: { caller: Caller; mine: readonly Attempt[]; index: number },
): readonly Kind[] {
  if (sent.abortedBy === 'caller') {
    // Behind its first content a stream that is left was answered; it may have broken off just before.
    return caller.hasLeftEarly || !sent.streamed ? ['caller_abort'] : ['ok', 'caller_abort', 'stream_error_late'];
  }
  const done = doneTo(sent, entry);
  // Whoever goes on with a stream is let go of when it has been read.
  const isRescue = mine.slice(0, index).some(({ kind }) => kind === 'stream_error_late');
  if (sent.abortedBy === undefined || (isRescue && sent.wasWhole)) {
    // What is left at a chunk may have been broken already, further on.
    // Who left before anything was handed over was shown nothing of it.
    if (caller.hasLeftEarly)
      return done.filter((kind) => kind !== 'stream_error_late' && (kind !== 'ok' || done.length === 1));
    return sent.streamed && caller.hasLeft && done.includes('stream_error_late') ? ['ok', ...done] : done;
  }
  // The client took it back: because it was too slow, or because the other of a hedged call was faster.
  const hedge = mine[index + 1];
  const isPrimary = hedge !== undefined && hedge.sent.beside > 0;
  if (isPrimary) {
    const isOvertakenByMistake =
      hedge.kind !== 'ok' && FINAL.includes(hedge.kind) && hedge.sent.abortedBy === undefined;
    return doneTo(hedge.sent, hedge.entry).some((kind) => kind !== 'ok' && FINAL.includes(kind)) || isOvertakenByMistake
      ? ['attempt_timeout', 'caller_abort']
      : ['attempt_timeout'];
  }
  const primary = sent.beside > 0 ? mine[index - 1] : undefined;
  if (!primary) return ['attempt_timeout'];
  return FINAL.includes(primary.kind) ? ['caller_abort'] : ['attempt_timeout'];
}

/** What an attempt that nobody took back came to. */
function doneTo({ streamed, code }: Sent, entry: LogEntry | undefined): readonly Kind[] {
  if (code === 'ECONNREFUSED') return ['connect'];
  if (!entry) return ['reset'];
  const late: readonly Kind[] = ['stream_error_early', 'stream_error_late'];
  switch (entry.fault) {
    case 'refuse':
      return streamed ? ['reset', ...late] : ['reset'];
    case 'reset':
      return ['reset'];
    case 'status':
      return [BY_STATUS[entry.status ?? 0] ?? 'malformed'];
    case 'rate-limit':
      return ['rate_limit'];
    case 'unauthorized':
      return ['auth'];
    case 'quota':
      return ['quota'];
    case 'context-length':
      return ['context_window'];
    case 'content-filter':
      return ['content_policy'];
    case 'cut':
      return streamed ? late : ['reset', 'malformed'];
    case 'stall':
      return streamed ? ['stream_error_late'] : ['attempt_timeout'];
    case 'malformed-event':
      // Behind the first content it is left out of the stream, and nothing has happened.
      return streamed ? ['malformed', 'ok'] : ['malformed'];
    case 'html':
    case 'empty':
    case 'no-choices':
      return ['malformed'];
    case 'stream-error':
      // The code that it names says no more than that something went wrong.
      return streamed ? late : ['malformed'];
    default:
      return ['ok'];
  }
}

function spentOn(attempts: readonly Attempt[]): GroupStats['spent'] {
  const used = attempts.filter(({ kind, sent }) => kind === 'ok' && sent.usage !== undefined);
  const inputs = used.reduce((sum, { sent }) => sum + (sent.usage?.prompt_tokens ?? 0), 0);
  const outputs = used.reduce((sum, { sent }) => sum + (sent.usage?.completion_tokens ?? 0), 0);
  const dollars = used.reduce((sum, { sent }) => {
    const { inputPerMillionUSD, outputPerMillionUSD } = PRICES[sent.model as keyof typeof PRICES];
    const { prompt_tokens = 0, completion_tokens = 0 } = sent.usage ?? {};
    return sum + (prompt_tokens * inputPerMillionUSD + completion_tokens * outputPerMillionUSD) / 1e6;
  }, 0);
  return {
    ...{ inputTokens: inputs, cachedInputTokens: 0, outputTokens: outputs },
    ...{ costUSD: Math.round(dollars * 1e9) / 1e9, unpriced: 0, estimated: 0 },
  };
}

function byKind(ends: readonly { readonly kind: Kind }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of ends) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
