import { describe, expect, test } from 'vitest';
import { both, fileCircles, floors, packages, type Rule, roomCircles } from './imports.js';
import { parse, sources } from './sources.js';
import { bannedCalls, defaultsTrue, documentedExports, noDrawers, sizes, typesKept } from './writing.js';

/** What each rule must find in a file of one fault; a check that cannot fail is worth nothing. */
const PLANTED: readonly [Rule, string, Readonly<Record<string, string>>, string][] = [
  [
    floors,
    'a lower floor importing a higher one',
    { 'core/src/outcome/a.ts': "import '../flow/b.js';" },
    'a.ts:1 outcome (floor 2) imports flow;',
  ],
  [
    floors,
    'neighbours that meet',
    { 'core/src/breaker/a.ts': "\nexport type { B } from '../limits/b.js';" },
    'a.ts:2 breaker (floor 3) imports limits;',
  ],
  [
    floors,
    'a room importing the index',
    { 'core/src/flow/a.ts': "let a: import('../index.js').A;" },
    'a.ts:1 flow (floor 5) imports index;',
  ],
  [floors, 'a room without a floor', { 'core/src/attic/a.ts': '' }, 'the room attic has no floor;'],
  [
    roomCircles,
    'rooms of the client that need each other',
    {
      'client/src/request/a.ts': "import '../stream/b.js';",
      'client/src/stream/b.ts': '',
      'client/src/stream/c.ts': "import '../request/d.js';",
    },
    'client/request > client/stream > client/request;',
  ],
  [
    fileCircles,
    'files that import each other, though only types',
    { 'core/src/flow/a.ts': "import { b } from './b.js';", 'core/src/flow/b.ts': "import type { A } from './a.js';" },
    'packages/core/src/flow/b.ts:1 closes an import circle: ',
  ],
  [packages, 'core using a platform', { 'core/src/base/a.ts': "import 'node:fs';" }, 'a.ts:1 core imports node:fs;'],
  [
    packages,
    'openai outside the client',
    { 'simulator/src/a.ts': "await import('openai/uploads');" },
    'a.ts:1 imports openai/uploads;',
  ],
  [
    bannedCalls,
    'the platform clock',
    { 'core/src/flow/a.ts': 'const t = [Date.now];' },
    'a.ts:1 uses Date.now; take `now`',
  ],
  [
    bannedCalls,
    'a timer of the platform',
    { 'core/src/flow/a.ts': '\n\nsetTimeout(f, 1);' },
    'a.ts:3 uses setTimeout; take a Clock',
  ],
  [
    bannedCalls,
    'dice by a detour',
    { 'core/src/flow/a.ts': 'globalThis.Math.random();' },
    'uses Math.random; take a Random',
  ],
  [bannedCalls, 'a timeout signal', { 'core/src/flow/a.ts': 'AbortSignal.timeout(5);' }, 'uses AbortSignal.timeout;'],
  [sizes, 'a file that is too long', { 'client/src/a.ts': ';\n'.repeat(251) }, 'a.ts:1 has 251 lines, at most 250;'],
  [
    sizes,
    'a function that is too long',
    { 'client/src/a.ts': `\nconst a = () => {\n${';\n'.repeat(49)}};` },
    'a.ts:2 is a function of 51 lines',
  ],
  [
    documentedExports,
    'an export without a comment',
    { 'client/src/a.ts': '// Not a doc comment.\nexport const a = 1;' },
    'a.ts:2 exports a without',
  ],
  [
    documentedExports,
    'an export by list',
    { 'client/src/a.ts': 'class A {}\nexport { A as B };' },
    'a.ts:2 exports A without',
  ],
  [typesKept, 'any', { 'core/src/flow/a.ts': 'let a: Array<any>;' }, 'a.ts:1 says any;'],
  [typesKept, 'a silenced error', { 'core/src/flow/a.ts': '\n// @ts-expect-error\n' }, 'a.ts:2 has @ts-expect-error;'],
  [noDrawers, 'a drawer', { 'client/src/utils/a.ts': '' }, 'a.ts:1 lies in utils;'],
  [
    defaultsTrue,
    'a default that is not the one used',
    {
      'core/src/limits/options.ts':
        'interface A {\n  /** Rest. @default 60_000 */\n  restMs?: number;\n}\nconst DEFAULTS = { restMs: 6_000 };',
    },
    'options.ts:3 restMs is documented as @default 60000, but the constant is 6000;',
  ],
];

const all = sources();
const rules: readonly [string, Rule][] = [
  ['imports go downward: to lower floors, and out of core to p-retry and eventemitter3 alone', both(floors, packages)],
  ['nothing needs itself in a circle, neither rooms nor files', both(roomCircles, fileCircles)],
  ['core asks its clock and its dice, never the platform', bannedCalls],
  ['files and functions are short enough to be read in one go', sizes],
  ['every export says what it is', documentedExports],
  ['types are not switched off', typesKept],
  ['there is no drawer for everything', noDrawers],
  ['every documented default is the one in use', defaultsTrue],
];

describe('the house', () => {
  test('has files in each package', () => {
    expect([...new Set(all.map((source) => source.pack))].sort()).toEqual([
      'client',
      'core',
      'dashboard',
      'otel',
      'prometheus',
      'simulator',
    ]);
  });

  test.each(rules)('%s', (_, rule) => {
    expect(rule(all)).toEqual([]);
  });
});

describe('the rules', () => {
  test.each(PLANTED.map(([rule, title, files, message]) => ({ rule, title, files, message })))(
    'find $title',
    ({ rule, files, message }) => {
      const planted = Object.entries(files).map(([path, text]) => parse(`packages/${path}`, text));
      const faults = rule(planted);
      expect(faults).toHaveLength(1);
      expect(faults[0]).toContain(message);
    },
  );

  test('leave alone what is in order', () => {
    const good = parse(
      'packages/core/src/limits/options.ts',
      [
        "import { positiveInteger } from '../base/check.js';",
        '/** Rests. */',
        'export interface Rest {',
        '  /** Rest. @default 60_000 */ restMs?: number;',
        '  /** Kind. @default the first one */ kind?: string;',
        '}',
        '/** The defaults. */',
        "export const DEFAULTS = { restMs: 60000, name: 'any' };",
        'clock.setTimeout(run, clock.now());',
      ].join('\n'),
    );
    for (const [, rule] of rules) expect(rule([good])).toEqual([]);
  });
});
