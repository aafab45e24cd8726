#!/usr/bin/env node
// The `latchkey` command; everything is in the built package.
import "@latchkey/observe/prepare-process";

await import("../dist/standard-output.js"); // loaded behind it
const { main } = await import("../dist/main.js");
process.exitCode = await main(process.argv);
