// Makes or upgrades a database as the control plane's start does, so that it can be killed in the middle.
import { writeSync } from "node:fs";
import { openDatabase } from "../../../packages/control-plane/dist/db/open.js";

writeSync(1, "begin\n");
const db = await openDatabase({ path: process.argv[2] ?? "" });
await db.destroy();
writeSync(1, "done\n");
