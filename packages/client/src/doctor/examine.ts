import type { KeyReading, SeenLimits } from '@breakwater/core';
import type { OpenAI } from 'breakwater';
import { lookAtConnection } from './connection.js';
import { isLockedOut, problemsOf } from './findings.js';
import { expectedAt, type NamedModel, type Place } from './places.js';
import { isConnectionFailure, shown } from './remedies.js';
import type { AnswerReading, EndpointReading, LatencyReading, Problem } from './report.js';
import { askForAnswer, askForStream, type Errand, listModels, type Reply } from './requests.js';
import type { Bounds } from './within.js';

/** So many cheap requests are timed, one after the other. */
const SAMPLES = 5;

/** What endpoints are examined with. */
export interface Instruments extends Bounds {
  /** A client that asks an endpoint with the key at this place among its keys. */
  readonly clientFor: (endpoint: string, key: number) => OpenAI;
  /** Every key of every endpoint, as soon as they have been tried. */
  readonly keys: Promise<readonly KeyReading[]>;
  readonly model: string | undefined;
  /** Whether a model is asked, which costs money. */
  readonly ask: boolean;
}

/** One endpoint as it was found. */
export interface Examined {
  readonly reading: EndpointReading;
  readonly problems: readonly Problem[];
  /** The ids in its list of models. */
  readonly ids: readonly string[] | undefined;
}

/** Looks at one endpoint. Never rejects. */
export async function examine(place: Place, instruments: Instruments): Promise<Examined> {
  const { clientFor, timeoutMs, signal, model, ask } = instruments;
  const [connection, allKeys] = await Promise.all([
    lookAtConnection(place.url, { timeoutMs, signal }),
    instruments.keys,
  ]);
  const keys = allKeys.filter(({ endpoint }) => endpoint === place.id).map(({ endpoint: _, ...key }) => key);
  const good = Math.max(
    0,
    keys.findIndex(({ verdict }) => verdict === 'ok'),
  );
  const errand: Errand = { client: clientFor(place.id, good), endpoint: place.id, timeoutMs, signal };
  const list = isLockedOut(keys) ? undefined : await listed(errand);
  const ids = list && 'ids' in list ? list.ids : undefined;
  const expected = expectedAt(place, model);
  const isThere = list !== undefined && !('failure' in list && isConnectionFailure(list.failure));
  const asked = ask && isThere ? await askModel(errand, expected[0]) : undefined;
  const reading: EndpointReading = {
    id: place.id,
    region: place.region,
    baseURL: shown(place.url),
    connection,
    keys,
    models: {
      listed: ids?.length,
      expected: expected.map(({ name }) => name),
      missing: missingIn(place, expected, ids),
    },
    latency: list?.times && latencyOf(list.times),
    answer: asked?.answer,
    stream: asked?.stream,
    limits: asked?.limits ?? (list && 'limits' in list ? list.limits : undefined),
  };
  const problems = problemsOf({
    ...{ place, reading, ids, timeoutMs },
    listFailure: list && 'failure' in list ? list.failure : undefined,
    answerFailure: asked?.answerFailure,
    streamFailure: asked?.streamFailure,
    lacksModel: ask && isThere && expected.length === 0,
  });
  return { reading, problems, ids };
}

type Listed = Reply<{ readonly ids: readonly string[] }> & { readonly times?: readonly number[] };

/** Asks for the list of models, and again for as long as that is quick. */
async function listed(errand: Errand): Promise<Listed> {
  const list = await listModels(errand);
  if ('failure' in list) return list;
  const times: number[] = [list.ms];
  for (let spent = list.ms; times.length < SAMPLES && spent < errand.timeoutMs / 2; ) {
    const next = await listModels(errand);
    if ('failure' in next) break;
    times.push(next.ms);
    spent += next.ms;
  }
  // The first has made the connection: with others to go by it is left out.
  return { ...list, times: times.length > 1 ? times.slice(1) : times };
}

function latencyOf(times: readonly number[]): LatencyReading {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
  return { requests: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95) };
}

function missingIn(
  { listsOthers }: Place,
  expected: readonly NamedModel[],
  ids: readonly string[] | undefined,
): readonly string[] | undefined {
  if (ids === undefined || listsOthers) return undefined;
  return expected.map(({ name }) => name).filter((name) => !ids.includes(name));
}

async function askModel(errand: Errand, named: NamedModel | undefined) {
  if (!named) return undefined;
  const answer = await askForAnswer(errand, named.model);
  const stream = await askForStream(errand, named.model);
  return {
    answer: readingOf(named, answer),
    stream: readingOf(named, stream),
    answerFailure: 'failure' in answer ? answer.failure : undefined,
    streamFailure: 'failure' in stream ? stream.failure : undefined,
    limits: limitsOf(answer) ?? limitsOf(stream),
  };
}

const limitsOf = (reply: object): SeenLimits | undefined => (reply as { readonly limits?: SeenLimits }).limits;

function readingOf(
  { name }: NamedModel,
  reply: Reply<{ readonly text: string; readonly firstTokenMs?: number | undefined }>,
): AnswerReading {
  if ('failure' in reply) return { model: name, isGood: false, ms: 0 };
  return { model: name, isGood: reply.text.trim() !== '', ms: reply.ms, firstTokenMs: reply.firstTokenMs };
}
