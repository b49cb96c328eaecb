import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const WORKSPACE = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = `${WORKSPACE}test/docs/blocks/`;

/**
 * What the compiler finds wrong in programs, by their names: each a module of its own in a folder beside `given.ts`, with the settings of
 * the workspace. One run for all of them, because it is the sources below them that take the time.
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
  // The folder is there only while blocks are run in it.
  host.directoryExists = (path) => path === FOLDER.slice(0, -1) || ts.sys.directoryExists(path);
  const compiled = ts.createProgram({ rootNames: files, options: checked, host });
  // The sources below them are checked by themselves.
  const faultsOf = (path: string) =>
    ts
      .getPreEmitDiagnostics(compiled, compiled.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  return new Map([...paths].map(([name, path]) => [name, faultsOf(path)]));
}
