/** The `latchkey` command as a function. */
export { main } from "./main.js";
export { watchStandardOutput } from "./standard-output.js";
