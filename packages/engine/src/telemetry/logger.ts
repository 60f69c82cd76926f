import { pino } from 'pino';
import type { LogFields, Logger } from '../ports/logger.ts';

/** Structured logs as JSON lines on standard output. Errors are written with stack and cause. */
export function createLogger(level: string): Logger {
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, errorKey: 'error' });
  const write =
    (method: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: LogFields, message: string): void =>
      log[method](fields, message);
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
