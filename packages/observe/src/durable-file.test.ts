import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { writeFileDurably } from "./durable-file.js";

const dir = mkdtempSync(join(tmpdir(), "latchkey-durable-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it("replaces a file as a whole, private, and leaves nothing beside it", async () => {
  const path = join(dir, "key.json");
  await writeFileDurably(path, "the first, which is longer");
  await writeFileDurably(path, "the second");
  expect(readFileSync(path, "utf8")).toBe("the second");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(["key.json"]);
});

it("keeps the file that is there when the new one cannot be written", async () => {
  await expect(writeFileDurably(join(dir, "absent", "key.json"), "x")).rejects.toThrow("ENOENT");
});
