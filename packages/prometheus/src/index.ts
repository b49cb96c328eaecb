export { type Collectable, collect } from './collect.js';
export type { AnyRegistry, CollectOptions } from './options.js';
