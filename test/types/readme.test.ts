import { expect, test } from 'vitest';
import { blocksOf, faultsOf, readPage } from './page.js';

/** What a block may go on with: the client and the answer of the block before, and the other SDK, which is not installed here. */
const GIVEN: Readonly<Record<string, string>> = {
  client: "declare const client: import('breakwater').OpenAI;",
  answer: "declare const answer: import('openai').OpenAI.ChatCompletion;",
  createOpenAI: 'declare function createOpenAI(options: { apiKey?: string; fetch: typeof fetch }): unknown;',
};

/** A block as somebody pastes it: alone, but for what it says it goes on with. */
function pasted(code: string): string {
  const missing = Object.entries(GIVEN).filter(([name]) => !new RegExp(`\\b(?:const|import) ${name}\\b`).test(code));
  return ['export {};', code, ...missing.map(([, declared]) => declared)].join('\n');
}

// The first block of the page had neither its import nor its messages, and the one about `lastResort` was no statement at all.
test.each(['README.md', 'packages/client/README.md'])(
  'every block of %s compiles when it is pasted alone',
  { timeout: 60_000 },
  (path) => {
    const blocks = blocksOf(readPage(path));
    expect(blocks.length).toBeGreaterThan(0);
    expect(faultsOf(blocks.map(pasted))).toEqual([]);
  },
);

test('a block that lacks its import is found', { timeout: 60_000 }, () => {
  expect(faultsOf([pasted('const client = new OpenAI({ router: {} });\n')]).join()).toContain("'OpenAI'");
});
