#!/usr/bin/env node
// The `latchkey` command: from `dist`, and from the sources under the condition `@latchkey/source` (npm run dev).
import "@latchkey/observe/prepare-process";

const { main, watchStandardOutput } = await import("@latchkey/cli"); // loaded behind it
watchStandardOutput();
process.exitCode = await main(process.argv);
