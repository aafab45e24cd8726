/** What `npm run release:pack` refuses, and what it deletes. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { clearRelease } from "./folder.mjs";

const root = join(import.meta.dirname, "../../..");

describe("npm run release:pack", () => {
  it.each([
    ["an option that there is not", ["--pubish"], "Unknown option '--pubish'"],
    ["a folder that is not named", ["--out"], "'--out <value>' argument missing"],
  ])("refuses %s, and builds nothing", (_, args, message) => {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/release.mjs", ...args], {
      cwd: root,
      encoding: "utf8",
      timeout: 5_000,
    });
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  it("deletes the release before in its folder, and nothing else there", () => {
    const dir = mkdtempSync(join(tmpdir(), "latchkey-release-"));
    const ours = ["latchkey-0.1.0.tgz", "latchkey-client-0.1.0.tgz", "latchkey-0.1.0.cdx.json"];
    for (const name of [...ours, "notes.md", "other.tgz"]) writeFileSync(join(dir, name), "");
    expect(clearRelease(dir)).toBe(join(dir, "latchkey-staging"));
    expect(readdirSync(dir).sort()).toEqual(["latchkey-staging", "notes.md", "other.tgz"]);
    rmSync(dir, { recursive: true });
  });
});
