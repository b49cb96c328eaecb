/** Where a client keeps its router; a symbol, because private members fail behind the proxies that tracing libraries put around clients. */
export const SEAM = Symbol('breakwater.seam');
