import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { ERROR_TYPE, own, STATUS_CODE } from './attributes.js';

/** What of an event is told in the event of a span. Whatever is not named here is left out, also what may be added to events one day. */
const TOLD: Readonly<Record<string, string>> = {
  from: own('from'),
  to: own('to'),
  target: own('target'),
  kind: ERROR_TYPE,
  status: STATUS_CODE,
  attempt: own('attempt.number'),
  delayMs: own('delay_ms'),
  waitMs: own('delay_ms'),
  afterMs: own('after_ms'),
  how: own('how'),
  form: own('form'),
  reason: own('reason'),
  scope: own('scope'),
};

/** An event as the attributes of a span's event. */
export function notesOf(event: object): Attributes {
  const notes: Attributes = {};
  for (const [key, value] of Object.entries(event)) {
    const name = TOLD[key];
    if (name !== undefined && value !== undefined) notes[name] = value as AttributeValue;
  }
  return notes;
}
