import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const WORKSPACE = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = `${WORKSPACE}test/types/`;

/** A page of the workspace, by its path there. */
export const readPage = (path: string): string => readFileSync(`${WORKSPACE}${path}`, 'utf8');

/** The TypeScript blocks of a page, in their order. */
export const blocksOf = (page: string): readonly string[] =>
  [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '');

/**
 * What the compiler finds wrong in programs, by their names: each a module of its own that stands in this folder, with the settings of the
 * workspace. One run for all of them, because it is the sources below them that take the time.
 */
export function faultsIn(programs: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const paths = new Map([...programs.keys()].map((name, index) => [name, `${FOLDER}page-${index}.program.ts`]));
  const texts = new Map([...programs].map(([name, text]) => [paths.get(name), text]));
  const files = [...paths.values()];
  const config = ts.readConfigFile(`${WORKSPACE}tsconfig.json`, ts.sys.readFile).config as object;
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, WORKSPACE);
  const checked = { ...options, noEmit: true, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(checked);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (path, ...rest) => {
    const text = texts.get(path);
    return text === undefined ? read(path, ...rest) : ts.createSourceFile(path, text, ts.ScriptTarget.ESNext);
  };
  const compiled = ts.createProgram({ rootNames: files, options: checked, host });
  // The sources below them are checked by themselves.
  const faultsOf = (path: string) =>
    ts
      .getPreEmitDiagnostics(compiled, compiled.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  return new Map([...paths].map(([name, path]) => [name, faultsOf(path)]));
}
