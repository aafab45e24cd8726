/** One process for one data folder, with real processes that are killed. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@latchkey/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backupDatabase, restoreDatabase } from "./backup.js";
import { DataFolderLock } from "./data-folder.js";
import { openDatabase } from "./open.js";

let root: string;
let dir: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "latchkey-folder-"));
  dir = join(root, "data");
});

afterEach(() => rmSync(root, { recursive: true }));

/** A process that holds a kernel lock on the folder until it is killed, as a control plane does. */
async function holdElsewhere(): Promise<{ readonly pid: number; kill(): Promise<void> }> {
  const sqlite = fileURLToPath(import.meta.resolve("better-sqlite3"));
  const script = `
    const handle = new (require(${JSON.stringify(sqlite)}))(${JSON.stringify(join(dir, "latchkey.lock"))});
    handle.exec("begin exclusive");
    require("node:fs").writeFileSync(${JSON.stringify(join(dir, "latchkey.lock.json"))}, JSON.stringify({
      what: "control plane", pid: process.pid, startedAt: "2026-01-02T03:04:05.000Z", addresses: ["127.0.0.1:4000"],
    }));
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("exit", () => reject(new Error("the other process ended")));
  });
  return {
    pid: child.pid ?? 0,
    kill: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}

describe("the lock of a data folder", () => {
  it("refuses a second holder in the same process, and names the first", () => {
    const first = DataFolderLock.take(dir, "control plane", systemClock);
    first.listens(["127.0.0.1:4000", "127.0.0.1:4001"]);
    const take = () => DataFolderLock.take(dir, "control plane", systemClock);
    expect(take).toThrow(`pid ${process.pid}`);
    expect(take).toThrow("listening on 127.0.0.1:4000 and 127.0.0.1:4001");
    expect(take).toThrow(/started \d{4}-\d\d-\d\dT/);
    first[Symbol.dispose]();
    take()[Symbol.dispose]();
  });

  it("refuses while another process has it, and not once that was killed", async () => {
    DataFolderLock.take(dir, "control plane", systemClock)[Symbol.dispose]();
    const other = await holdElsewhere();
    const take = () => DataFolderLock.take(dir, "control plane", systemClock);
    expect(take).toThrow(
      `in use by a control plane (pid ${other.pid}, started 2026-01-02T03:04:05.000Z, listening on 127.0.0.1:4000)`,
    );
    await other.kill();
    // What the killed process said of itself is still there, and does not count.
    expect(readFileSync(join(dir, "latchkey.lock.json"), "utf8")).toContain(`${other.pid}`);
    take()[Symbol.dispose]();
  });

  it("refuses a restore and lets a backup pass", async () => {
    const path = join(dir, "latchkey.db");
    const backup = join(root, "backup.db");
    await (await openDatabase({ path })).destroy();
    const other = await holdElsewhere();
    await backupDatabase(path, backup);
    expect(existsSync(backup)).toBe(true);
    await expect(restoreDatabase(backup, path)).rejects.toThrow(`pid ${other.pid}`);
    await other.kill();
    await restoreDatabase(backup, path);
  });

  it("has private files in a private folder", () => {
    const before = process.umask(0o022);
    try {
      const lock = DataFolderLock.take(dir, "control plane", systemClock);
      expect(statSync(dir).mode & 0o777).toBe(0o700);
      expect(statSync(join(dir, "latchkey.lock.json")).mode & 0o777).toBe(0o600);
      lock[Symbol.dispose]();
    } finally {
      process.umask(before);
    }
  });
});
