import { describe, expect, test } from 'vitest';
import type { FailureKind } from '../../../packages/core/src/outcome/outcome.js';
import { VERDICTS } from '../../../packages/core/src/outcome/verdict.js';

/** The reference's table, row by row: kind | breaker | repeat | next | rest | executed. */
const TABLE = `
  ok                 | success | never  | never            | nobody            | yes
  caller_abort       | ignored | never  | never            | nobody            | maybe
  attempt_timeout    | failure | never  | anywhere         | nobody            | maybe
  connect            | failure | last   | anywhere         | nobody            | no
  reset              | failure | once   | anywhere         | nobody            | maybe
  server_error       | failure | once   | anywhere         | nobody            | maybe
  overloaded         | failure | last   | anywhere         | target            | no
  rate_limit         | ignored | rested | anywhere         | target            | no
  quota              | ignored | never  | other-credential | credential        | no
  auth               | ignored | never  | other-credential | credential        | no
  not_found          | ignored | never  | anywhere         | model-at-endpoint | no
  not_served         | ignored | never  | anywhere         | nobody            | no
  context_window     | ignored | never  | other-model      | nobody            | no
  content_policy     | ignored | never  | named            | nobody            | yes
  caller_error       | ignored | never  | never            | nobody            | no
  unsendable         | ignored | never  | anywhere         | nobody            | no
  conflict           | ignored | once   | anywhere         | nobody            | maybe
  request_timeout    | failure | once   | anywhere         | nobody            | maybe
  malformed          | failure | never  | anywhere         | nobody            | yes
  stream_error_early | failure | once   | anywhere         | nobody            | maybe
  stream_error_late  | failure | never  | never            | nobody            | yes
  no_target          | ignored | never  | never            | nobody            | no
  limit_exceeded     | ignored | never  | never            | nobody            | no`;

const rows = TABLE.trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('the outcome table', () => {
  test('has a row for each kind of outcome', () => {
    expect(rows.map(([kind]) => kind).sort()).toEqual(Object.keys(VERDICTS).sort());
  });

  test.each(rows)('%s: breaker %s, repeat %s, next %s, rest %s, executed %s', (kind, breaker, repeat, ...others) => {
    const [next, rest, executed] = others;
    expect(VERDICTS[kind as FailureKind]).toMatchObject({ breaker, repeat, next, rest, executed });
  });

  test('knows which failures another key of the same endpoint may mend', () => {
    const ofTheKey = Object.entries(VERDICTS).filter(([, verdict]) => verdict.isOfTheKey);
    const kinds = 'auth not_found not_served quota rate_limit unsendable'.split(' ');
    expect(ofTheKey.map(([kind]) => kind).sort()).toEqual(kinds);
  });

  test('never lets a caller’s fault, a limit or a key count against a target’s health', () => {
    const innocent = Object.entries(VERDICTS).filter(([, verdict]) => verdict.breaker === 'ignored');
    expect(innocent.map(([kind]) => kind).sort()).toEqual(
      'auth caller_abort caller_error conflict content_policy context_window limit_exceeded no_target not_found not_served quota rate_limit unsendable'.split(
        ' ',
      ),
    );
  });

  test('cannot be changed by those who read it', () => {
    expect(Object.isFrozen(VERDICTS)).toBe(true);
  });
});
