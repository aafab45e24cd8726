/** What every process tells of itself: log lines and metrics. */
export * from "./logger.js";
export * from "./metrics.js";
