import type { Answer } from '../answers/answer.js';
import type { Random } from '../answers/random.js';
import { Rejection } from '../answers/rejection.js';
import type { Fault } from '../faults/fault.js';
import { asAnswer, rejectionOf } from '../faults/rejections.js';
import type { Struck, Switchboard } from '../faults/switchboard.js';
import { actualCost, costOf } from '../limits/cost.js';
import type { Allowance, Limiter } from '../limits/limits.js';
import { DEFAULTS, type RegionSettings } from '../options.js';
import { type Address, checkVersion, readAddress } from '../requests/address.js';
import { type Body, readBody } from '../requests/body.js';
import { checkKey, keyOf } from '../requests/credentials.js';
import { findResource } from '../resources/routes.js';
import type { World } from '../resources/world.js';
import type { Exchange } from './exchange.js';
import { open, send } from './send.js';

/** What a region is while it serves a request. */
export interface Site {
  readonly settings: RegionSettings;
  readonly world: World;
  readonly faults: Switchboard;
  readonly limiter: Limiter | undefined;
  readonly random: Random;
  /** On every answer. */
  headers(): Record<string, string>;
}

/** Browsers ask first; they are let in from everywhere. */
const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' };

const HTML_PAGE =
  '<!doctype html>\n<html><head><title>Sign in</title></head><body><h1>Please sign in to the network</h1></body></html>\n';

/** A request's whole way: read, meet the faults, wait, be checked, be answered. */
export async function serve(exchange: Exchange, site: Site): Promise<void> {
  const { request, entry } = exchange;
  if (request.method === 'OPTIONS') return preflight(exchange);
  const address = readAddress(request.url ?? '/');
  const body = await readBody(request).catch(() => undefined);
  if (body === undefined || exchange.gone) return;
  const model = noteBody(exchange, body, address);

  const struck = site.faults.strike({ path: address.path ?? address.written, model });
  const fault = struck.deciding ?? struck.slowing[0];
  if (fault !== undefined) entry.fault = fault.kind;
  const delays = delaysOf(site, struck);
  await exchange.pause(delays.latencyMs);
  if (exchange.gone) return;

  const headers = { ...CORS, ...site.headers(), 'openai-processing-ms': String(Math.round(delays.latencyMs)) };
  if (struck.deciding !== undefined && breaksOff(exchange, struck.deciding, headers)) return;
  const answered = answer({ exchange, site, address, body, model, fault: struck.deciding });
  await send(exchange, {
    answer: answered.answer,
    pace: delays,
    fault: struck.deciding,
    headers: { ...headers, ...answered.allowance?.headers },
  });
  answered.allowance?.settle(actualCost(body.params, answered.answer), performance.now());
}

function preflight({ request, response, entry }: Exchange): void {
  entry.status = 204;
  response.writeHead(204, {
    ...CORS,
    'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    'access-control-max-age': '600',
  });
  response.end();
}

/** Notes in the log what the body says, and answers with the model that is asked for. */
function noteBody({ entry }: Exchange, { shown, params }: Body, { deployment }: Address): string | undefined {
  const model = params.model ?? deployment;
  if (shown !== undefined) entry.body = shown;
  entry.streamed = params.stream === true;
  if (typeof model !== 'string') return undefined;
  entry.model = model;
  return model;
}

function delaysOf({ settings, random }: Site, { slowing }: Struck) {
  const {
    latencyMs = DEFAULTS.latencyMs,
    jitterMs = DEFAULTS.jitterMs,
    tokensPerSecond = DEFAULTS.tokensPerSecond,
  } = settings;
  let [latency, msPerToken, firstTokenDelayMs] = [latencyMs + random() * jitterMs, 1000 / tokensPerSecond, 0];
  for (const fault of slowing) {
    if (fault.kind === 'slow') {
      latency = latency * (fault.factor ?? 1) + (fault.addMs ?? 0);
      msPerToken *= fault.factor ?? 1;
    } else if (fault.kind === 'slow-first-token') firstTokenDelayMs += fault.delayMs ?? 5000;
  }
  return { latencyMs: latency, msPerToken, firstTokenDelayMs };
}

/** Does the faults after which no answer is needed; false leaves the request to be answered. */
function breaksOff(exchange: Exchange, fault: Fault, headers: Readonly<Record<string, string>>): boolean {
  switch (fault.kind) {
    case 'reset':
      exchange.reset();
      return true;
    case 'silence':
      return true;
    case 'headers-only':
      open(exchange, 200, {
        ...headers,
        'content-type': exchange.entry.streamed ? 'text/event-stream' : 'application/json',
      });
      exchange.response.flushHeaders();
      return true;
    case 'html':
      open(exchange, 200, { ...headers, 'content-type': 'text/html; charset=utf-8' });
      exchange.response.end(HTML_PAGE);
      return true;
    case 'empty':
      open(exchange, 200, { ...headers, 'content-type': 'application/json', 'content-length': '0' });
      exchange.response.end();
      return true;
    default:
      return false;
  }
}

interface Asked {
  readonly exchange: Exchange;
  readonly site: Site;
  readonly address: Address;
  readonly body: Body;
  readonly model: string | undefined;
  readonly fault: Fault | undefined;
}

/** The checks stand in the API's order: what the fault wants, the key, the path, the body, the limits, the resource. */
function answer({ exchange, site, address, body, model, fault }: Asked): Answered {
  let allowance: Allowance | undefined;
  try {
    const faulty = fault && rejectionOf(fault, model);
    if (faulty !== undefined) return { answer: faulty };
    const { method, headers } = exchange.entry;
    checkKey(headers, site.settings.apiKeys);
    checkVersion(address);
    const resource = findResource(method, address.path, address.written);
    checkBody(body);
    const { params, parts } = body;
    allowance = site.limiter?.take({ tokens: costOf(params), model, key: keyOf(headers) }, performance.now());
    if (allowance?.refusal !== undefined) return { answer: allowance.refusal, allowance };
    const call = { path: address.path ?? '', query: address.query, params, parts, model, settings: site.settings };
    return { answer: resource(call, site.world), allowance };
  } catch (error) {
    if (error instanceof Rejection) return { answer: asAnswer(error), allowance };
    throw error;
  }
}

interface Answered {
  readonly answer: Answer;
  /** Undefined where nothing is limited, or the request did not come so far. */
  readonly allowance?: Allowance | undefined;
}

function checkBody({ fault }: Body): void {
  if (fault === 'json') {
    throw new Rejection(400, {
      message: 'We could not parse the JSON body of your request: it is not a valid JSON object.',
    });
  }
  if (fault === 'multipart')
    throw new Rejection(400, { message: 'We could not parse your multipart form: a boundary or a header is missing.' });
}
