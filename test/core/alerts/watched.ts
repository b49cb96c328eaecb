import { type AlertOptions, resolveAlerts } from '../../../packages/core/src/alerts/options.js';
import { Watch } from '../../../packages/core/src/alerts/watch.js';
import { World, type WorldOptions } from '../flow/world.js';

/** A world that is watched over, and hears everything. */
export function watched(script: string, { alerts, ...more }: WorldOptions & { alerts?: AlertOptions | false } = {}) {
  const world = new World({ script, ...more });
  const watch = new Watch(world.engine, resolveAlerts(alerts));
  return { world, watch, told: () => world.of('alert').map(({ rule, state }) => `${rule} ${state}`) };
}

/** So many calls, one after the other, `everyMs` apart. */
export async function calls(world: World, count: number, everyMs = 0, given = {}): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    await world.run(given);
    if (everyMs > 0) await world.clock.advance(everyMs);
  }
}
