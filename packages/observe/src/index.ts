/** What every process tells of itself (log lines and metrics) and does to stay alive and private. */
export * from "./child-options.js";
export * from "./fatal-error.js";
export * from "./log-output.js";
export * from "./logger.js";
export * from "./metrics.js";
export * from "./private-files.js";
