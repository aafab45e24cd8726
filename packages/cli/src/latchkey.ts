/** The process of the `latchkey` command. No logic. */
import "@latchkey/observe/prepare-process";

// Loaded behind it.
const { watchStandardOutput } = await import("./standard-output.js");
const { main } = await import("./main.js");
watchStandardOutput();
process.exitCode = await main(process.argv);
