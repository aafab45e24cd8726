/** Every finding of `latchkey doctor` has a level and, unless all is well, something to do. */
import { chmodSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { firstTestCertificate, secondTestCertificate } from "@latchkey/testkit";
import SqliteDatabase from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeControlPlane, latchkey } from "../testing/command.js";
import { checkCertificates } from "./certificates.js";
import { checkClock } from "./control-plane.js";
import { checkDataFolder } from "./data-folder.js";
import type { Finding } from "./finding.js";
import { checkTargets } from "./integrations.js";
import { checkNode, checkPorts } from "./machine.js";

/** Valid in September 2020. */
const endedCertificate = `-----BEGIN CERTIFICATE-----
MIIBCzCBsgIJAKozzo+fs2loMAoGCCqGSM49BAMCMA4xDDAKBgNVBAMMA29sZDAe
Fw0yMDA5MDEwMDAwMDBaFw0yMDEwMDEwMDAwMDBaMA4xDDAKBgNVBAMMA29sZDBZ
MBMGByqGSM49AgEGCCqGSM49AwEHA0IABBqaUPCZngvutOWO+qpfDYzfvBPAqYwF
ja6RsdmJgJV6Ch+tTMUoYMxQgAlC4s9rgawNv2Zwf2lISwyFj4SETwEwCgYIKoZI
zj0EAwIDSAAwRQIhAJwiyQEVsqk7/ANIk0284TAhqUYJPOZqhjsX86oDW/sqAiBl
a36W0KDwpTngTZpgCnkQknvCN1IarpiVBdn9TDDooA==
-----END CERTIFICATE-----`;

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "latchkey-doctor-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const levels = (findings: readonly Finding[]) => findings.map(({ level }) => level);

