import type { RouterEvents } from 'breakwater';

/** A caller as the witness knows it. */
export interface Leaver {
  /** Whether it has left; set before it aborts anything. */
  hasLeft: boolean;
}

/** One attempt as it went over the wire, seen from below the client. */
export interface Sent {
  /** Also in the request's headers, by which the simulator's log is found. */
  readonly number: number;
  readonly region: string;
  readonly model: string;
  readonly caller: string;
  readonly streamed: boolean;
  /** The event that was emitted just before it: what it is called in other events. */
  readonly started: RouterEvents['attempt.started'];
  /** Who ended it before its time, if somebody did. */
  abortedBy?: 'caller' | 'client';
  /** Whether everything of the answer had come when it was ended. */
  wasWhole: boolean;
  /** How many attempts of this call were under way when it began. */
  beside: number;
  /** The code of the error that `fetch` threw. */
  code?: string;
  isSettled: boolean;
  settledAt: number;
  /** What the answer said that it used. */
  usage?: { prompt_tokens: number; completion_tokens: number };
}

const USAGE = /"usage":(\{"prompt_tokens":\d+,"completion_tokens":\d+)/;

/** A `fetch` that writes down what passes, and changes nothing but for a header of its own. */
export class Witness {
  readonly sent: Sent[] = [];
  readonly #callers: ReadonlyMap<string, Leaver>;
  readonly #regions = new Map<string, string>();
  #started: RouterEvents['attempt.started'] | undefined;

  constructor(callers: ReadonlyMap<string, Leaver>, regions: readonly { name: string; baseURL: string }[]) {
    this.#callers = callers;
    for (const { name, baseURL } of regions) this.#regions.set(new URL(baseURL).port, name);
  }

  /** To be told of every attempt that starts. */
  readonly starting = (event: RouterEvents['attempt.started']): void => {
    this.#started = event;
  };

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const sent = this.#note(String(input), init);
    const headers = new Headers(init.headers);
    headers.set('x-sent', String(sent.number));
    init.signal?.addEventListener('abort', () => {
      sent.abortedBy ??= this.#callers.get(sent.caller)?.hasLeft ? 'caller' : 'client';
      sent.wasWhole = sent.isSettled;
      settled(sent);
    });
    try {
      const response = await fetch(input, { ...init, headers });
      return sent.streamed && response.ok ? watched(response, sent) : await whole(response, sent);
    } catch (error) {
      sent.code = codeOf(error);
      settled(sent);
      throw error;
    }
  };

  #note(url: string, { body }: RequestInit): Sent {
    const asked = JSON.parse(String(body)) as { model: string; user: string; stream?: boolean };
    const started = this.#started;
    const region = this.#regions.get(new URL(url).port) ?? '';
    if (started?.target !== `${region}/${asked.model}`) throw new Error(`not announced: ${region}/${asked.model}`);
    const sent: Sent = {
      number: this.sent.length + 1,
      region,
      model: asked.model,
      caller: asked.user,
      streamed: asked.stream === true,
      started,
      beside: this.sent.filter(({ caller, isSettled }) => caller === asked.user && !isSettled).length,
      wasWhole: false,
      isSettled: false,
      settledAt: Number.POSITIVE_INFINITY,
    };
    this.sent.push(sent);
    return sent;
  }
}

function settled(sent: Sent): void {
  if (sent.isSettled) return;
  sent.isSettled = true;
  sent.settledAt = performance.now();
}

/** A whole answer, or a refusal: read here, so that it is known when it was there, and handed on as it came. */
async function whole(response: Response, sent: Sent): Promise<Response> {
  const text = await response.text();
  settled(sent);
  noteUsage(text, sent);
  return new Response(text, { status: response.status, headers: response.headers });
}

function watched(response: Response, sent: Sent): Response {
  const decoder = new TextDecoder();
  let text = '';
  const body = response.body?.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        text += decoder.decode(chunk, { stream: true });
        noteUsage(text, sent);
        if (text.includes('data: [DONE]')) settled(sent);
        controller.enqueue(chunk);
      },
      flush: () => settled(sent),
      cancel: () => settled(sent),
    } as Transformer<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>),
  );
  return new Response(body ?? null, { status: response.status, headers: response.headers });
}

function noteUsage(text: string, sent: Sent): void {
  const found = USAGE.exec(text)?.[1];
  if (found) sent.usage = JSON.parse(`${found}}`);
}

function codeOf(error: unknown): string {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as { code?: unknown };
    if (typeof code === 'string') return code;
  }
  return error instanceof Error ? error.name : '';
}
