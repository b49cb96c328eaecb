import { OpenAI as Official } from 'openai';
import type { Candidate } from './candidates.ts';
import type { World } from './worlds.ts';

type Wrapped = (url: string, init: RequestInit) => Promise<Response>;

/** What goes to another host as it is; a new name is looked at once. */
const NEUTRAL = /^(?:accept|content-type|user-agent|x-stainless-.*)$/;
const judged = new Map<string, boolean>();

function isNeutral(name: string): boolean {
  let verdict = judged.get(name);
  if (verdict === undefined) {
    verdict = NEUTRAL.test(name);
    judged.set(name, verdict);
  }
  return verdict;
}

/** The least that a router must do for a request: official clients around which nothing is but a part of that. For whole answers. */
export function wrappers({ baseURLs: [here = '', elsewhere = ''], fetch }: World): readonly Candidate[] {
  const wrapped: Record<string, Wrapped> = {
    'least: a fetch between': (url, init) => fetch(url, { ...init }).then((response) => response),
    'least: headers copied for another host': (_, init) => fetch(`${elsewhere}/chat/completions`, copied(init)),
    'least: headers changed for another host': (_, init) => fetch(`${elsewhere}/chat/completions`, changed(init)),
    'least: the answer read ahead': async (url, init) => readAhead(await fetch(url, { ...init })),
    'least: all that five endpoints need': (_, init) =>
      everything(fetch, `${elsewhere}/chat/completions`, changed(init)),
  };
  return Object.entries(wrapped).map(([name, own]) => ({
    name: name as Candidate['name'],
    client: new Official({ baseURL: here, apiKey: 'sk-bench', fetch: own as typeof fetch }),
  }));
}

function copied(init: RequestInit): RequestInit {
  const headers = new Headers(init.headers);
  for (const name of [...headers.keys()]) if (!isNeutral(name)) headers.delete(name);
  headers.set('authorization', 'Bearer sk-other');
  return { ...init, headers };
}

/** Needs what the headers were, for whoever is asked next. */
function changed(init: RequestInit): RequestInit {
  const headers = init.headers as Headers;
  const were: [string, string][] = [];
  for (const pair of headers) were.push(pair);
  for (const [name] of were) if (!isNeutral(name)) headers.delete(name);
  headers.set('authorization', 'Bearer sk-other');
  return { ...init };
}

/** A cut answer must not be handed over, so it is read and parsed before; its reader gets what was parsed. */
async function readAhead(response: Response): Promise<Response> {
  const text = await response.text();
  const parsed = JSON.parse(text);
  if (!Array.isArray(parsed.choices)) throw new Error('no choices');
  const { status, headers, url, type } = response;
  const ready = { ok: true, status, headers, url, type, body: null, json: async () => parsed, text: async () => text };
  return ready as unknown as Response;
}

/** An attempt has a limit of its own where somebody else could answer: a timer, and a signal that it can abort. */
async function everything(fetch: World['fetch'], url: string, init: RequestInit): Promise<Response> {
  const controller = new AbortController();
  const end = () => controller.abort();
  init.signal?.addEventListener('abort', end);
  const timer = setTimeout(end, 300_000);
  const response = await readAhead(await fetch(url, { ...init, signal: controller.signal }));
  clearTimeout(timer);
  init.signal?.removeEventListener('abort', end);
  return response;
}
