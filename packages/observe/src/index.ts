/** What every process tells of itself: log lines, metrics, and its end by an error that nobody caught. */
export * from "./fatal-error.js";
export * from "./logger.js";
export * from "./metrics.js";
export * from "./private-files.js";
