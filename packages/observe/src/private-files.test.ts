/** New files are private, and looser modes are reported. On real files. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLogger } from "./logger.js";
import { makeFilesPrivate, makePrivateFile, makePrivateFolder, warnOfLooseModes } from "./private-files.js";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "latchkey-modes-"));
});

afterEach(() => rmSync(dir, { recursive: true }));

function warnings(...paths: string[]): string {
  let lines = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines += String(chunk);
      done();
    },
  });
  warnOfLooseModes(paths, createLogger({ name: "test", level: "warn", stream }));
  return lines;
}

test("a folder and a file are for their owner only", () => {
  const folder = join(dir, "a", "b");
  makePrivateFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(dir, "a")).mode & 0o777).toBe(0o700);
  makePrivateFile(join(folder, "file"));
  expect(statSync(join(folder, "file")).mode & 0o777).toBe(0o600);
  expect(() => makePrivateFile(join(folder, "file"))).toThrow(/EEXIST/);
});

test.skipIf(process.platform !== "linux")("a folder where none can be made fails, and does not hang", () => {
  for (const path of ["/proc/latchkey/data", "/proc/self/fd/latchkey", "/dev/null/latchkey"])
    expect(() => makePrivateFolder(path)).toThrow(/^E[A-Z]+: /);
});

test("whatever a process makes is for its owner only, also by a library that knows nothing of it", () => {
  const before = process.umask(0o022);
  try {
    makeFilesPrivate();
    writeFileSync(join(dir, "file"), "");
    mkdirSync(join(dir, "folder"));
    expect(statSync(join(dir, "file")).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "folder")).mode & 0o777).toBe(0o700);
  } finally {
    process.umask(before);
  }
});

test("a path that cannot be looked at is skipped", () => {
  // A link to itself fails for root, too; a folder that another user closed does not.
  const loop = join(dir, "loop");
  symlinkSync(loop, loop);
  expect(() => statSync(loop)).toThrow(/ELOOP/);
  expect(warnings(loop)).toBe("");
});

test("what others can open is reported with its mode, and left as it is", () => {
  const file = join(dir, "file");
  makePrivateFile(file);
  expect(warnings(dir, file, join(dir, "missing"))).toBe("");
  chmodSync(file, 0o640);
  chmodSync(dir, 0o755);
  const line = warnings(dir, file);
  expect(line).toContain(`${file} (0640)`);
  expect(line).toContain(`${dir} (0755)`);
  expect(statSync(file).mode & 0o777).toBe(0o640);
});
