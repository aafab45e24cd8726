/** Secrets in files of this node: what is no such file holds nothing up. */
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@latchkey/core";
import { afterAll, describe, expect, it } from "vitest";
import { resolveIngressConfig } from "../config.js";
import { OwnFiles } from "./own-files.js";
import { FileSecret, SecretFiles } from "./secret-value.js";

describe("a secret in a file", () => {
  const dir = mkdtempSync(join(tmpdir(), "latchkey-secrets-"));
  afterAll(() => rmSync(dir, { recursive: true }));

  const noOwnFiles = new OwnFiles(resolveIngressConfig({ dataDir: join(dir, "absent") }), {});

  const read = async (name: string, content?: string) => {
    const path = join(dir, name);
    if (content !== undefined) writeFileSync(path, content);
    const secret = new FileSecret(path, new SecretFiles(dir, systemClock, noOwnFiles));
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
    const files = new SecretFiles(dir, systemClock, noOwnFiles);
    writeFileSync(join(dir, "next"), "there");
    const results = await Promise.allSettled([files.read(pipe), files.read(join(dir, "next"))]);
    expect(results).toMatchObject([
      { status: "rejected", reason: { message: "it is no file" } },
      { status: "fulfilled", value: "there" },
    ]);
  });

  it("is refused where the file is the node's own, also by a link to it or within its configuration", async () => {
    const at = (name: string) => join(dir, name);
    mkdirSync(at("data"));
    const own = ["node", "tls.key", "ca", "usage", "node.yaml", "data/node-key.json", "of-the-control-plane"];
    for (const name of own) writeFileSync(at(name), `own ${name}`);
    linkSync(at("node"), at("hard-link"));
    symlinkSync(at("node"), at("link"));
    writeFileSync(at("copy"), "controlPlane:\n  token: lkn_own\n");
    writeFileSync(at("orders"), "s3cret");
    const config = resolveIngressConfig({
      dataDir: at("data"),
      tls: { certFile: at("absent"), keyFile: at("tls.key") },
      controlPlane: { token: "lkn_own", caFile: at("ca") },
      accessLog: { to: at("usage") },
    });
    const environment = {
      LATCHKEY_INGRESS_CONTROL_PLANE_TOKEN_FILE: at("node"),
      LATCHKEY_INGRESS_CONFIG: at("node.yaml"),
      LATCHKEY_CONTROL_PLANE_ENCRYPTION_KEY_FILE: at("of-the-control-plane"),
    };
    const files = new SecretFiles(dir, systemClock, new OwnFiles(config, environment));
    const refused = "it belongs to the node's own configuration";
    for (const name of [...own, "hard-link", "link", "copy"])
      await expect(files.read(at(name)), name).rejects.toThrow(refused);
    expect(await files.read(at("orders"))).toBe("s3cret");
  });
});
