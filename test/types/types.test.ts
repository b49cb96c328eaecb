import { describe, expect, test } from 'vitest';
import { compile, type Major } from './compile.js';

const MAJORS: readonly (readonly [Major, string, readonly string[]])[] = [
  ['openai-v5', '5', ['official']],
  ['openai-v6', '6', ['official', 'newer']],
  ['openai', '7', ['official', 'newer', 'newest']],
];

describe.each(MAJORS)('with %s', { timeout: 60_000 }, (major, version, folders) => {
  test('programs for the official client compile as they are', () => {
    expect(compile({ major, from: 'openai', folders })).toEqual({ faults: [], versions: [version] });
  });

  test('they compile with only their import changed; what breakwater adds compiles, and what is wrong does not', () => {
    const finding = compile({ major, from: 'breakwater', folders: [...folders, 'routed'] });
    expect(finding).toEqual({ faults: [], versions: [version] });
  });
});
