import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { INLINING_FLAG } from "./inlining.js";
import { Program } from "./testing/program.js";
import { World } from "./testing/world.js";

// V8 says on standard error that it does not know a flag, and goes on without: nobody would notice.
it("this version of Node.js has the flag", () => {
  const { stdout } = spawnSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
  expect(stdout).toContain(`${INLINING_FLAG} (`);
});

it.each([1, 2])(
  "latchkey ingress sets the flag in each process that serves, workers: %i",
  async (workers) => {
    const folder = await mkdtemp(join(tmpdir(), "latchkey-inlining-"));
    try {
      // Loaded before everything else, in workers too: writes down which process sets which flag.
      const hook = join(folder, "hook.cjs");
      const seen = join(folder, "seen");
      await writeFile(
        hook,
        `const v8 = require("node:v8"), fs = require("node:fs"), set = v8.setFlagsFromString;
       v8.setFlagsFromString = (flag) => { fs.appendFileSync(${JSON.stringify(seen)}, process.pid + " " + flag + "\\n"); set(flag); };
       require("node:module").syncBuiltinESMExports();`,
      );
      await using world = await World.empty();
      world.server.load([]);
      await using node = new Program(world, {
        NODE_OPTIONS: `--require ${hook}`,
        LATCHKEY_INGRESS_WORKERS: String(workers),
      });
      await node.ports();
      const lines = (await readFile(seen, "utf8")).split("\n").filter((line) => line.includes(INLINING_FLAG));
      // The primary sets it as well: it is the one that serves where there are no workers.
      const processes = new Set(lines.map((line) => line.split(" ")[0]));
      expect(processes.size).toBe(workers === 1 ? 1 : 1 + workers);
      expect(processes).toContain(String(node.child.pid));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
