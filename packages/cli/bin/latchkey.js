#!/usr/bin/env node
// The `latchkey` command; everything is in the built package.
import "@latchkey/observe/prepare-process";

const { main } = await import("../dist/main.js"); // loaded behind it
process.exitCode = await main(process.argv);
