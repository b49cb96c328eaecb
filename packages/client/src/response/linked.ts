import { APIPromise, type OpenAI as Official } from 'openai';
import { takeParsed } from './buffered.js';
import { handedOn, rememberAnswer, routeOf } from './route-of.js';

type Unwrap = APIPromise<unknown>['_thenUnwrap'];
type Transform = Parameters<Unwrap>[0];
/** What the official client knows of an answer when it comes to reading it. */
type AnswerProps = Parameters<Transform>[1];
type Parse = (client: Official, props: AnswerProps) => unknown;

/** How the official promise of an answer reads it; hidden from TypeScript, and in its place in every major. */
interface Parsing {
  parseResponse: Parse;
}

const { asResponse, _thenUnwrap: officialThenUnwrap } = APIPromise.prototype;

/**
 * Ties a call's answer to the way it went, for `routeOf`, and gives those who ask for the raw response one that can be handed on. An
 * answer that the router has parsed already is not parsed again, and no clock is set for a body that is here.
 */
export function linked<Answer>(promise: APIPromise<Answer>): APIPromise<Answer> {
  const own = promise as unknown as Parsing;
  const official = own.parseResponse;
  own.parseResponse = (client, props) => parsedAnswer(client, props) ?? officialAnswer(official, client, props);
  return handingOn(promise);
}

/** The answer as the official client would have read it; undefined where that has more to do than to read. */
function parsedAnswer(client: Official, { response, options }: AnswerProps): unknown {
  if (options.__binaryResponse || options.signal?.aborted || client.logLevel === 'debug') return undefined;
  const answer = takeParsed(response);
  if (answer === undefined) return undefined;
  Object.defineProperty(answer, '_request_id', { value: response.headers.get('x-request-id'), enumerable: false });
  return link(answer, response);
}

async function officialAnswer(parse: Parse, client: Official, props: AnswerProps): Promise<unknown> {
  const { response, controller, options } = props;
  // The user's own answer may come after the time of the call is over: a stream whose signal has aborted would be an empty one.
  const isLate = options.stream && controller.signal.aborted && routeOf(response)?.lastResort;
  return link(await parse(client, isLate ? { ...props, controller: new AbortController() } : props), response);
}

function link<Answer>(answer: Answer, response: Response): Answer {
  const route = routeOf(response);
  if (route) rememberAnswer(answer, route);
  return answer;
}

function handingOn<Answer>(own: APIPromise<Answer>): APIPromise<Answer> {
  // The earlier majors look up `asResponse` for it, but the response beside the data is the one the data was read from.
  if (!Object.hasOwn(own, 'withResponse')) own.withResponse = withOwnResponse;
  own.asResponse = asHandedOn;
  own._thenUnwrap = thenUnwrap as typeof own._thenUnwrap;
  return own;
}

/** Resources make another promise where they add to an answer (`output_text`, what was parsed): that one is linked and handed on as well. */
const thenUnwrap: Unwrap = function (this: APIPromise<never>, transform) {
  const linking: typeof transform = (answer, props) => link(transform(answer, props), props.response);
  return handingOn(officialThenUnwrap.call(this, linking) as ReturnType<typeof officialThenUnwrap<never>>);
} as Unwrap;

async function asHandedOn(this: APIPromise<unknown>): Promise<Response> {
  return handedOn(await asResponse.call(this));
}

async function withOwnResponse<Answer>(this: APIPromise<Answer>) {
  const [data, response] = await Promise.all([this, asResponse.call(this)]);
  return { data, response, request_id: response.headers.get('x-request-id') };
}
