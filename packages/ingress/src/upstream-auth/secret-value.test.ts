/** Secrets in files of this node: what is no such file holds nothing up. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@latchkey/core";
import { afterAll, describe, expect, it } from "vitest";
import { FileSecret, SecretFiles } from "./secret-value.js";

describe("a secret in a file", () => {
  const dir = mkdtempSync(join(tmpdir(), "latchkey-secrets-"));
  afterAll(() => rmSync(dir, { recursive: true }));

  const read = async (name: string, content?: string) => {
    const path = join(dir, name);
    if (content !== undefined) writeFileSync(path, content);
    const secret = new FileSecret(path, new SecretFiles(dir, systemClock));
    await secret.settle();
    return secret.text ?? secret.problem?.replace(path, "");
  };

  it("is the content without the line break at its end", async () => {
    expect(await read("token", "s3cret\n")).toBe("s3cret");
  });

  it("is refused outside of its directory, empty, too large or missing, with the cause", async () => {
    const because = (cause: string) => `file: cannot be read on this node: ${cause}`;
    symlinkSync("/etc/hostname", join(dir, "elsewhere"));
    expect(await read("elsewhere")).toBe(because(`it is not in ${dir}`));
    expect(await read("empty", "\n")).toBe(because("it is empty"));
    expect(await read("large", "x".repeat(65_537))).toBe(because("it is larger than 65536 bytes"));
    expect(await read("missing")).toBe(because("ENOENT"));
  });

  it("that is a pipe without a writer is refused at once, and the next file is read", async () => {
    const pipe = join(dir, "pipe");
    execFileSync("mkfifo", [pipe]);
    const files = new SecretFiles(dir, systemClock);
    writeFileSync(join(dir, "next"), "there");
    const results = await Promise.allSettled([files.read(pipe), files.read(join(dir, "next"))]);
    expect(results).toMatchObject([
      { status: "rejected", reason: { message: "it is no file" } },
      { status: "fulfilled", value: "there" },
    ]);
  });
});
