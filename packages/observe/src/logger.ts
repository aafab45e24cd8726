/**
 * The logger: pino to standard error as JSON lines, readable ones on a terminal (standard output is for a command's result).
 * Redacts by name.
 */
import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";
import { standardError } from "./log-output.js";

export type { Logger } from "pino";

export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";

export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export interface CreateLoggerOptions {
  /** Which process speaks: `control-plane`, `ingress`. */
  readonly name: string;
  readonly level?: LogLevel;
  /** Where to; standard error without it. */
  readonly stream?: DestinationStream;
}

/** Names under which a secret could come into a log line by mistake. */
const SECRET_FIELDS = [
  "token",
  "secret",
  "key",
  "apiKey",
  "password",
  "authorization",
  "cookie",
  "headers.authorization",
  "headers.cookie",
  'headers["connxio-api-key"]',
];

export function createLogger(options: CreateLoggerOptions): Logger {
  const settings: LoggerOptions = {
    name: options.name,
    level: options.level ?? "info",
    redact: { paths: [...SECRET_FIELDS, ...SECRET_FIELDS.map((field) => `*.${field}`)], censor: "(secret)" },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
  };
  return pino(settings, options.stream ?? standardError());
}
