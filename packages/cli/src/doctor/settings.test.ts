/** The doctor looks at what the control plane and the node of this machine would start with. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasPostgres, TestPostgres } from "@latchkey/testkit/postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkPostgres } from "./postgres.js";
import { findSettings } from "./settings.js";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "latchkey-settings-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe("settings", () => {
  it("come from files, files of secrets and variables, which win", async () => {
    const controlPlane = join(dir, "control-plane.yaml");
    const ingress = join(dir, "ingress.yaml");
    const url = join(dir, "url");
    writeFileSync(controlPlane, "http:\n  tlsCertFile: /cp/cert.pem\n");
    writeFileSync(ingress, "tls:\n  certFile: /node/cert.pem\n  keyFile: /node/key.pem\n");
    writeFileSync(url, "postgres://a@localhost/b\n");
    const { env, findings } = await findSettings({
      LATCHKEY_CONTROL_PLANE_CONFIG: controlPlane,
      LATCHKEY_CONTROL_PLANE_DATABASE_URL_FILE: url,
      LATCHKEY_INGRESS_CONFIG: ingress,
      LATCHKEY_INGRESS_TLS_KEY_FILE: "/other/key.pem",
    });
    expect(findings).toEqual([]);
    expect(env).toMatchObject({
      LATCHKEY_CONTROL_PLANE_HTTP_TLS_CERT_FILE: "/cp/cert.pem",
      LATCHKEY_CONTROL_PLANE_DATABASE_URL: "postgres://a@localhost/b",
      LATCHKEY_INGRESS_TLS_CERT_FILE: "/node/cert.pem",
      LATCHKEY_INGRESS_TLS_KEY_FILE: "/other/key.pem",
    });
  });

  it("that a process would not take are found, without a secret", async () => {
    const file = join(dir, "none.yaml");
    const { findings } = await findSettings({
      LATCHKEY_CONTROL_PLANE_CONFIG: file,
      LATCHKEY_INGRESS_CONTROL_PLAN_TOKEN: "lk_secret",
    });
    expect(findings).toMatchObject([
      { level: "problem", subject: `setting ${file}` },
      { level: "problem", subject: "setting LATCHKEY_INGRESS_CONTROL_PLAN_TOKEN" },
    ]);
    expect(JSON.stringify(findings)).not.toContain("lk_secret");
  });
});

it("says that PostgreSQL does not respond, without the password", async () => {
  const findings = await checkPostgres("postgres://latchkey:hunter2@127.0.0.1:1/latchkey");
  expect(findings).toMatchObject([{ level: "problem", subject: "database release" }]);
  expect(JSON.stringify(findings)).not.toContain("hunter2");
});

describe.skipIf(!hasPostgres())("over PostgreSQL (needs Debian's postgresql package)", () => {
  it("finds a database of this release, of a newer one, and one that may not be opened", async () => {
    using server = new TestPostgres();
    const { openPostgres } = await import("../../../control-plane/src/db/open-postgres.js");
    const { createLogger } = await import("@latchkey/observe");
    const logger = createLogger({ name: "test", level: "silent" });
    await (await openPostgres({ url: server.url, logger })).destroy();
    expect(await checkPostgres(server.url)).toMatchObject([
      { level: "ok", subject: "database" },
      { level: "ok", subject: "database release" },
    ]);
    await using client = await server.connect();
    await client.query("insert into kysely_migration (name, timestamp) values ('9999-future', '')");
    expect(await checkPostgres(server.url)).toMatchObject([
      { level: "problem", message: expect.stringContaining("written by a newer release") },
    ]);
    expect(await checkPostgres(server.url.replace("/postgres?", "/nowhere?"))).toMatchObject([
      { level: "problem", subject: "database" },
    ]);
  });
});
