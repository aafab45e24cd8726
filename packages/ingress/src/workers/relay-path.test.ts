import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@latchkey/observe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeRelayPath } from "./relay-path.js";

const log = createLogger({ name: "test", level: "silent" });
/** Above every limit of Linux. */
const NO_PID = 2 ** 22 + 1;

describe("the path of the workers' socket", () => {
  let dir = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "latchkey-relay-"));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it("is in the data folder, which only its owner can read", () => {
    const { socket } = makeRelayPath(join(dir, "data"), log);
    expect(socket).toBe(join(dir, "data", `relay-${process.pid}.sock`));
    expect(statSync(join(dir, "data")).mode & 0o777).toBe(0o700);
  });

  it("clears what killed primaries left, and nothing else", () => {
    for (const name of [
      `relay-${NO_PID}.sock`,
      `relay-${process.pid}.sock`,
      `relay-${process.ppid}.sock`,
      "base",
    ])
      writeFileSync(join(dir, name), "");
    makeRelayPath(dir, log);
    expect(existsSync(join(dir, `relay-${NO_PID}.sock`))).toBe(false);
    expect(existsSync(join(dir, `relay-${process.pid}.sock`))).toBe(false);
    expect(existsSync(join(dir, `relay-${process.ppid}.sock`))).toBe(true);
    expect(existsSync(join(dir, "base"))).toBe(true);
  });

  it("is in a private folder of the system's when the data folder's path is too long for a socket", () => {
    const { socket, remove } = makeRelayPath(join(dir, "x".repeat(120)), log, dir);
    expect(Buffer.byteLength(socket)).toBeLessThan(104);
    expect(statSync(join(socket, "..")).mode & 0o777).toBe(0o700);
    remove();
    expect(existsSync(join(socket, ".."))).toBe(false);
  });
});