describe("this machine", () => {
  it.each([
    ["18.20.0", "problem"],
    ["20.18.9", "problem"],
    ["20.19.0", "warning"],
    ["24.1.0", "ok"],
  ])("Node.js %s is a %s", (version, level) => expect(checkNode(version).level).toBe(level));

  it("names a port that another program has", async () => {
    const server = createServer((socket) => socket.on("error", () => undefined).end("no HTTP\r\n"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    const [finding] = await checkPorts({ "--ingress-port": port });
    server.close();
    expect(finding).toMatchObject({
      level: "warning",
      todo: expect.stringContaining("--ingress-port <port>"),
    });
    expect(levels(await checkPorts({ "--ingress-port": port }))).toEqual(["ok"]);
  });

  it.skipIf(process.platform === "win32")(
    "finds a database that others can read, and a file that is none",
    async () => {
      const database = join(dir, "latchkey.db");
      writeFileSync(database, "");
      chmodSync(database, 0o644);
      expect((await checkDataFolder(dir))[0]).toMatchObject({
        level: "problem",
        todo: `Run \`chmod 600 ${database}\`.`,
      });
      chmodSync(database, 0o600);
      writeFileSync(database, "rubbish");
      expect((await checkDataFolder(dir))[0]).toMatchObject({
        level: "problem",
        message: `${database} is not an SQLite database`,
      });
      // The control plane gives a new database its name when it is whole.
      writeFileSync(database, "");
      expect((await checkDataFolder(dir))[0]).toMatchObject({
        level: "problem",
        message: `${database} is empty`,
      });
    },
  );

  it("finds a database of another program", async () => {
    const database = join(dir, "latchkey.db");
    new SqliteDatabase(database).exec("create table t (x)").close();
    chmodSync(database, 0o600);
    expect((await checkDataFolder(dir))[0]).toMatchObject({
      level: "problem",
      message: `${database} is not a Latchkey database`,
    });
  });

  it("finds a database that a newer release has written, also while its log holds that", async () => {
    const database = join(dir, "latchkey.db");
    const { openDatabase } = await import("../../../control-plane/src/db/open.js");
    await (await openDatabase({ path: database })).destroy();
    expect(levels(await checkDataFolder(dir))).toEqual(["ok", "ok", "ok", "ok"]);
    const handle = new SqliteDatabase(database);
    handle.exec("insert into kysely_migration (name, timestamp) values ('9999-future', '')");
    expect(await checkDataFolder(dir)).toContainEqual({
      level: "problem",
      subject: "database release",
      message:
        "the database was written by a newer release (it has 9999-future): start that release, or restore a backup from before the upgrade",
      todo: "docs/deploy.md has both ways, under Upgrades.",
    });
    handle.close();
  });

  it("finds a database that is cut off, unless its log may hold the rest", async () => {
    const database = join(dir, "latchkey.db");
    const pages = Buffer.alloc(3 * 4096);
    pages.write("SQLite format 3\0");
    pages.writeUInt16BE(4096, 16);
    pages.writeUInt32BE(3, 28);
    pages.write("LKEY", 68);
    writeFileSync(database, pages, { mode: 0o600 });
    expect((await checkDataFolder(dir))[0]?.level).toBe("ok");
    truncateSync(database, 5000);
    expect((await checkDataFolder(dir))[0]).toMatchObject({
      level: "problem",
      message: `${database} is cut off: 5000 of 12288 bytes are there`,
    });
    writeFileSync(`${database}-wal`, "frames");
    expect((await checkDataFolder(dir))[0]?.level).toBe("ok");
  });

  it("says so when the database cannot be looked at", async () => {
    const folder = join(dir, "loop");
    symlinkSync(folder, folder); // fails for root, too
    expect(await checkDataFolder(folder)).toMatchObject([
      { level: "problem", todo: "Run `latchkey doctor` as the control plane's user, or as root." },
    ]);
  });

  it("finds a key that is not the certificate's, or none", () => {
    const files = { cert: firstTestCertificate.cert, key: secondTestCertificate.key, none: "no key" };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
    const found = (key: string) => {
      const env = {
        LATCHKEY_INGRESS_TLS_CERT_FILE: join(dir, "cert"),
        LATCHKEY_INGRESS_TLS_KEY_FILE: join(dir, key),
      };
      return checkCertificates(env, Date.now());
    };
    const subject = "certificate LATCHKEY_INGRESS_TLS_CERT_FILE";
    const message = `${join(dir, "cert")}: LATCHKEY_INGRESS_TLS_KEY_FILE (${join(dir, "key")}) is not its key`;
    expect(found("key")).toMatchObject([{ level: "problem", subject, message }]);
    expect(found("none")).toMatchObject([{ level: "problem", subject }]);
  });

  it("names the variable of a certificate that cannot be read", () => {
    const env = {
      LATCHKEY_INGRESS_TLS_CERT_FILE: join(dir, "none.pem"),
      LATCHKEY_INGRESS_TLS_KEY_FILE: "x",
      PATH: "x",
    };
    const findings = checkCertificates(env, Date.now());
    expect(findings).toMatchObject([
      { level: "problem", subject: "certificate LATCHKEY_INGRESS_TLS_CERT_FILE" },
    ]);
  });
});

it.each([
  [0, "ok"],
  [-60_000, "problem"],
  [60_000, "problem"],
])("a clock %i ms off is %s", (differenceMs, level) => {
  const nowMs = 1_700_000_000_000;
  const header = new Date(nowMs + differenceMs).toUTCString();
  expect(checkClock(header, nowMs, nowMs + 20).level).toBe(level);
});

it("tells targets that take connections from those that do not", async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const integrations = [{ name: "Orders", urls: [`http://127.0.0.1:${port}/a`], credentials: [] }];
  expect(levels(await checkTargets(integrations))).toEqual(["ok"]);
  await new Promise((done) => server.close(done));
  expect(await checkTargets(integrations)).toMatchObject([
    { level: "problem", subject: "integration Orders", message: expect.stringContaining("ECONNREFUSED") },
  ]);
});

it("trusts the authorities of an integration's client certificate, and expects its server name", async () => {
  const { cert, key } = firstTestCertificate;
  const server = createTlsServer({ cert, key }, (socket) => socket.on("error", () => undefined));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const urls = [`https://127.0.0.1:${(server.address() as { port: number }).port}/a`];
  const check = (mutualTls: { ca: string; serverName: string } | null) =>
    checkTargets([{ name: "Orders", urls, credentials: [{ mutualTls: null }, { mutualTls }] }]);
  expect(levels(await check({ ca: cert, serverName: "localhost" }))).toEqual(["ok"]);
  expect(levels(await check({ ca: cert, serverName: "other.example" }))).toEqual(["problem"]);
  expect(levels(await check(null))).toEqual(["problem"]);
  await new Promise((done) => server.close(done));
});

describe("latchkey doctor", () => {
  const nodeOf = (status: string, softwareVersion: string) => ({
    name: status,
    status,
    softwareVersion,
    lastNack: null,
    rejectedResources: [],
  });
  const server = { server: { version: "9.9.9", databaseSetBack: null } };
  const page = (...nodes: object[]) => ({
    page: { nodes, pageInfo: { hasNextPage: false, endCursor: null } },
  });

  it("ends with 1 when something is wrong, and every finding that is not ok says what to do", async () => {
    await using controlPlane = await FakeControlPlane.start();
    const nodes = [nodeOf("SILENT", "9.9.9"), nodeOf("HEALTHY", "9.8.0"), nodeOf("HEALTHY", "9.9.9")];
    controlPlane.respond = ({ query }) => {
      if (query.includes("page: ingressNodes")) return page(...nodes);
      return query.includes("page: ") ? page() : server;
    };
    const { code, stdout, stderr } = await latchkey(
      "doctor",
      "--json",
      "--data-dir",
      dir,
      "--url",
      controlPlane.url,
      "--token",
      "secret-token",
    );
    expect([code, stderr]).toEqual([1, "1 problem was found.\n"]);
    const findings = JSON.parse(stdout) as readonly Finding[];
    expect(findings.filter(({ subject }) => subject.startsWith("node ")).map(({ level }) => level)).toEqual([
      "problem",
      "warning",
      "ok",
    ]);
    for (const { level, todo } of findings) expect(level === "ok").toBe(todo === null);
  });

  it("names what nodes cannot use, rules that they will not take, and client certificates that have ended", async () => {
    await using controlPlane = await FakeControlPlane.start();
    const rules = (...request: object[]) => ({ request, response: [] });
    const rule = (name: string) => ({ action: "SET", name, value: "a" });
    controlPlane.respond = ({ query }) => {
      if (query.includes("page: integrations"))
        return query.includes("urls")
          ? page()
          : page({ name: "Orders", headerRules: rules(rule("X-Tenant"), rule("X-Client-Cert")) });
      if (query.includes("page: apis"))
        return page({
          title: "Shop",
          routes: [{ method: "GET", path: "/a", headerRules: rules(rule("x_scheme")) }],
        });
      if (query.includes("page: credentials"))
        return page(
          { name: "Key", mutualTls: null },
          { name: "Old", mutualTls: { certificate: endedCertificate } },
        );
      const reason = "env:LATCHKEY_SECRET_A is not set on this node";
      const rejectedResources = Array.from({ length: 12 }, (_, i) => ({
        kind: "CREDENTIAL",
        resourceId: `crd_${i}`,
        reason,
      }));
      if (query.includes("page: ingressNodes"))
        return page({ ...nodeOf("REJECTING", "9.9.9"), name: "a", rejectedResources });
      return server;
    };
    const { stdout } = await latchkey(
      "doctor",
      ...["--data-dir", dir, "--url", controlPlane.url, "--token", "secret-token"],
    );
    for (const line of [
      "✗ node a: cannot use credential crd_0: env:LATCHKEY_SECRET_A is not set on this node",
      "✗ node a: cannot use 2 more resources",
      "✗ integration Orders: request header rule 'set X-Client-Cert': X-Client-Cert tells the integration",
      "✗ API Shop: GET /a: request header rule 'set x_scheme': ",
      "✗ credential Old: its client certificate expired on Oct  1 00:00:00 2020 GMT",
    ])
      expect(stdout).toContain(line);
    expect(stdout).not.toContain("X-Tenant");
    expect(stdout).not.toContain("credential Key");
  });

  it("looks at the nodes and integrations of every page, and says where it stops", async () => {
    await using controlPlane = await FakeControlPlane.start();
    /** Page 1, 2, 3 … without an end, or with one after 150 items. */
    const pageOf = (after: unknown, of: (number: number) => object, isEndless: boolean) => {
      const start = Number(after ?? 0);
      const count = isEndless ? 100 : Math.min(100, 150 - start);
      const nodes = Array.from({ length: count }, (_, i) => of(start + i));
      const hasNextPage = isEndless || start + count < 150;
      return { page: { nodes, pageInfo: { hasNextPage, endCursor: String(start + count) } } };
    };
    const lines = async (isEndless: boolean) => {
      controlPlane.respond = ({ query, variables: { after } }) => {
        if (query.includes("page: ingressNodes"))
          return pageOf(after, (i) => ({ ...nodeOf("SILENT", "9.9.9"), name: `n${i}` }), isEndless);
        if (query.includes("page: integrations") && query.includes("urls"))
          return pageOf(after, (i) => ({ name: `i${i}`, urls: ["nowhere"], credentials: [] }), isEndless);
        return query.includes("page: ") ? page() : server;
      };
      const { stdout } = await latchkey(
        "doctor",
        ...["--data-dir", dir, "--url", controlPlane.url, "--token", "secret-token"],
      );
      return stdout.split("\n");
    };
    const found = await lines(false);
    expect(found).toContain("✗ node n149: silent");
    expect(found).toContain("✗ integration i149: nowhere: the URL cannot be read");
    expect(found.filter((line) => line.includes("only the"))).toEqual([]);
    expect((await lines(true)).filter((line) => line.includes("only the"))).toEqual([
      "! nodes: only the first 10000 are checked",
      "! integrations: only the targets of the first 1000 are checked",
    ]);
  });

  it("tells what it could not check, and goes on", async () => {
    await using controlPlane = await FakeControlPlane.start();
    controlPlane.respond = ({ query }) => {
      if (query.includes("page: ingressNodes")) return 'Cannot query field "a".';
      return query.includes("page: ") ? page() : server;
    };
    const { code, stdout } = await latchkey(
      "doctor",
      ...["--data-dir", dir, "--url", controlPlane.url, "--token", "secret-token"],
    );
    expect(code).toBe(1);
    expect(stdout).toContain('✗ nodes: not checked: Cannot query field "a".');
    expect(stdout).toContain("✓ header rules");
  });

  it.each([
    ["the variable of the control plane", [], true],
    ["an option before the variable", ["--data-dir", "elsewhere"], false],
  ])("finds the data folder by %s", async (_, options, isFound) => {
    writeFileSync(join(dir, "latchkey.db"), "", { mode: 0o600 });
    vi.stubEnv("LATCHKEY_CONTROL_PLANE_DATA_DIR", dir);
    const { stdout } = await latchkey("doctor", ...options);
    vi.unstubAllEnvs();
    expect(stdout.includes(`✗ database: ${join(dir, "latchkey.db")} is empty`)).toBe(isFound);
  });

  it("says so when the control plane does not respond", async () => {
    const { code, stdout } = await latchkey(
      "doctor",
      "--data-dir",
      dir,
      "--url",
      "http://127.0.0.1:9",
      "--token",
      "secret-token",
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /✗ control plane: http:\/\/127\.0\.0\.1:9\/graphql does not respond: .*\n {4}Start it/,
    );
  });
});
