import { check, durationText, type KeyReading } from '@breakwater/core';
import type { RequestFailure } from './failure.js';
import type { Place } from './places.js';
import { isConnectionFailure, listRemedy, type Symptoms } from './remedies.js';
import type { About, EndpointReading, Problem } from './report.js';

/** A certificate that is good for so few days is told. */
const SOON_DAYS = 7;
/** Lists of models that take longer come from far away, in milliseconds. */
const SLOW_MS = 1_000;
const MOST_NAMED = 3;

/** What there is to say of one endpoint besides its reading. */
export interface Circumstances extends Omit<Symptoms, 'failure' | 'connection'> {
  readonly place: Place;
  readonly reading: EndpointReading;
  /** Why there is no list of models; undefined when there is one, or nobody asked. */
  readonly listFailure: RequestFailure | undefined;
  /** The ids in the list of models. */
  readonly ids: readonly string[] | undefined;
  /** Why the model that was asked gave no answer, and no stream. */
  readonly answerFailure: RequestFailure | undefined;
  readonly streamFailure: RequestFailure | undefined;
  /** Whether there was no model to ask. */
  readonly lacksModel: boolean;
}

/** Everything that is to be fixed, or known, about an endpoint. */
export function problemsOf(about: Circumstances): Problem[] {
  const found = [
    ...ofKeys(about),
    ...ofList(about),
    ...ofTls(about),
    ...ofModels(about),
    ...ofLatency(about),
    ...ofAnswers(about),
  ];
  return found.map((problem) => ({ ...problem, endpoint: about.place.id }));
}

const fix = (about: About, message: string): Problem => ({ level: 'fix', about, message });
const note = (about: About, message: string): Problem => ({ level: 'note', about, message });

/** Whether no key of an endpoint is taken. */
export const isLockedOut = (keys: readonly Pick<KeyReading, 'verdict'>[]): boolean =>
  keys.length > 0 && keys.every(({ verdict }) => verdict === 'refused');

function ofKeys({ reading: { keys } }: Circumstances): Problem[] {
  return keys.flatMap(({ key, verdict, status }, index) => {
    const http = status === undefined ? '' : ` (HTTP ${status})`;
    const which = keys.length > 1 ? `${key}, number ${index + 1} of its ${keys.length} keys,` : key;
    if (verdict === 'refused') return [fix('key', `${which} is refused${http}: put in a key that is valid there.`)];
    if (verdict === 'no quota')
      return [fix('key', `${which} has no quota left${http}: raise the limit of its account, or pay.`)];
    return [];
  });
}

function ofList({ place, reading, listFailure, timeoutMs }: Circumstances): Problem[] {
  if (!listFailure) return [];
  const { about, message } = listRemedy({ place, connection: reading.connection, failure: listFailure, timeoutMs });
  // The key has been told of by name.
  if (about === 'key' && reading.keys.some(({ verdict }) => verdict === 'refused' || verdict === 'no quota')) return [];
  // Not everybody who answers questions lists models.
  if (about === 'models' && reading.answer?.isGood) return [note(about, message)];
  return [{ level: listFailure.status === 429 ? 'note' : 'fix', about, message }];
}

function ofTls({ reading: { connection, latency }, listFailure }: Circumstances): Problem[] {
  const { tls, fault } = connection;
  if (fault !== undefined && latency)
    return [
      note(
        'connection',
        `it is reached through a proxy or a fetch of your own alone (${fault} without): its TLS was not looked at.`,
      ),
    ];
  const found: Problem[] = [];
  if (tls?.distrust !== undefined && (latency || !(listFailure && isConnectionFailure(listFailure))))
    found.push(note('tls', `its certificate is trusted by your own fetch, and not by Node (${tls.distrust}).`));
  if (tls?.daysLeft !== undefined && tls.daysLeft >= 0 && tls.daysLeft < SOON_DAYS)
    found.push(fix('tls', `its certificate expires in ${tls.daysLeft} days: have it renewed.`));
  return found;
}

function ofModels({ place, reading: { models }, ids = [] }: Circumstances): Problem[] {
  const { expected, missing = [] } = models;
  if (place.listsOthers && expected.length > 0)
    return [note('models', 'Azure lists models, and not its deployments: --ask shows whether those answer.')];
  return missing.map((name) => {
    const remedy = "correct the endpoint's models, or have it enabled there";
    return fix('models', `${name} is not among its models (${insteadOf(name, ids)}): ${remedy}.`);
  });
}

function insteadOf(name: string, ids: readonly string[]): string {
  const near = check.nearestName(name, ids);
  if (near !== undefined) return `did you mean ${near}?`;
  if (ids.length === 0) return 'its list is empty';
  return `it lists ${ids.slice(0, MOST_NAMED).join(', ')}${ids.length > MOST_NAMED ? ' and more' : ''}`;
}

function ofLatency({ reading: { latency } }: Circumstances): Problem[] {
  if (!latency || latency.p95Ms <= SLOW_MS) return [];
  return [
    note('latency', `it takes ${durationText(latency.p95Ms)} for its list of models: is there a region nearer to you?`),
  ];
}

function ofAnswers({
  reading: { answer, stream },
  answerFailure,
  streamFailure,
  lacksModel,
}: Circumstances): Problem[] {
  if (lacksModel) return [note('answer', 'it names no models, so nobody was asked: name one by --model.')];
  const found: Problem[] = [];
  if (answer && !answer.isGood)
    found.push(fix('answer', `${answer.model} does not answer${inBrackets(answerFailure)}: ${helpFor(answerFailure)}`));
  if (stream && !stream.isGood && answer?.isGood)
    found.push(
      fix(
        'stream',
        `${stream.model} answers, but does not stream${inBrackets(streamFailure)}: ${helpFor(streamFailure)}`,
      ),
    );
  return found;
}

function inBrackets(failure: RequestFailure | undefined): string {
  if (!failure) return ' (an empty text)';
  const { kind, status } = failure;
  return ` (${kind}${status === undefined ? '' : `, HTTP ${status}`})`;
}

function helpFor(failure: RequestFailure | undefined): string {
  switch (failure?.kind) {
    case 'late':
      return 'allow more time by --timeout, or choose a faster model.';
    case 'not_found':
      return 'check the name of the model or deployment.';
    case 'quota':
      return 'raise the limit of its account, or pay.';
    case 'auth':
      return 'its key may not use that model.';
    default:
      return 'see what its provider says of such a request.';
  }
}
