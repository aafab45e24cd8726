// `npm run test:node24`: unit tests, conformance with both ways to write to sockets, and the end-to-end tests, on Node.js 24. `npm test`
// runs a part of them. Arguments go to Vitest in place of these (`npm run test:node24 -- --project unit packages/core`).
import { join } from "node:path";
import { build } from "./build.mjs";
import { ensureNode24, node24 } from "./lib/node24.mjs";
import { note, root, run } from "./lib/shell.mjs";

await build();
await ensureNode24();

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const conformance = ["--project", "e2e", "test/conformance/"];
const given = process.argv.slice(2);
const runs =
  given.length > 0
    ? [{ args: given }]
    : [
        { args: ["--project", "unit", "--project", "portable"] },
        { args: conformance },
        { args: conformance, io: "portable" },
        // Without `npm start`, which compiles better-sqlite3 in node_modules for the Node.js that runs it.
        { args: ["--project", "e2e", "test/e2e/", "--exclude", "**/start.e2e.ts"] },
      ];
let failed = 0;
for (const { args, io } of runs) {
  const env = { ...process.env, ...node24.env, ...(io === undefined ? {} : { LATCHKEY_INGRESS_IO: io }) };
  if ((await run(node24.command, [vitest, "run", ...args], { env })) !== 0) failed += 1;
}
note(
  failed === 0 ? "Node.js 24: everything passed." : `Node.js 24: ${failed} of ${runs.length} runs failed.`,
);
process.exit(failed === 0 ? 0 : 1);
