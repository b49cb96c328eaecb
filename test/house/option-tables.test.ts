import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const OPTIONS = readFileSync(join(root, 'docs/options.md'), 'utf8');

/** Runs the writer of the tables, on all of docs/ or on these pages. */
function tables(...args: readonly string[]) {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/option-tables.mjs'), ...args], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

/** A page in a folder of its own, which ends with the test. */
function pageOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'page.md');
  writeFileSync(path, text);
  return path;
}

// Written by hand they lacked an endpoint's `limits` and a request's `priority`.
test('the tables of options say what the doc comments say', () => {
  expect(tables('--check')).toEqual({ status: 0, stderr: '' });
  for (const name of ['endpoints', 'timeouts.attemptMs', 'limits', 'priority'])
    expect(OPTIONS).toMatch(new RegExp(`^\\| \`${name}\` +\\| \\S`, 'm'));
});

test('a row that was changed by hand is found, and put right', () => {
  const page = pageOf(OPTIONS.replace('| `8` ', '| `9` '));
  expect(tables('--check', page)).toEqual({
    status: 1,
    stderr: expect.stringContaining('is not what its options say'),
  });
  expect(tables(page).status).toBe(0);
  expect(readFileSync(page, 'utf8')).toBe(OPTIONS);
});

test('a table of what there is not is refused', () => {
  const { status, stderr } = tables('--check', pageOf('<!-- options of NoSuchOptions -->\n<!-- end of options -->\n'));
  expect(status).toBe(1);
  expect(stderr).toContain('There is no interface NoSuchOptions');
});
