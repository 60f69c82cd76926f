/** Structured log: an event name and its fields. Keys and secrets never appear. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** `error` may hold an Error; bigints are written as decimal strings. */
export type LogFields = Readonly<Record<string, unknown>>;
