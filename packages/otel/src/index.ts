export { type Instrumentable, instrument } from './instrument.js';
export type { InstrumentOptions } from './options.js';
