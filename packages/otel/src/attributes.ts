// The names of attributes, by the conventions for generative AI as of v1.42 (https://github.com/open-telemetry/semantic-conventions-genai),
// all of whose `gen_ai.*` names are still in development; what they have no name for begins with `breakwater.`.

/** The operation, `chat`. */
export const OPERATION = 'gen_ai.operation.name';
/** The provider, `openai`. */
export const PROVIDER = 'gen_ai.provider.name';
/** The model that was asked for. */
export const REQUEST_MODEL = 'gen_ai.request.model';
/** Whether a stream was asked for. */
export const STREAM = 'gen_ai.request.stream';
/** The model that answered. */
export const RESPONSE_MODEL = 'gen_ai.response.model';
/** Seconds until the first content of a stream. */
export const FIRST_CHUNK = 'gen_ai.response.time_to_first_chunk';
/** Tokens in. */
export const INPUT_TOKENS = 'gen_ai.usage.input_tokens';
/** How many of them came from a cache. */
export const CACHED_TOKENS = 'gen_ai.usage.cache_read.input_tokens';
/** Tokens out. */
export const OUTPUT_TOKENS = 'gen_ai.usage.output_tokens';
/** `input` or `output`. */
export const TOKEN_TYPE = 'gen_ai.token.type';
/** The host that answered. */
export const SERVER_ADDRESS = 'server.address';
/** Its port. */
export const SERVER_PORT = 'server.port';
/** The kind of failure, of the table in docs/events.md. */
export const ERROR_TYPE = 'error.type';
/** The status of an answer. */
export const STATUS_CODE = 'http.response.status_code';

/** Everything that the conventions have no name for, without its prefix. */
type Own =
  | `usage.${'input_tokens' | 'output_tokens'}`
  | `attempt.number`
  | 'after_ms'
  | 'attempts'
  | 'client'
  | 'cost.usd'
  | 'delay_ms'
  | 'endpoint'
  | 'estimated'
  | 'form'
  | 'from'
  | 'how'
  | 'last_resort'
  | 'outcome'
  | 'reason'
  | 'region'
  | 'request.id'
  | 'rerouted'
  | 'resource'
  | 'scope'
  | 'tags'
  | 'target'
  | 'to'
  | 'unfinished';

/** The name of an attribute of our own. */
export const own = <Name extends Own>(name: Name): `breakwater.${Name}` => `breakwater.${name}`;
