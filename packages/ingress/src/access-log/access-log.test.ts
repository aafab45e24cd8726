/** The access log: what is in a line, which requests get one, and that nobody waits for who reads it. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiKeyDisplay, systemClock } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";
import { parseExposition, RawClient } from "@latchkey/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Program } from "../testing/program.js";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, engines, served, World } from "../testing/world.js";
import { type AccessEntry, accessFields, defaultAccessFields, refusedEntry } from "./access-entry.js";
import { combinedLine, jsonLine } from "./access-line.js";
import { AccessLog } from "./access-log.js";
import type { AccessLogSettings } from "./access-sink.js";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-access-log-"));
  file = join(folder, "access.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const entry: AccessEntry = {
  atMs: Date.UTC(2026, 10, 29, 16, 20, 1, 5),
  interchangeId: "0193-a",
  clientAddress: "192.0.2.7",
  method: "GET",
  path: "/orders/7",
  query: "page=2&connxio-api-key=lk_secret&lk_bare&=x",
  status: 200,
  code: "",
  apiId: "api_1",
  routeId: "rte_1",
  keyId: "key_1",
  integrationId: "int_1",
  durationUs: 12_345,
  gatewayUs: 321,
  requestBytes: 0,
  responseBytes: 512,
  traceId: "",
  spanId: "",
};

const linesOf = (path: string): string[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "");
const parsed = (path: string) => linesOf(path).map((line) => JSON.parse(line) as Record<string, unknown>);

function open(settings: Partial<AccessLogSettings> = {}) {
  const counts = { written: 0, lost: 0 };
  const logLines: string[] = [];
  const log = createLogger({ name: "test", stream: { write: (line: string) => void logLines.push(line) } });
  const accessLog = new AccessLog({
    settings: { to: file, format: "json", fields: defaultAccessFields, successShare: 1, ...settings },
    nodeId: "node-1",
    clock: systemClock,
    log,
    counts,
    records: null,
  });
  return { accessLog, counts, logLines };
}

describe("a line of the access log", () => {
  it("has the chosen fields as JSON, without those that have nothing to say", () => {
    expect(jsonLine(defaultAccessFields, "node-1")(entry)).toBe(
      '{"time":"2026-11-29T16:20:01.005Z","node":"node-1","interchangeId":"0193-a","client":"192.0.2.7","method":"GET","path":"/orders/7","status":200,"api":"api_1","route":"rte_1","key":"key_1","integration":"int_1","durationMs":12.345,"gatewayMs":0.321,"requestBytes":0,"responseBytes":512}\n',
    );
    expect(jsonLine(["status", "method"], "node-1")(entry)).toBe('{"method":"GET","status":200}\n');
  });

  it("has names of the query only when they are asked for, and never a value", () => {
    const line = jsonLine(accessFields, "node-1")(entry);
    expect(JSON.parse(line)).toMatchObject({ query: "page&connxio-api-key&…&" });
    for (const text of [line, jsonLine(defaultAccessFields, "n")(entry), combinedLine(entry)])
      expect(text).not.toMatch(/lk_secret|lk_bare/);
  });

  it("is one line whatever the client sent", () => {
    const hostile = { ...entry, method: 'G"E\\T', path: '/a"\\\n\u0000\u00ff', keyId: "" };
    const json = jsonLine(defaultAccessFields, "n")(hostile);
    expect(JSON.parse(json)).toMatchObject({ path: hostile.path, method: hostile.method });
    expect(json.trimEnd()).not.toContain("\n");
    expect(combinedLine(hostile)).toBe(
      '192.0.2.7 - - [29/Nov/2026:16:20:01 +0000] "G\\"E\\\\T /a\\"\\\\\\x0a\\x00\\xff HTTP/1.1" 200 512 "-" "-"\n',
    );
  });
});

it("says nothing of a request that was not read but who was refused, and why", () => {
  const refused = refusedEntry({
    atMs: entry.atMs,
    interchangeId: "0193-b",
    address: "192.0.2.7",
    status: 431,
    code: "request.headers_too_large",
  });
  expect(JSON.parse(jsonLine(accessFields, "node-1")(refused))).toEqual({
    time: "2026-11-29T16:20:01.005Z",
    node: "node-1",
    interchangeId: "0193-b",
    client: "192.0.2.7",
    status: 431,
    code: "request.headers_too_large",
    durationMs: 0,
    gatewayMs: 0,
    requestBytes: 0,
    responseBytes: 0,
  });
  expect(combinedLine(refused)).toBe(`192.0.2.7 - - [29/Nov/2026:16:20:01 +0000] "-" 431 - "-" "-"\n`);
});

describe("the access log", () => {
  it("has all errors and exactly the share of the rest", async () => {
    const { accessLog } = open({ successShare: 0.25 });
    const wanted = Array.from({ length: 100 }, () => accessLog.wants(false)).filter(Boolean);
    expect(wanted).toHaveLength(25);
    expect(Array.from({ length: 10 }, () => accessLog.wants(true)).every(Boolean)).toBe(true);
    await accessLog.close();
  });

  it("goes on in a new file after the old one was renamed", async () => {
    const { accessLog, counts } = open();
    accessLog.write(entry);
    await until(() => linesOf(file).length === 1);
    renameSync(file, `${file}.1`);
    accessLog.write({ ...entry, status: 202 });
    accessLog.reopen();
    accessLog.write({ ...entry, status: 201 });
    await accessLog.close();
    expect(parsed(`${file}.1`)).toMatchObject([{ status: 200 }]);
    expect(parsed(file)).toMatchObject([{ status: 202 }, { status: 201 }]);
    expect(counts).toEqual({ written: 3, lost: 0 });
  });

  it("loses and counts lines that nobody reads, waits for nobody, and keeps all others whole", async () => {
    execFileSync("mkfifo", [file]);
    const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const { accessLog, counts, logLines } = open();
    const LINES = 20_000;
    for (let i = 0; i < LINES; i++) accessLog.write({ ...entry, responseBytes: i });
    await until(() => counts.lost > 10_000);
    expect(counts.written + counts.lost).toBe(LINES);
    expect(logLines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: "warn", lines: counts.lost, msg: "lines of the access log were lost" },
    ]);
    let text = "";
    const piece = Buffer.alloc(65_536);
    await until(() => {
      try {
        text += piece.toString("utf8", 0, readSync(reader, piece));
      } catch {
        // Empty for now: the rest comes by itself.
      }
      return text.split("\n").length - 1 === counts.written;
    });
    await accessLog.close();
    const seen = text
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { responseBytes: number }).responseBytes);
    // Which are lost depends on when the pipe takes some: those that are not come whole, once and in their order.
    expect(seen).toHaveLength(counts.written);
    expect(seen.every((number, i) => i === 0 || number > (seen[i - 1] as number))).toBe(true);
    closeSync(reader);
  });

  it("keeps lines of several workers whole in a named pipe that is read slowly", async () => {
    execFileSync("mkfifo", [file]);
    const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const workers = [open(), open(), open()];
    const LINES = 1_000;
    for (let i = 0; i < LINES; i++)
      for (const [worker, { accessLog }] of workers.entries())
        accessLog.write({ ...entry, path: `/${"x".repeat(i % 1_000)}`, responseBytes: worker * LINES + i });
    let text = "";
    const piece = Buffer.alloc(30_000);
    await until(() => {
      try {
        text += piece.toString("utf8", 0, readSync(reader, piece));
      } catch {
        // Empty for now: the rest comes by itself.
      }
      const written = workers.reduce((sum, { counts }) => sum + counts.written, 0);
      return written > 0 && text.split("\n").length - 1 >= written;
    });
    const seen = text
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { responseBytes: number }).responseBytes);
    expect(new Set(seen).size).toBe(seen.length);
    for (const { accessLog } of workers) await accessLog.close();
    closeSync(reader);
  });
});

const key = aKey("key_1", "api_1");
const resources = ({ upstream }: World) => [
  anIntegration("int_1", upstream.url),
  anApi("api_1", [aRoute("GET", "/a", "int_1")]),
  key.resource,
];

describe.each(engines)("a node with an access log over %s", (engine) => {
  it("writes one line for each request, without the key, the query and the headers", async () => {
    await using world = await World.of(resources, { engine, config: { accessLog: { to: file } } });
    const ask = async (path: string, headers: Record<string, string>) =>
      (await fetch(`${world.url}${path}`, { headers })).arrayBuffer();
    const secret = { "connxio-api-key": key.secret, "x-secret": "lk_header" };
    await ask("/a?token=lk_query", secret);
    await ask("/none", secret);
    await ask(`/a?Connxio-Api-Key=${key.secret}`, { "user-agent": "lk_agent" });
    await ask("/a", { "connxio-api-key": "lk_unknown" });
    await ask(`/${key.secret}/a?${key.secret}=`, {});
    await until(() => linesOf(file).length === 5);
    expect(parsed(file)).toMatchObject([
      {
        method: "GET",
        path: "/a",
        status: 200,
        api: "api_1",
        key: "key_1",
        integration: "int_1",
        client: "127.0.0.1",
      },
      { path: "/none", status: 404, code: "route.not_found", api: "api_1" },
      { path: "/a", status: 401 },
      { path: "/a", status: 401, code: "key.unknown" },
      { path: `/${apiKeyDisplay(key.secret)}/a`, status: 401 },
    ]);
    expect(readFileSync(file, "utf8").replace(apiKeyDisplay(key.secret), "")).not.toContain("lk_");
    const metrics = parseExposition(await (await fetch(`${world.adminUrl}/metrics`)).text());
    const lines = (outcome: string) => metrics.value("latchkey_ingress_access_log_lines_total", { outcome });
    await until(() => lines("lost") === 0);
    expect(lines("written")).toBeLessThanOrEqual(5);
  });
});

it("has a line for what the front refuses before there is a request, and one for what it refuses within a body", async () => {
  const config = { accessLog: { to: file, successShare: 0 }, limits: { bodyIdleTimeoutMs: 300 } };
  await using world = await World.of(resources, { config });
  const ids: (string | undefined)[] = [];
  const ask = async (bytes: string): Promise<number> => {
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(bytes);
    const response = await raw.response();
    ids.push(response.header("interchangeid"));
    return response.status;
  };
  const tail = "Host: a\r\nx-secret: lk_header\r\n";
  expect(await ask(`G(T /lk_path HTTP/1.1\r\n${tail}\r\n`)).toBe(400);
  expect(await ask(`GET /${"a".repeat(9_000)}lk_path HTTP/1.1\r\n${tail}\r\n`)).toBe(414);
  expect(await ask(`GET /a HTTP/1.1\r\n${tail}x: ${"lk_value".repeat(3_000)}\r\n\r\n`)).toBe(431);
  const framing = "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n";
  expect(await ask(`POST /a HTTP/1.1\r\n${tail}${framing}\r\n`)).toBe(400);
  const late = `GET /a HTTP/1.1\r\n${tail}connxio-api-key: ${key.secret}\r\nContent-Length: 9\r\n\r\nlk_body`;
  expect(await ask(late)).toBe(408);
  await until(() => linesOf(file).length === 5);
  const codes = [
    [400, "request.malformed", undefined],
    [414, "request.uri_too_long", undefined],
    [431, "request.headers_too_large", undefined],
    [400, "request.framing_invalid", undefined],
    [408, "request.timeout", "/a"],
  ];
  expect(parsed(file).map(({ status, code, path }) => [status, code, path])).toEqual(codes);
  expect(
    parsed(file)
      .slice(0, 4)
      .map(({ interchangeId, client }) => [interchangeId, client]),
  ).toEqual(ids.slice(0, 4).map((id) => [id, "127.0.0.1"]));
  expect(readFileSync(file, "utf8")).not.toContain("lk_");
});

it.each(["file", "standard output"])(
  "is written by all workers to one %s, each line whole",
  { timeout: 240_000 },
  async (to) => {
    await using world = await World.empty();
    world.server.load(served(...resources(world)));
    await using node = new Program(world, {
      LATCHKEY_INGRESS_WORKERS: "2",
      LATCHKEY_INGRESS_ACCESS_LOG_TO: to === "file" ? file : "stdout",
    });
    const { port, adminPort } = await node.ports();
    await world.server.acked();
    const admin = async (path: string) => (await fetch(`http://127.0.0.1:${adminPort}${path}`)).text();
    await until(async () => (await admin("/readyz")) === "ready\n");
    const headers = { "connxio-api-key": key.secret, connection: "close" };
    await Promise.all(
      Array.from({ length: 100 }, async () =>
        (await fetch(`http://127.0.0.1:${port}/a`, { headers })).arrayBuffer(),
      ),
    );
    const written = () => {
      const text = to === "file" ? readFileSync(file, "utf8") : node.output;
      return text.split("\n").filter((line) => line.startsWith("{"));
    };
    await until(() => written().length === 100);
    expect(written().map((line) => (JSON.parse(line) as { status: number }).status)).toEqual(
      new Array(100).fill(200),
    );
    await until(
      async () =>
        parseExposition(await admin("/metrics")).value("latchkey_ingress_access_log_lines_total", {
          outcome: "written",
        }) === 100,
    );
  },
);

it("keeps a node from starting when its file cannot be written", async () => {
  await using world = await World.empty();
  await expect(world.startIngress({ accessLog: { to: join(folder, "none", "a.log") } })).rejects.toThrow(
    "accessLog.to",
  );
});
