import type {
  Clock,
  Endpoint,
  EndpointKey,
  Probe,
  ProbedEndpoint,
  ProbeResult,
  ResolvedHealthOptions,
} from '@breakwater/core';
import type { WireKey } from '../providers/credential.js';
import type { Primary, WireEndpoint } from '../providers/endpoint.js';
import { dress } from '../request/dress.js';
import type { Dressed } from '../request/wire.js';
import { classifyThrown } from '../response/classify.js';
import { judge } from './judge.js';
import { listModelsWire } from './list-models.js';
import { readSome } from './read-some.js';
import { Stopwatch } from './stopwatch.js';

/** What endpoints are looked at with. */
export interface ProberParts {
  readonly endpoints: ReadonlyMap<string, WireEndpoint>;
  /** The client that stands in where an endpoint has nothing of its own, as it is now. */
  readonly primary: () => Primary;
  readonly transport: (url: string, init: RequestInit) => Promise<Response>;
  readonly clock: () => Clock;
  readonly own: ResolvedHealthOptions['probe'];
}

const UNDRESSED: ProbeResult = {
  verdict: 'unsupported',
  message: 'no key is known for it before a request brings one',
};
const UNSENT: ProbeResult = { verdict: 'unclear', message: 'its request could not be made' };

/** Makes what looks at an endpoint: the user's own probe, or `GET /models` in the endpoint's own dress. */
export function proberOf(parts: ProberParts): Probe {
  const listModels = keyProberOf(parts);
  return async (endpoint, signal, key): Promise<ProbeResult> =>
    parts.own
      ? askOwn(parts.own, parts.endpoints.get(endpoint.id) as WireEndpoint, signal)
      : listModels(endpoint, signal, key);
}

/** Makes what finds out whether an endpoint takes a key: that is asked for its list of models, whatever its own probe is. */
export function keyProberOf(parts: Omit<ProberParts, 'own'>): Probe {
  return ({ id }: Endpoint, signal: AbortSignal, chosen?: EndpointKey): Promise<ProbeResult> => {
    const endpoint = parts.endpoints.get(id) as WireEndpoint;
    return listModelsAt({ endpoint, key: endpoint.keyFor(chosen) }, parts, signal);
  };
}

/** An endpoint, and which of its keys it is asked with. */
interface Place {
  readonly endpoint: WireEndpoint;
  readonly key: WireKey;
}

/** The user's own probe. How long it takes is no round trip: it may well ask for an answer of a model. */
async function askOwn(
  probe: NonNullable<ProberParts['own']>,
  { id, region, address }: WireEndpoint,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const about: ProbedEndpoint = Object.freeze({ id, region, baseURL: address?.() ?? '' });
  const answer: unknown = await probe(about, Object.freeze({ signal }));
  if (typeof answer !== 'boolean')
    return { verdict: 'unclear', message: `the probe must answer true or false, and answered ${typeof answer}` };
  return answer ? { verdict: 'good' } : { verdict: 'bad', message: 'the probe says so' };
}

async function listModelsAt(place: Place, parts: Omit<ProberParts, 'own'>, signal: AbortSignal): Promise<ProbeResult> {
  const { endpoint, key } = place;
  const dressed = await dressedFor(place, parts);
  if ('verdict' in dressed) return dressed;
  if (signal.aborted) return UNSENT;
  const clock = parts.clock();
  // Where a redirect leads to is not known, and the key must not go there.
  const init: RequestInit = { ...dressed.init, signal, redirect: 'manual' };
  const stopwatch = new Stopwatch(clock);
  let response: Response;
  try {
    response = await (endpoint.fetch ?? parts.transport)(dressed.url, init);
  } catch (thrown) {
    return { verdict: 'bad', message: classifyThrown(thrown).message };
  }
  const { ms: roundTripMs, isExact } = stopwatch.read();
  const result = judge(response, await readSome(response), clock.wall());
  if (result.verdict === 'refused') key.told('auth');
  if (result.verdict !== 'good') return result;
  key.told('ok');
  return { ...result, roundTripMs, isExact };
}

/** The request for the models of an endpoint; or why there is none, which says nothing of the endpoint. */
async function dressedFor(
  { endpoint, key }: Place,
  { primary }: Pick<ProberParts, 'primary'>,
): Promise<Dressed | ProbeResult> {
  try {
    const wire = await listModelsWire(primary(), endpoint);
    return wire ? await dress(wire, { endpoint, key, model: '*', attempt: 1 }) : UNDRESSED;
  } catch {
    // What it says is not repeated: there may be a key in it.
    return UNSENT;
  }
}
