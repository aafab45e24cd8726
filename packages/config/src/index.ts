/** Configuration from defaults, file, environment and options; every problem at once. */
export * from "./config-error.js";
export * from "./config-table.js";
export * from "./listen-error.js";
export * from "./load-config.js";
export { type OtlpSettings, otlpSettings } from "./otlp-settings.js";
export * from "./setting-files.js";
export { type LeafType, type Setting, settingsOf } from "./settings.js";
