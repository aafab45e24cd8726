import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connectionsFor, descriptorsMax } from "./descriptor-limit.js";

describe("file descriptors", () => {
  it("leaves the others, and a reserve, to the rest of the process", () => {
    expect(connectionsFor(10_000, null)).toBe(10_000);
    expect(connectionsFor(10_000, 1_048_576)).toBe(10_000);
    expect(connectionsFor(10_000, 4_096)).toBe(1_984);
    expect(connectionsFor(10_000, 4_096, 3)).toBe(1_322);
    expect(connectionsFor(10_000, 64)).toBe(1);
  });

  it("are read where the system tells", () => {
    const file = join(mkdtempSync(join(tmpdir(), "latchkey-limits-")), "limits");
    writeFileSync(
      file,
      "Limit  Soft Limit  Hard Limit  Units\nMax processes  1  2  processes\nMax open files            4096                 524288               files     \n",
    );
    expect(descriptorsMax(file)).toBe(4_096);
    writeFileSync(file, "Max open files            unlimited            unlimited            files     \n");
    expect(descriptorsMax(file)).toBeNull();
    expect(descriptorsMax(`${file}-that-is-not-there`)).toBeNull();
  });
});
