import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Errors whose message quotes names of files and packages, and nothing else that stands in a module. */
const OF_FILES =
  /^(?:ERR_(?:MODULE_NOT_FOUND|UNSUPPORTED_DIR_IMPORT|PACKAGE_PATH_NOT_EXPORTED)|MODULE_NOT_FOUND|EACCES|EISDIR|ENOENT)$/;

/**
 * Why a module could not be imported, on one line. The platform quotes what it could not parse or resolve, which in a config may well be a
 * key that stands there without its quotes, and a module's own errors may hold anything: of those the name is told, and the line.
 */
export function importFault(error: unknown, file: string): string {
  const { code, name, message, stack } = (error ?? {}) as Readonly<Record<string, unknown>>;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[mc]?ts$/.test(file))
    return 'this runtime does not import TypeScript; rename it to .mjs, or use Node 22.18 or newer, Bun or Deno';
  if (OF_FILES.test(String(code))) return `it cannot be imported: ${String(message).split('\n')[0]}`;
  const what = typeof name === 'string' && /^[A-Z]\w{0,39}$/.test(name) ? name : 'it threw what is no error';
  const line = lineOf(String(stack), file);
  const where = line === undefined ? '' : `; see line ${line}`;
  return `${name === 'SyntaxError' ? 'it cannot be parsed' : 'it cannot be imported'}: ${what}${where}`;
}

/** The line of the file that a stack names first, as a path or as a URL. */
function lineOf(stack: string, file: string): string | undefined {
  const names = [file, pathToFileURL(file).href].map((path) => `/${basename(path)}:`);
  for (const line of stack.replaceAll('\\', '/').split('\n')) {
    for (const name of names) {
      const at = line.lastIndexOf(name);
      const number = at < 0 ? undefined : /^\d+/.exec(line.slice(at + name.length))?.[0];
      if (number !== undefined) return number;
    }
  }
  return undefined;
}
