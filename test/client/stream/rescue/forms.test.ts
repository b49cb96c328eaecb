import { describe, expect, test } from 'vitest';
import { Forms } from '../../../../packages/client/src/stream/rescue/forms.js';

const INSTRUCTION = { form: 'instruction', prefill: undefined };

describe('a target is asked', () => {
  test.each([
    ['claude-sonnet-4-5', 'plain'],
    ['anthropic/claude-3.5-haiku', 'plain'],
    ['anthropic.claude-3-haiku-20240307-v1:0', 'plain'],
    ['mistral-large-latest', 'prefix'],
    ['mistralai/mistral-small', 'prefix'],
    ['codestral-2501', 'prefix'],
  ])('to go on with its last turn as %s', (model, prefill) => {
    expect(new Forms().formFor('a', model, undefined)).toEqual({ form: 'prefill', prefill });
  });

  test.each(['gpt-4.1', 'o3', 'gemini-2.5-pro', 'my-claude-like-model', ''])('in a new turn as %j', (model) => {
    expect(new Forms().formFor('a', model, undefined)).toEqual(INSTRUCTION);
  });

  test('as the user says, whatever its name', () => {
    const forms = new Forms();
    expect(forms.formFor('a', 'gpt-4.1', 'continue_final_message')).toEqual({
      form: 'prefill',
      prefill: 'continue_final_message',
    });
    expect(forms.formFor('a', 'claude-3', false)).toEqual(INSTRUCTION);
  });

  test('in a new turn once it has refused the other way, and nobody else is', () => {
    const forms = new Forms();
    forms.refused('a');
    expect(forms.formFor('a', 'claude-3', 'plain')).toEqual(INSTRUCTION);
    expect(forms.formFor('b', 'claude-3', undefined).form).toBe('prefill');
  });
});

describe('who has refused is remembered', () => {
  test('up to a thousand, the last ones', () => {
    const forms = new Forms();
    for (let at = 0; at <= 1_000; at += 1) forms.refused(String(at));
    expect(forms.formFor('0', 'claude-3', undefined).form).toBe('prefill');
    expect(forms.formFor('1', 'claude-3', undefined).form).toBe('instruction');
  });

  // One target that refused again made room for itself, and another was asked in the form that it had refused.
  test('also when a known one refuses again', () => {
    const forms = new Forms();
    for (let at = 0; at < 1_000; at += 1) forms.refused(String(at));
    forms.refused('999');
    expect(forms.formFor('0', 'claude-3', undefined).form).toBe('instruction');
  });
});
