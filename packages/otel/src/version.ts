/** The version of this package, for the scope of its spans and metrics. */
export const VERSION = '0.1.0';
