import { beforeAll, describe, expect, test } from 'vitest';
import { faultsIn } from './faults.js';
import { PAGES, programsOf, readPage } from './page.js';

const PROGRAMS = PAGES.map((page) => [page, programsOf(readPage(page))] as const);
const wrong = (code: string) =>
  programsOf(`\`\`\`ts\nimport OpenAI from 'breakwater';\n\`\`\`\n\`\`\`ts\n${code}\n\`\`\`\n`)[1] ?? '';

let faults: ReadonlyMap<string, readonly string[]>;

beforeAll(() => {
  const blocks = PROGRAMS.flatMap(([page, programs]) => programs.map((code, nth) => [`${page} ${nth}`, code] as const));
  const own = [
    ['a wrong recipe', wrong("const breaker = { failureStreak: 'many' };")],
    ['no import', programsOf('```ts\nconst client = new OpenAI({ router: {} });\n```\n')[0] ?? ''],
  ] as const;
  faults = faultsIn(new Map([...blocks, ...own]));
}, 60_000);

// The first block of the README had neither its import nor its messages, and the one about `lastResort` was no statement at all.
describe.each(PROGRAMS)('of %s', (page, programs) => {
  test('every block compiles as it is pasted', () => {
    for (const nth of programs.keys()) expect(faults.get(`${page} ${nth}`)).toEqual([]);
  });
});

test('no page is left out', () => {
  expect(PAGES).toEqual(
    expect.arrayContaining(['README.md', 'docs/cookbook.md', 'docs/streams.md', 'packages/otel/README.md']),
  );
});

test('a block that lacks its import is found', () => {
  expect(faults.get('no import')?.join()).toContain("'OpenAI'");
});

test('options that do not compile are found', () => {
  expect(faults.get('a wrong recipe')?.join()).toContain("'string' is not assignable");
});
