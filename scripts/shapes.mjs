// What would be published, looked at as its users would find it: publint, and are-the-types-wrong. All packages are packed at once, because
// npm takes longer to start than to pack.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = process.argv.slice(2).map((name) => `./packages/${name}`);
const scratch = mkdtempSync(join(tmpdir(), 'breakwater-packed-'));
const shell = process.platform === 'win32';

/** What is wrong with one tarball, in lines. */
async function faultsOf(tarball) {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) },
    strict: true,
  });
  const attw = spawnSync(join(root, 'node_modules/.bin/attw'), [tarball], { encoding: 'utf8', shell });
  const types = attw.status === 0 ? [] : [attw.stdout + attw.stderr];
  return [...messages.map((message) => `${pkg.name}: ${formatMessage(message, pkg)}`), ...types];
}

try {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', scratch, ...folders], {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
    shell,
  });
  const faults = [];
  for (const { filename } of JSON.parse(packed)) faults.push(...(await faultsOf(join(scratch, filename))));
  for (const fault of faults) console.log(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
