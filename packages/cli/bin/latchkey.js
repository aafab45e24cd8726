#!/usr/bin/env node
// The `latchkey` command; everything is in the built package.
import { main } from "../dist/main.js";

process.exitCode = await main(process.argv);
