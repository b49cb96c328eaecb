import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const WORKSPACE = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = `${WORKSPACE}test/types/recipes.program.ts`;

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
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
  const imports = blocks.flatMap((code) => code.match(/^import .*$/gm) ?? []);
  const rooms = blocks.map((code, index) => {
    const own = code.replace(/^import .*$/gm, '');
    const use = /^const breaker =/m.test(own) ? 'new OpenAI({ router: { breaker } });' : '';
    const rules = /^const tripper =/m.test(own) ? 'circuitBreaker({ tripper });' : '';
    return `export async function recipe${index}() {\n${own}\n${use}\n${rules}\n}`;
  });
  return [...imports, GIVEN, ...rooms].join('\n');
}

function faultsOf(program: string): readonly string[] {
  const config = ts.readConfigFile(`${WORKSPACE}tsconfig.json`, ts.sys.readFile).config as object;
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [PROGRAM] }, ts.sys, WORKSPACE);
  const checked = { ...options, noEmit: true, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(checked);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name === PROGRAM ? ts.createSourceFile(name, program, ts.ScriptTarget.ESNext) : read(name, ...rest);
  const compiled = ts.createProgram({ rootNames: [PROGRAM], options: checked, host });
  const { getPreEmitDiagnostics, flattenDiagnosticMessageText } = ts;
  return getPreEmitDiagnostics(compiled).map(({ messageText }) => flattenDiagnosticMessageText(messageText, '\n'));
}

test('every recipe of the breaker compiles as it stands', { timeout: 60_000 }, () => {
  const page = readFileSync(`${WORKSPACE}docs/breaker-recipes.md`, 'utf8');
  const program = programOf(page);
  expect(program).toContain('recipe8');
  expect(faultsOf(program)).toEqual([]);
});

test('a recipe that does not compile is found', { timeout: 60_000 }, () => {
  const page = "```ts\nimport OpenAI from 'breakwater';\n```\n```ts\nconst breaker = { failureStreak: 'many' };\n```\n";
  expect(faultsOf(programOf(page)).join()).toContain("'string' is not assignable");
});
