import type { Fault, FaultKind } from './fault.js';

/** Says what a value must be, or nothing if it is. */
type Check = (value: unknown) => string | undefined;

const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
const isAmount = (value: unknown) => typeof value === 'number' && value >= 0 && value < Infinity;
const isTexts = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string');

const must =
  (what: string, holds: (value: unknown) => boolean): Check =>
  (value) =>
    holds(value) ? undefined : `must be ${what}`;

const count = must('a whole number of 0 or more', isCount);
const amount = must('a number of 0 or more', isAmount);
const text = must('a string', (value) => typeof value === 'string');
const anything: Check = () => undefined;
const place = { afterTokens: count, afterEvents: count, afterBytes: count };

const aim: Readonly<Record<string, Check>> = {
  models: must('a list of strings', isTexts),
  paths: must('a list of strings', isTexts),
  times: must('a whole number above 0', (value) => isCount(value) && value !== 0),
  probability: must('a number from 0 to 1', (value) => isAmount(value) && (value as number) <= 1),
};

const fields: Readonly<Record<FaultKind, Readonly<Record<string, Check>>>> = {
  refuse: {},
  reset: {},
  silence: {},
  'headers-only': {},
  'slow-first-token': { delayMs: amount },
  slow: { factor: amount, addMs: amount },
  status: {
    status: must('a status from 200 to 599', (value) => isCount(value) && Number(value) >= 200 && Number(value) < 600),
    body: anything,
    headers: must('an object', (value) => typeof value === 'object' && value !== null),
    retryAfter: must('seconds or a string', (value) => isAmount(value) || typeof value === 'string'),
    code: must('a string or null', (value) => typeof value === 'string' || value === null),
    type: text,
    message: text,
  },
  'rate-limit': {
    retryAfterSeconds: amount,
    dimension: must("'requests' or 'tokens'", (value) => value === 'requests' || value === 'tokens'),
  },
  unauthorized: {},
  quota: {},
  'context-length': {},
  'content-filter': {
    code: must("'content_filter' or 'content_policy_violation'", (value) =>
      ['content_filter', 'content_policy_violation'].includes(String(value)),
    ),
  },
  cut: { ...place, clean: must('true or false', (value) => typeof value === 'boolean') },
  stall: place,
  'malformed-event': place,
  'no-done': {},
  html: {},
  empty: {},
  'no-choices': {},
  'stream-error': { ...place, code: text, message: text },
};

/** All kinds of fault, in the order of the documentation. */
export const faultKinds = Object.keys(fields) as readonly FaultKind[];

/** Throws a TypeError that names every field at fault; `target` is the region or `region/model` the fault is meant for. */
export function checkFault(fault: unknown, target: string): asserts fault is Fault {
  if (typeof fault !== 'object' || fault === null)
    throw new TypeError(`The fault for ${target} must be an object with a kind.`);
  const { kind, ...rest } = fault as Record<string, unknown>;
  const own = Object.hasOwn(fields, String(kind)) ? fields[kind as FaultKind] : undefined;
  if (own === undefined) {
    throw new TypeError(
      `There is no fault ${JSON.stringify(kind)} (for ${target}); there are ${faultKinds.join(', ')}.`,
    );
  }
  // A port has no idea of models and paths, and refusing now and then would leave open connections behind it.
  const known: Readonly<Record<string, Check>> = kind === 'refuse' ? own : { ...own, ...aim };
  const lines = Object.entries(rest).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const check = Object.hasOwn(known, name) ? known[name] : undefined;
    const fields = Object.keys(known).join(', ') || 'none but kind';
    const wrong = check === undefined ? `is not known (its fields are ${fields})` : check(value);
    return wrong === undefined ? [] : [`${kind}.${name} ${wrong}, but is ${JSON.stringify(value)}`];
  });
  if (lines.length > 0) throw new TypeError(`The fault for ${target}: ${lines.join('; ')}.`);
}
