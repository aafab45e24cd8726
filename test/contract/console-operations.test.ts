import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { iconModule } from "../../packages/console/scripts/icons.mjs";

const script = join(import.meta.dirname, "../../packages/console/scripts/codegen.mjs");

it("the console's generated operations fit the committed schema, and its icons are Tabler's", () => {
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
});

it("names each icon that Tabler does not have, and each that is not an outline", () => {
  expect(() => iconModule(["key", "no-such-icon", "star-filled"])).toThrow(
    /"no-such-icon" is not a name of Tabler's; "star-filled" is not an outline of paths alone$/,
  );
});
