import { check } from '@breakwater/core';
import { type AlertMessage, type AlertSink, checkedSink } from './sink.js';

/** The part of a logger that a sink needs; `console` has it, and so have pino and the like. */
export interface AlertLogger {
  error(text: string): void;
  warn(text: string): void;
  info(text: string): void;
}

/** Options of {@link logSink}. */
export interface LogSinkOptions {
  /** @default the console */
  logger?: AlertLogger;
  /** Stands before each line. @default 'breakwater' */
  source?: string;
}

const isLogger = (value: unknown): boolean =>
  (['error', 'warn', 'info'] as const).every((level) => typeof (value as AlertLogger)[level] === 'function');

const optionsCheck = check.shape({
  logger: check.must('a logger with error, warn and info', isLogger),
  source: check.text,
});

/** One line for each alert: what is critical as an error, other alerts as a warning, and what is over as information. */
export function logSink(options: LogSinkOptions = {}): AlertSink {
  const deliver = (message: AlertMessage) => {
    const { logger = console, source = 'breakwater' } = options;
    const line = `${source}: ${message.text}`;
    const level = levelOf(message);
    logger[level](line);
  };
  // Whoever has a log wants all of it.
  return checkedSink({ name: 'log', perMinute: 600, retries: 0, deliver }, optionsCheck, options);
}

function levelOf({ alert }: AlertMessage): 'error' | 'warn' | 'info' {
  if (alert?.state === 'resolved') return 'info';
  if (alert?.severity === 'critical') return 'error';
  return alert?.severity === 'info' ? 'info' : 'warn';
}
