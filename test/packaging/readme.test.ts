import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildOnce, runExample, WORKSPACE } from '../examples/child.js';

// Inside of the workspace, where the packages are found by their names.
const folder = mkdtempSync(join(WORKSPACE, 'test', 'packaging', 'readme-'));
beforeAll(buildOnce, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const blocksOf = (page: string) => [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);

// The one block of this page named an option that had another name by then: what a newcomer copied first threw a TypeError.
test("each block of core's README runs as it stands, and says what its comments say", { timeout: 60_000 }, async () => {
  const blocks = blocksOf(readFileSync(join(WORKSPACE, 'packages/core/README.md'), 'utf8'));
  expect(blocks.length).toBeGreaterThan(0);
  for (const [index, code] of blocks.entries()) {
    const file = join(folder, `block-${index}.ts`);
    writeFileSync(file, code);
    const { stdout, stderr, exitCode } = await runExample(join('..', file.slice(WORKSPACE.length)));
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const said = code.split('\n').flatMap((line) => line.match(/^(?:console\.log\(.*\);)? ?\/\/ (.*)$/)?.[1] ?? []);
    expect(stdout.trim().split('\n')).toEqual(said);
  }
});
