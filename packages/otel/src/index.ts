export type { Instrumentable } from './client.js';
export { instrument } from './instrument.js';
export type { InstrumentOptions } from './options.js';
