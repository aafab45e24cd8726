import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@latchkey/testkit";
import { expect, it } from "vitest";
import { SupervisedProcess } from "./supervised-process.js";

it("stays stopped when it is stopped while it starts again", async () => {
  const dir = mkdtempSync(join(tmpdir(), "latchkey-supervised-"));
  try {
    const seen = join(dir, "seen");
    const command = join(dir, "child.mjs");
    writeFileSync(seen, "");
    // Is ready the first time and ends at once; later it never gets ready.
    writeFileSync(
      command,
      `import { appendFileSync, readFileSync } from "node:fs";
const seen = ${JSON.stringify(seen)};
const isFirst = readFileSync(seen, "utf8") === "";
appendFileSync(seen, process.pid + "\\n");
if (isFirst) process.send({ kind: "ready", urls: {} }, () => process.exit(1));
else setInterval(() => undefined, 1_000);
`,
    );
    const said: string[] = [];
    const supervised = new SupervisedProcess({
      name: "child",
      command,
      args: [],
      env: {},
      say: (line) => said.push(line),
    });
    await supervised.start();
    const starts = () => readFileSync(seen, "utf8").trim().split("\n").length;
    await eventually(async () => (starts() === 2 ? true : undefined), "the second start");
    await supervised.stop();
    // Longer than the next delay of a restart: nothing tells that something does not happen.
    await once(AbortSignal.timeout(1_000), "abort");
    expect([starts(), said.length]).toEqual([2, 1]);
    await supervised.stop();
  } finally {
    rmSync(dir, { recursive: true });
  }
});
