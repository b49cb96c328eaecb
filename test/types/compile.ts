import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const WORKSPACE = fileURLToPath(new URL('../../', import.meta.url));
const FIXTURES = fileURLToPath(new URL('fixtures/', import.meta.url));

/** The name under which a major of the official client is installed here. */
export type Major = 'openai' | 'openai-v5' | 'openai-v6';

/** One run of the compiler. */
export interface Compilation {
  readonly major: Major;
  /** What the fixtures that say `from 'openai'` are to import. */
  readonly from: 'openai' | 'breakwater';
  /** Folders under `fixtures`; those that name breakwater themselves are left as they are. */
  readonly folders: readonly string[];
}

/** What the compiler said, and which majors of the official client it had really read. */
export interface Finding {
  readonly faults: readonly string[];
  readonly versions: readonly string[];
}

/** Files that were parsed once are not parsed for the next major again; a tree depends on nothing but its text. */
const parsed = new Map<string, ts.SourceFile>();

/** Compiles fixtures and, where they import it, the sources of breakwater against one major of the official client. */
export function compile({ major, from, folders }: Compilation): Finding {
  const { options, fileNames } = ts.parseJsonConfigFileContent(configOf(major, folders), ts.sys, WORKSPACE);
  const program = ts.createProgram({ rootNames: fileNames, options, host: hostOf(options, from) });
  const versions = program.getSourceFiles().flatMap(({ fileName }) => officialVersion(fileName));
  // What does not know the official client is the same for every major of it, and is checked by itself.
  const own = program.getSourceFiles().filter(({ fileName }) => !/\/node_modules\/|\/packages\/core\//.test(fileName));
  const faults = own.flatMap((file) => ts.getPreEmitDiagnostics(program, file));
  return { faults: faults.map(describe), versions: [...new Set(versions)] };
}

/** The same settings as everywhere else. A path has to name a file: one that names a folder is passed over in silence. */
function configOf(major: Major, folders: readonly string[]): object {
  return {
    extends: './tsconfig.base.json',
    compilerOptions: {
      noEmit: true,
      paths: {
        openai: [`./node_modules/${major}/index.d.mts`],
        'openai/*': [`./node_modules/${major}/*.d.mts`],
        breakwater: ['./packages/client/src/index.ts'],
        '@breakwater/core': ['./packages/core/src/index.ts'],
      },
    },
    files: folders.flatMap((folder) => readdirSync(join(FIXTURES, folder)).map((name) => join(FIXTURES, folder, name))),
  };
}

function hostOf(options: ts.CompilerOptions, from: Compilation['from']): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (fileName, ...rest) => {
    const isFixture = fileName.startsWith(FIXTURES) && !fileName.startsWith(join(FIXTURES, 'routed'));
    const key = isFixture ? `${from} ${fileName}` : fileName;
    const tree = parsed.get(key) ?? (isFixture ? withImport(fileName, from, rest[0]) : read(fileName, ...rest));
    if (tree) parsed.set(key, tree);
    return tree;
  };
  return host;
}

/** The one change that a program needs: where it imports from. */
function withImport(
  fileName: string,
  from: Compilation['from'],
  options: ts.ScriptTarget | ts.CreateSourceFileOptions,
): ts.SourceFile {
  return ts.createSourceFile(
    fileName,
    readFileSync(fileName, 'utf8').replace("from 'openai';", `from '${from}';`),
    options,
  );
}

function officialVersion(fileName: string): string[] {
  if (!fileName.endsWith('/openai/client.d.mts')) return [];
  const { version } = JSON.parse(readFileSync(join(dirname(fileName), 'package.json'), 'utf8')) as { version: string };
  return [version.split('.')[0] ?? ''];
}

function describe({ file, start, messageText }: ts.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (!file) return text;
  const line = file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
  return `${relative(WORKSPACE, file.fileName)}:${line} ${text}`;
}
