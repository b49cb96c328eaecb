import { beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, faultsIn, readPage } from './page.js';

/** What a block may go on with: the client and the answer of the block before, and the other SDK, which is not installed here. */
const BEFORE: Readonly<Record<string, string>> = {
  client: "declare const client: import('breakwater').OpenAI;",
  answer: "declare const answer: import('openai').OpenAI.ChatCompletion;",
  createOpenAI: 'declare function createOpenAI(options: { apiKey?: string; fetch: typeof fetch }): unknown;',
};

/** A block as somebody pastes it: alone, but for what it says it goes on with. */
function pasted(code: string): string {
  const has = (name: string) => new RegExp(`\\b(?:const|import) (?:\\{[^}]*\\b)?${name}\\b`).test(code);
  const missing = Object.entries(BEFORE).filter(([name]) => !has(name));
  return ['export {};', code, ...missing.map(([, declared]) => declared)].join('\n');
}

/** What the recipes take for granted: their reader's own things, and the client of the recipe before. */
const GIVEN = `
import { readFile, writeFile } from 'node:fs/promises';
declare const client: OpenAI;
declare const item: string;
declare const signal: AbortSignal;
declare const lastKnown: Map<string, number>;
declare function fetchStock(item: string): Promise<number>;
`;

/** The recipes as one program: the imports above, each block in a room of its own, and its options given to whom they are for. */
function cookbook(page: string): string {
  const blocks = blocksOf(page);
  const imports = blocks.flatMap((code) => code.match(/^import .*$/gm) ?? []);
  const rooms = blocks.map((code, index) => {
    const own = code.replace(/^import .*$/gm, '');
    const use = /^const breaker =/m.test(own) ? 'new OpenAI({ router: { breaker } });' : '';
    const rules = /^const tripper =/m.test(own) ? 'circuitBreaker({ tripper });' : '';
    return `export async function recipe${index}() {\n${own}\n${use}\n${rules}\n}`;
  });
  return [...imports, GIVEN, ...rooms].join('\n');
}

const READMES = [
  'README.md',
  ...['client', 'prometheus', 'dashboard', 'otel'].map((name) => `packages/${name}/README.md`),
];
const DOCS = ['logging', 'config', 'prometheus', 'alerts', 'dashboard', 'otel', 'cookbook', 'migrating'].map(
  (name) => `docs/${name}.md`,
);
const PAGES = [...READMES, ...DOCS];
const BLOCKS = PAGES.map((page) => blocksOf(readPage(page)));
const RECIPES = cookbook(readPage('docs/breaker-recipes.md'));
const WRONG_RECIPE =
  "```ts\nimport OpenAI from 'breakwater';\n```\n```ts\nconst breaker = { failureStreak: 'many' };\n```\n";

let faults: ReadonlyMap<string, readonly string[]>;

beforeAll(() => {
  const pages = PAGES.flatMap((page, index) =>
    (BLOCKS[index] ?? []).map((code, nth) => [`${page} ${nth}`, pasted(code)] as const),
  );
  const own = [
    ['recipes', RECIPES],
    ['a wrong recipe', cookbook(WRONG_RECIPE)],
    ['no import', pasted('const client = new OpenAI({ router: {} });\n')],
  ] as const;
  faults = faultsIn(new Map([...pages, ...own]));
}, 60_000);

// The first block of the page had neither its import nor its messages, and the one about `lastResort` was no statement at all.
describe.each(PAGES.map((page, index) => [page, BLOCKS[index]?.length ?? 0] as const))('of %s', (page, blocks) => {
  test('every block compiles when it is pasted alone', () => {
    expect(blocks).toBeGreaterThan(0);
    for (let nth = 0; nth < blocks; nth += 1) expect(faults.get(`${page} ${nth}`)).toEqual([]);
  });
});

test('every recipe of the breaker compiles as it stands', () => {
  expect(RECIPES).toContain('recipe8');
  expect(faults.get('recipes')).toEqual([]);
});

test('a block that lacks its import is found', () => {
  expect(faults.get('no import')?.join()).toContain("'OpenAI'");
});

test('a recipe that does not compile is found', () => {
  expect(faults.get('a wrong recipe')?.join()).toContain("'string' is not assignable");
});
