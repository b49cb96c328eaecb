import { performance } from 'node:perf_hooks';
import { onTestFinished, vi } from 'vitest';

/**
 * Has the platform say, until the test ends, that this process does nothing but wait. A test that asks and answers is at work itself, and
 * ways that are measured meanwhile are not believed.
 */
export function idleProcess(): void {
  const told = vi.spyOn(performance, 'eventLoopUtilization').mockReturnValue({ active: 0, idle: 0, utilization: 0 });
  onTestFinished(() => told.mockRestore());
}
