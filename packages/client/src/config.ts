// `breakwater/config`: an entry of its own, because it reads files, which the edge runtimes do not have.
export { ConfigError } from './config/config-error.js';
export { configFaults, type KeyHolders } from './config/faults.js';
export { findConfig, loadConfig } from './config/load-config.js';
