/** A request as it would have gone on the wire. */
export interface Sent {
  readonly url: string;
  readonly host: string;
  readonly headers: Headers;
  readonly body: unknown;
}

type Answer = (sent: Sent, init: RequestInit) => Response | Promise<Response>;

/** A `fetch` without a wire, for what is about hosts that are not this machine: notes what is sent, and answers as it is told. */
export function stub(answer: Answer) {
  const sent: Sent[] = [];
  const fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const url = String(input);
    const one = { url, host: new URL(url).host, headers: new Headers(init.headers), body: init.body };
    sent.push(one);
    return answer(one, init);
  };
  return { sent, fetch, hosts: () => sent.map(({ host }) => host).join(' ') };
}

/** A whole chat answer. */
export const hello = () =>
  Response.json({ choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }] });

/** A streamed answer of these events: texts as they are, everything else as JSON. */
export const eventStream = (
  events: readonly unknown[],
  headers: HeadersInit = { 'content-type': 'text/event-stream' },
) => new Response(new TextEncoder().encode(sse(events)), { headers });

/** Events as they stand in a streamed answer. */
export const sse = (events: readonly unknown[]) =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');

/** The events of a whole streamed chat answer. */
export const helloEvents: readonly unknown[] = [
  { choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
  { choices: [{ index: 0, delta: { content: 'hello' }, finish_reason: null }] },
  { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  '[DONE]',
];

/** A refusal. */
export const refusal = (status: number, headers: Record<string, string> = {}) =>
  Response.json({ error: { message: 'no' } }, { status, headers });

/** Answers with a status at one host, and with a greeting at all others. */
export const refusedAt =
  (host: string, status = 503): Answer =>
  (sent) =>
    sent.host === host ? refusal(status) : hello();
