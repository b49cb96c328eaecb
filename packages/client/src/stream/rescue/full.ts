import type { ChunkReader } from '../chunks.js';
import type { Delivered } from './answer.js';

/**
 * The end of an answer that is as long as it may be, and of which nothing but its finish was lost: there is nobody to be asked for more of
 * it.
 */
export function fullEnd({ resource, common }: Delivered): ChunkReader {
  const said = resource === 'completions' ? { text: '' } : { delta: {} };
  const last = JSON.stringify({ ...common, choices: [{ index: 0, ...said, finish_reason: 'length' }] });
  let value: string | undefined = `data: ${last}\n\ndata: [DONE]\n\n`;
  return {
    read: async () => {
      const next = value;
      value = undefined;
      return next === undefined ? { done: true } : { done: false, value: next };
    },
    cancel: async () => undefined,
  };
}
