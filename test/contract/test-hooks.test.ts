/**
 * What tests share registers no hook when it is imported: the files of a worker share modules (`isolate: false`), so the hook would
 * run in the first of them only, and what the others started would live on. `onTestFinished` belongs to the test that calls it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const HOOK = /^(?:before|after)(?:Each|All)\(/m;

it("registers no hook outside of test files", () => {
  const folders = readdirSync(join(root, "packages")).map((name) => join("packages", name, "src"));
  const shared = [...folders, "test"]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => file.endsWith(".ts") && !/\.(?:test|e2e|browser)\.ts$/.test(file));
  expect(shared.length).toBeGreaterThan(100);
  expect(shared.filter((file) => HOOK.test(readFileSync(join(root, file), "utf8")))).toEqual([]);
});
