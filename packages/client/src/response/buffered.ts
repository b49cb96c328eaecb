/** The text of an answer that has been read already. */
const TEXT = Symbol('breakwater.text');
/** A real response with that text, made when somebody asks for more than the text. */
const REAL = Symbol('breakwater.real');
const USED = Symbol('breakwater.used');
/** What the text says, until somebody has taken it. */
const PARSED = Symbol('breakwater.parsed');

interface ReadAhead extends Response {
  [TEXT]: string;
  [REAL]?: Response;
  [USED]?: boolean;
  [PARSED]?: object | undefined;
}

/**
 * A whole answer whose body has been read, as a `Response` that can be read. The text is handed out as it is: a second body costs
 * fifteen microseconds, as much as all the rest of the router, and hardly anybody looks at it. Who does gets a real one.
 */
export function bufferedResponse(text: string, original: Response, parsed?: object): Response {
  if (Object.getPrototypeOf(original) !== Response.prototype) return realResponse(text, original);
  const response = Object.setPrototypeOf(original, readAhead) as ReadAhead;
  response[TEXT] = text;
  response[PARSED] = parsed;
  return response;
}

/** What the text of an answer says, once, as reading it would; undefined where it was not parsed, or has been looked at already. */
export function takeParsed(response: Response): object | undefined {
  const { [PARSED]: parsed, [REAL]: real, [USED]: used } = response as Partial<ReadAhead>;
  if (!parsed || real || used) return undefined;
  (response as ReadAhead)[USED] = true;
  (response as ReadAhead)[PARSED] = undefined;
  return parsed;
}

/**
 * The same response with a body that the platform knows of, for whoever may hand it on as it is (`return response` in a server on the
 * edge); a response that was not read ahead is that already.
 */
export function platformResponse(response: Response): Response {
  return TEXT in response ? use(response as ReadAhead) : response;
}

/** A constructed response has no address and no type of its own, and neither has its copy; whoever logs it wants the real ones. */
export function showOrigin(response: Response, { url, type }: Pick<Response, 'url' | 'type'>): void {
  const clone = () => {
    const copy = Response.prototype.clone.call(response);
    showOrigin(copy, { url, type });
    return copy;
  };
  Object.defineProperties(response, { url: { value: url }, type: { value: type }, clone: { value: clone } });
}

function realResponse(text: string, original: Response): Response {
  const { status, statusText, headers } = original;
  const response = new Response(text === '' ? null : text, { status, statusText, headers });
  showOrigin(response, original);
  return response;
}

function realOf(response: ReadAhead): Response {
  response[REAL] ??= realResponse(response[TEXT], response);
  return response[REAL];
}

/** The ways to read, in place of those that would find the body used up; everything else is the original's. */
const readAhead: object = Object.create(Response.prototype, {
  text: {
    async value(this: ReadAhead): Promise<string> {
      if (this[REAL] || this[USED]) return use(this).text();
      this[USED] = true;
      return this[TEXT];
    },
  },
  json: {
    async value(this: ReadAhead): Promise<unknown> {
      return JSON.parse(await this.text());
    },
  },
  arrayBuffer: { value: wayOf('arrayBuffer') },
  bytes: { value: wayOf('bytes') },
  blob: { value: wayOf('blob') },
  formData: { value: wayOf('formData') },
  body: {
    get(this: ReadAhead) {
      return this[USED] ? use(this).body : realOf(this).body;
    },
  },
  bodyUsed: {
    get(this: ReadAhead): boolean {
      return this[USED] === true || this[REAL]?.bodyUsed === true;
    },
  },
  clone: {
    value(this: ReadAhead): Response {
      return use(this).clone();
    },
  },
});

function wayOf(name: 'arrayBuffer' | 'bytes' | 'blob' | 'formData') {
  return async function (this: ReadAhead): Promise<unknown> {
    return use(this)[name]();
  };
}

/** The real response; if the text has been handed out, with its body used up, so that nobody reads twice. */
function use(response: ReadAhead): Response {
  const real = realOf(response);
  if (response[USED] && !real.bodyUsed) real.body?.cancel().catch(() => undefined);
  return real;
}
