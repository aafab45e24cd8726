/** What `latchkey dev` says of a data folder that it cannot use. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadDevState } from "./dev-state.js";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "latchkey-dev-state-"));
  writeFileSync(join(dir, "file"), "");
  mkdirSync(join(dir, "damaged"));
  writeFileSync(join(dir, "damaged", "dev.json"), "{");
});
afterAll(() => rmSync(dir, { recursive: true }));

it("keeps its tokens over starts", () => {
  const folder = join(dir, "new", "data");
  expect(loadDevState(folder)).toEqual(loadDevState(folder));
});

it("names a folder that cannot be used, and the option for another one", () => {
  const folders = [join(dir, "file"), join(dir, "file", "data")];
  if (process.platform === "linux") folders.push("/proc/latchkey"); // Node.js tries for ever to make it with `recursive`
  for (const folder of folders)
    expect(() => loadDevState(folder)).toThrow(
      new RegExp(
        `^the data folder ${folder} cannot be used: E[A-Z]+: .*; choose another one with --data-dir`,
      ),
    );
});

it("names a damaged file, and makes no new key in its place", () => {
  for (const _start of [1, 2])
    expect(() => loadDevState(join(dir, "damaged"))).toThrow(
      /dev\.json cannot be read: restore it from a backup/,
    );
});
