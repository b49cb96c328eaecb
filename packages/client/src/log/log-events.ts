import { check, type EventName, type Listener, type RouterEvents } from '@breakwater/core';
import { OptionsError } from '../errors.js';
import { INCIDENTS, type Line, type LineLevel, type Lines, REQUESTS } from './lines.js';
import { onOneLine } from './words.js';

/** What lines are written to: a pino logger, one of its children, or whatever takes the same calls. */
export interface EventLogger {
  info(fields: LogFields, message: string): unknown;
  warn(fields: LogFields, message: string): unknown;
  error(fields: LogFields, message: string): unknown;
}

/** The fields of a line: the event's name, and its payload as `docs/events.md` has it, with `breakerLevel` in place of `level`. */
export type LogFields = { readonly event: EventName } & Readonly<Record<string, unknown>>;

/** What is written. */
export interface LogOptions {
  /** Whether there are lines of single requests too: their ends, repeats, hedges and rejections. @default false */
  requests?: boolean;
}

/** What can be listened to: a client with a router. */
export interface Listenable {
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;
}

const logOptions = check.shape({ requests: check.boolean });
const LEVELS: readonly LineLevel[] = ['info', 'warn', 'error'];

/**
 * Writes a line for each failover, and for whatever changes at a target: breakers, quarantines, rests, health, rescued streams, the last
 * resort, budgets. The answer undoes it, and so does `client.router.close()`. A logger that throws is reported as any listener is, and
 * changes nothing. On the console, which is the default, a line is one text; any other logger is called as pino is,
 * `logger.warn(fields, message)`.
 * @throws OptionsError for a client without a router, for no logger, and for what is no option
 */
export function logEvents(
  client: Listenable,
  logger: EventLogger | Console = console,
  options: LogOptions = {},
): () => void {
  refuse(logger, options);
  const write = writerTo(logger);
  const lines: Lines = options.requests ? { ...INCIDENTS, ...REQUESTS } : INCIDENTS;
  const undos = (Object.keys(lines) as EventName[]).map((name) => listen(client, name, { lines, write }));
  return () => {
    for (const undo of undos) undo();
  };
}

function refuse(logger: unknown, options: unknown): void {
  const faults = check.faultsOf(logOptions, options, 'logEvents: options');
  const methods = (logger ?? {}) as Readonly<Record<LineLevel, unknown>>;
  const missing = LEVELS.filter((level) => typeof methods[level] !== 'function');
  if (missing.length > 0) faults.push(`logEvents takes a logger, which must have the functions ${missing.join(', ')}`);
  if (faults.length > 0) throw new OptionsError(faults);
}

type Write = (level: LineLevel, fields: LogFields, message: string) => unknown;

function listen<Name extends EventName>(
  client: Listenable,
  name: Name,
  { lines, write }: { lines: Lines; write: Write },
): () => void {
  const { level, say } = lines[name] as Line<Name>;
  // What the logger returns is handed on: a promise that rejects is reported as well.
  return client.on(name, (event) => write(level, fieldsOf(name, event), onOneLine(say(event))));
}

/** As pino takes them: `level` is a field of its own there, and one line must not have two. */
function fieldsOf<Name extends EventName>(name: Name, event: RouterEvents[Name]): LogFields {
  const { level: breakerLevel, ...rest } = event as RouterEvents[Name] & { readonly level?: number };
  return { event: name, ...rest, ...(breakerLevel !== undefined && { breakerLevel }) };
}

function writerTo(logger: EventLogger | Console): Write {
  if (logger !== console) return (level, fields, message) => (logger as EventLogger)[level](fields, message);
  return (level, { requestId }, message) =>
    console[level](`breakwater: ${message}${requestId === undefined ? '' : ` [${requestId}]`}`);
}
