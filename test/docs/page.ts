import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const WORKSPACE = fileURLToPath(new URL('../../', import.meta.url));

/** A page of the workspace, by its path there. */
export const readPage = (path: string): string => readFileSync(`${WORKSPACE}${path}`, 'utf8');

/** The TypeScript blocks of a page, in their order. */
export const blocksOf = (page: string): readonly string[] =>
  [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '');

const namesIn = (folder: string) => readdirSync(`${WORKSPACE}${folder}`);

/** Every page that users read and that has a block, by its path. */
export const PAGES: readonly string[] = [
  'README.md',
  ...namesIn('packages').map((name) => `packages/${name}/README.md`),
  ...namesIn('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
].filter((page) => blocksOf(readPage(page)).length > 0);

/** What `given.ts` has. */
const GIVEN = [
  'client',
  'answer',
  'createOpenAI',
  'readFile',
  'writeFile',
  'item',
  'signal',
  'lastKnown',
  'fetchStock',
];

/** Options that a block only names, given to whom they are for. */
const USES: Readonly<Record<string, string>> = {
  breaker:
    "import { OpenAI as ForBreaker } from 'breakwater';\nnew ForBreaker({ apiKey: 'any', router: { breaker } });",
  tripper: "import { circuitBreaker as forTripper } from '@breakwater/core';\nforTripper({ tripper });",
};

/**
 * The blocks of a page as programs that stand in a folder beside `given.ts`: each as somebody pastes it, alone but for the imports of the
 * blocks above and for what it says it goes on with.
 */
export function programsOf(page: string): readonly string[] {
  const blocks = blocksOf(page);
  return blocks.map((code, index) => {
    const above = blocks.slice(0, index).flatMap((block) => block.match(/^import .*$/gm) ?? []);
    const missing = (name: string) => isUsed(name, code) && !isDeclared(name, code);
    const imports = [...new Set(above.flatMap(importsOf))].filter(({ length }) => length > 0);
    const wanted = imports.filter((line) => missing(localName(line)));
    const given = GIVEN.filter((name) => missing(name) && !wanted.some((line) => localName(line) === name));
    const uses = Object.entries(USES).flatMap(([name, use]) => (code.startsWith(`const ${name} =`) ? [use] : []));
    const fromGiven = given.length > 0 ? [`import { ${given.join(', ')} } from '../given.ts';`] : [];
    return ['export {};', ...wanted, ...fromGiven, code, ...uses].join('\n');
  });
}

const isUsed = (name: string, code: string) => new RegExp(`(?<![.\\w])${name}\\b(?!:)`).test(code);

const isDeclared = (name: string, code: string) =>
  new RegExp(`(?:const|let|function|class|import) (?:[\\w, ]*\\{[^}]*\\b|[\\w, ]*\\b)?${name}\\b`).test(code);

/** One line for each name that a line imports. */
function importsOf(line: string): readonly string[] {
  const [, what = '', from = ''] = line.match(/^import (.*) from (.*)$/) ?? [];
  const [, whole, named = ''] = what.match(/^(\w+)?(?:, )?(?:\{(.*)\})?$/) ?? [];
  const names = named.split(',').map((name) => name.trim());
  const each = names.filter((name) => name !== '').map((name) => `import { ${name} } from ${from}`);
  return whole ? [`import ${whole} from ${from}`, ...each] : each;
}

const localName = (line: string): string => line.match(/(\w+) (?:\} )?from /)?.[1] ?? '';
