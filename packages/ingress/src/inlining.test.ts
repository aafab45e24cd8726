import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { INLINING_FLAG } from "./inlining.js";

// V8 says on standard error that it does not know a flag, and goes on without: nobody would notice.
it("this version of Node.js has the flag", () => {
  const { stdout } = spawnSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
  expect(stdout).toContain(`${INLINING_FLAG} (`);
});
