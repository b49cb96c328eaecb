/** What the official client knows of a request when it hands it to `fetch`. */
export interface RequestFacts {
  readonly method: string;
  /** As the resource named it: `/chat/completions`. */
  readonly path: string;
  /** The params before they were turned to text; undefined where there are none, or they are unknown. */
  readonly body: unknown;
  readonly stream?: boolean | null | undefined;
}

/** What routing needs to know of a request. */
export interface Reading {
  readonly resource: Resource | undefined;
  readonly model: string | undefined;
  readonly streamed: boolean;
  /** Whether its stream is to tell at its end what it used. */
  readonly asksUsage: boolean;
  /** How many choices the answer is to have. */
  readonly choices: number;
  /** Whether another server can answer it as well as the first. */
  readonly movable: boolean;
  /** Whether its body can be sent twice. */
  readonly repeatable: boolean;
}

/** A request as functions of the user see it. */
export interface RequestView {
  /** Such as `chat.completions`; undefined for what has no name here. */
  readonly resource: Resource | undefined;
  readonly model: string | undefined;
  readonly streamed: boolean;
  /** The params as the caller gave them. */
  readonly params: unknown;
}

/** The resources that keep nothing on the server, and so may be asked anywhere. */
export type Resource =
  | 'chat.completions'
  | 'responses'
  | 'completions'
  | 'embeddings'
  | 'moderations'
  | 'images'
  | 'audio.speech'
  | 'audio.text';

const RESOURCES: ReadonlyMap<string, Resource> = new Map([
  ['/chat/completions', 'chat.completions'],
  ['/responses', 'responses'],
  ['/completions', 'completions'],
  ['/embeddings', 'embeddings'],
  ['/moderations', 'moderations'],
  ['/images/generations', 'images'],
  ['/images/edits', 'images'],
  ['/images/variations', 'images'],
  ['/audio/speech', 'audio.speech'],
  ['/audio/transcriptions', 'audio.text'],
  ['/audio/translations', 'audio.text'],
]);

/** The resources whose answer is text that another model can write as well. */
const TEXT: ReadonlySet<Resource | undefined> = new Set(['chat.completions', 'responses', 'completions'] as const);

/** The names of all resources. */
export const RESOURCE_NAMES: readonly Resource[] = [...new Set(RESOURCES.values())];

/** Whether a list of models for everything (`fallbacks: ['…']`) is meant for this resource: vectors of another model are nonsense. */
export const isText = (resource: Resource | undefined): boolean => TEXT.has(resource);

/** Names of params that point at something kept on one server. */
const STATEFUL = ['previous_response_id', 'conversation', 'prompt'] as const;
const STATEFUL_TEXT = {
  responses: ['"file_id":"', '"file_ids":["', '"vector_store_ids":["', '"container":"', '"type":"item_reference"'],
  'chat.completions': ['"file_id":"', '"audio":{"id":"'],
  images: ['"file_id":"'],
} as const;

/** Reads a request. `sent` is the body as it goes on the wire. */
export function readRequest({ method, path, body, stream }: RequestFacts, sent: unknown): Reading {
  return readAs(method.toLowerCase() === 'post' ? RESOURCES.get(path) : undefined, { body, stream }, sent);
}

/** The same for what is known to be of a resource; undefined for one that is kept on a server. */
export function readAs(
  resource: Resource | undefined,
  { body, stream }: Pick<RequestFacts, 'body' | 'stream'>,
  sent: unknown,
): Reading {
  const param = (name: string): unknown => paramOf(body, name);
  const model = param('model');
  const n = param('n');
  const streamed = stream === true || param('stream') === true || (isForm(body) && param('stream') === 'true');
  return {
    resource,
    model: typeof model === 'string' && model !== '' ? model : undefined,
    streamed,
    asksUsage: streamed && asksUsage(param('stream_options')),
    choices: (Number.isSafeInteger(n) ? (n as number) : 1) * promptsIn(resource, param),
    movable: resource !== undefined && !hasState(resource, param, sent),
    repeatable: isRepeatable(sent),
  };
}

function hasState(resource: Resource, param: (name: string) => unknown, sent: unknown): boolean {
  if (resource !== 'responses' && resource !== 'chat.completions' && resource !== 'images') return false;
  if (resource === 'responses') {
    if (param('background') === true || STATEFUL.some((name) => param(name) != null)) return true;
    const input = param('input');
    if (Array.isArray(input) && input.some(isReference)) return true;
  }
  return typeof sent === 'string' && STATEFUL_TEXT[resource].some((mark) => sent.includes(mark));
}

/** A legacy completion answers each of several prompts; a list of numbers is one prompt, in tokens. */
function promptsIn(resource: Resource | undefined, param: (name: string) => unknown): number {
  const prompts = resource === 'completions' ? param('prompt') : undefined;
  return Array.isArray(prompts) && prompts.length > 0 && typeof prompts[0] !== 'number' ? prompts.length : 1;
}

const asksUsage = (options: unknown): boolean =>
  (options as { include_usage?: unknown } | null | undefined)?.include_usage === true;

/** An item without a type is a message, which has a role, or a reference to an item that is kept where it was made. */
function isReference(item: unknown): boolean {
  const { type, role, id } = (item ?? {}) as { type?: unknown; role?: unknown; id?: unknown };
  return type == null && role === undefined && typeof id === 'string';
}

function isForm(body: unknown): body is FormData {
  return typeof FormData !== 'undefined' && body instanceof FormData;
}

function paramOf(body: unknown, name: string): unknown {
  if (isForm(body)) return body.get(name);
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}

/** Text, bytes, blobs and forms can be sent again; a stream is gone once it was read. */
function isRepeatable(sent: unknown): boolean {
  if (sent === undefined || sent === null || typeof sent === 'string' || isForm(sent)) return true;
  if (sent instanceof ArrayBuffer || ArrayBuffer.isView(sent) || sent instanceof URLSearchParams) return true;
  return typeof Blob !== 'undefined' && sent instanceof Blob;
}
