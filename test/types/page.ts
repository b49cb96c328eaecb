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

/** What the compiler finds wrong in programs, each a module of its own that stands in this folder, with the settings of the workspace. */
export function faultsOf(programs: readonly string[]): readonly string[] {
  const texts = new Map(programs.map((text, index) => [`${FOLDER}block-${index}.program.ts`, text]));
  const names = [...texts.keys()];
  const config = ts.readConfigFile(`${WORKSPACE}tsconfig.json`, ts.sys.readFile).config as object;
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: names }, ts.sys, WORKSPACE);
  const checked = { ...options, noEmit: true, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(checked);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) => {
    const text = texts.get(name);
    return text === undefined ? read(name, ...rest) : ts.createSourceFile(name, text, ts.ScriptTarget.ESNext);
  };
  const compiled = ts.createProgram({ rootNames: names, options: checked, host });
  const { getPreEmitDiagnostics, flattenDiagnosticMessageText } = ts;
  // The sources below them are checked by themselves.
  const found = names.flatMap((name) => getPreEmitDiagnostics(compiled, compiled.getSourceFile(name)));
  return found.map(({ messageText }) => flattenDiagnosticMessageText(messageText, '\n'));
}
