import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClientOptions } from 'breakwater';
import { ConfigError } from './config-error.js';
import { importFault } from './import-fault.js';
import { parseJSON } from './parse-json.js';

/** The names that are looked for, in this order, where none is given. */
const NAMES = ['mjs', 'js', 'ts', 'mts', 'cjs', 'json'].map((ending) => `router.config.${ending}`);

/**
 * The options of a client from a file, as they stand there: the default export of a module (`.mjs`, `.js`, `.cjs`; `.ts` and `.mts` where the
 * runtime imports those), or a JSON object. A relative path is taken from the working directory. Whether the options can be used, their user finds out.
 * @param path of the file; by default the first `router.config.*` in the working directory
 * @throws ConfigError naming the file, and what is wrong with it; what the module itself threw is its `cause`, and not quoted
 */
export async function loadConfig(path: string = findConfig()): Promise<ClientOptions> {
  const fault = pathFault(path);
  if (fault !== undefined) throw new ConfigError('loadConfig', fault);
  const file = resolve(path);
  if (!existsSync(file)) throw new ConfigError(path, 'there is no such file');
  const given = file.endsWith('.json') ? parseJSON(path, textOf(path, file)) : await importedFrom(path, file);
  if (Object.prototype.toString.call(given) === '[object Object]') return given as ClientOptions;
  throw new ConfigError(
    path,
    `its ${file.endsWith('.json') ? 'content' : 'default export'} must be an object with the options of a client, but is ${kindOf(given)}`,
  );
}

/** The first `router.config.*` in the working directory. @throws ConfigError when there is none */
export function findConfig(): string {
  const found = NAMES.find((name) => existsSync(resolve(name)));
  if (found !== undefined) return found;
  throw new ConfigError(process.cwd(), `there is none of ${NAMES.join(', ')} here; name your file`);
}

/** Types do not reach plain JavaScript, where a URL or an environment variable that is not set stands in a path's place. */
function pathFault(path: unknown): string | undefined {
  const wanted = 'the path of a file, such as ./router.config.mjs';
  if (path === '') return `it takes ${wanted}, but was given an empty text: is an environment variable not set?`;
  if (path instanceof URL)
    return `it takes ${wanted}, but was given a URL of ${path.protocol}; ${path.protocol === 'file:' ? 'write fileURLToPath(url)' : 'what is elsewhere has to be fetched before'}`;
  return typeof path === 'string' ? undefined : `it takes ${wanted}, but was given ${kindOf(path)}`;
}

/** @throws ConfigError for a folder, and for a file that this user may not read */
function textOf(path: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(path, `it cannot be read: ${(error as { code?: string }).code ?? 'unknown'}`, {
      cause: error,
    });
  }
}

interface Imported {
  readonly default?: unknown;
  readonly __esModule?: unknown;
}

async function importedFrom(path: string, file: string): Promise<unknown> {
  let module: Imported;
  try {
    module = (await import(pathToFileURL(file).href)) as Imported;
  } catch (error) {
    throw new ConfigError(path, importFault(error, file), { cause: error });
  }
  if (!('default' in module))
    throw new ConfigError(path, 'it has no default export; write export default defineConfig({ … })');
  const given = module.default as Imported | undefined;
  // What a compiler made of `export default` for CommonJS stands one step deeper.
  return given?.__esModule === true && 'default' in given ? given.default : given;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? `an object of the class ${value.constructor?.name ?? '?'}` : `a ${typeof value}`;
}
