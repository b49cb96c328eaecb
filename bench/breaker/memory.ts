import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Finding } from '../gates.ts';
import type { Held } from './held.ts';

/** The most bytes: settling allocates nothing (the rest is the reading's own), and 10 000 breakers hold less than 10 MB. */
const LIMITS = { settling: 4, breakers: 10 * 1024 ** 2 } as const;

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What breakers allocate for a call and hold, in bytes. */
export function measureHeld(): Finding[] {
  const flags = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'];
  const words = [...flags, '--import', new URL('from-source.mjs', import.meta.url).href, path('held.ts')];
  const held = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as Record<
    'time' | 'count',
    Held
  >;
  return Object.entries({ 'window of 60 s': held.time, 'countWindow(100)': held.count }).flatMap(([window, bytes]) => [
    { what: `a permit, ${window}`, value: bytes.permit, unit: 'bytes' as const },
    { what: `settling it, more, ${window}`, value: bytes.settling, unit: 'bytes' as const, limit: LIMITS.settling },
    { what: `10 000 breakers, ${window}`, value: bytes.breakers, unit: 'bytes' as const, limit: LIMITS.breakers },
  ]);
}
