import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** One file of a package, parsed. Paths are relative to the workspace and have forward slashes. */
export interface Source {
  readonly path: string;
  /** Such as `core`. */
  readonly pack: string;
  /** The folder right under `src`, or '' for a file that lies there itself. */
  readonly room: string;
  readonly tree: ts.SourceFile;
}

/** One import or re-export of a source. */
export interface Import {
  readonly name: string;
  readonly line: number;
  /** The file of the same package that is meant; undefined for a package of its own. */
  readonly target: string | undefined;
}

const WORKSPACE = fileURLToPath(new URL('../../', import.meta.url));

/** Every TypeScript file under `packages/<name>/src`. */
export function sources(): Source[] {
  const files = readdirSync(join(WORKSPACE, 'packages')).flatMap((pack) => filesUnder(`packages/${pack}/src`));
  return files.map((path) => parse(path, readFileSync(join(WORKSPACE, path), 'utf8')));
}

/** Reads a text as if it stood at the given path; the tests of the rules plant their faults this way. */
export function parse(path: string, text: string): Source {
  const [, pack = '', , ...rest] = path.split('/');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  return { path, pack, room: rest.length > 1 ? (rest[0] ?? '') : '', tree };
}

/** Where a node begins, as editors and terminals link it. */
export function at(source: Source, node: ts.Node): string {
  return `${source.path}:${source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1}`;
}

/** Every node of a file, parents first. */
export function* nodes(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodes(child);
}

/** What a file takes from elsewhere: imports of values and of types, re-exports, `import()` and `import('…').Type`. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  for (const node of nodes(source.tree)) {
    const name = specifierOf(node);
    if (name === undefined) continue;
    const line = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1;
    const target = name.startsWith('.')
      ? posix.join(posix.dirname(source.path), name).replace(/\.js$/, '.ts')
      : undefined;
    found.push({ name, line, target });
  }
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  let specifier: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) specifier = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) specifier = node.argument.literal;
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    specifier = node.arguments[0];
  return specifier && ts.isStringLiteral(specifier) ? specifier.text : undefined;
}

function filesUnder(folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(join(WORKSPACE, folder), { recursive: true, encoding: 'utf8' });
  } catch {
    return []; // A package that has no sources has nothing to keep in order.
  }
  return entries.filter((entry) => entry.endsWith('.ts')).map((entry) => `${folder}/${entry.replaceAll('\\', '/')}`);
}
