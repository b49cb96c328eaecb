import { expect, test } from 'vitest';
import { blocksOf, faultsOf, readPage } from './page.js';

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
function programOf(page: string): string {
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

test('every recipe of the breaker compiles as it stands', { timeout: 60_000 }, () => {
  const page = readPage('docs/breaker-recipes.md');
  const program = programOf(page);
  expect(program).toContain('recipe8');
  expect(faultsOf([program])).toEqual([]);
});

test('a recipe that does not compile is found', { timeout: 60_000 }, () => {
  const page = "```ts\nimport OpenAI from 'breakwater';\n```\n```ts\nconst breaker = { failureStreak: 'many' };\n```\n";
  expect(faultsOf([programOf(page)]).join()).toContain("'string' is not assignable");
});
