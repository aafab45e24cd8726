/** `npm start` as a script drives it: one line of JSON, pasted requests work, the next start keeps everything. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess, type TestProcess } from "@latchkey/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { latchkeyCommand } from "../support/stack.js";

const root = join(import.meta.dirname, "../..");
const dir = mkdtempSync(join(tmpdir(), "latchkey-start-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface SampleApi {
  readonly title: string;
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly key: string;
}

interface Report {
  readonly graphqlUrl: string;
  readonly grpcAddress: string;
  readonly consoleUrl: string;
  readonly ingressUrl: string;
  readonly adminToken: string;
  readonly apis: readonly SampleApi[];
}

const free = ["--graphql-port", "0", "--grpc-port", "0", "--ingress-port", "0", "--data-dir", dir];

function send({ url, method, key }: SampleApi): Promise<Response> {
  return fetch(url, {
    method,
    headers: { "Connxio-Api-Key": key, "content-type": "application/json" },
    body: '{"quantity": 3}',
  });
}

/** The sample APIs have one path, and their keys lead to different integrations. */
async function expectServed({ apis }: Report): Promise<void> {
  expect(new Set(apis.map((api) => api.path)).size).toBe(1);
  const reached: string[] = [];
  for (const api of apis) {
    const response = await send(api);
    expect(response.status).toBe(200);
    const echo = (await response.json()) as { integration: string; method: string; body: unknown };
    expect(echo).toMatchObject({ method: "POST", body: { quantity: 3 } });
    reached.push(echo.integration);
  }
  expect(reached.sort()).toEqual(["north", "south"].slice(0, apis.length));
}

describe("a folder's first start", () => {
  let latchkey: TestProcess;
  let report: Report;
  beforeAll(async () => {
    latchkey = startProcess({ args: [latchkeyCommand, "dev", "--json", ...free] });
    report = await latchkey.waitForJson<Report>();
  });
  afterAll(() => latchkey[Symbol.asyncDispose]());

  it("serves the samples, and prints one line", async () => {
    expect(latchkey.stdout.trim().split("\n")).toHaveLength(1);
    expect(report.apis).toHaveLength(2);
    await expectServed(report);
  });

  it("has a second one refused, which names the first one's process and ports, and changes nothing", async () => {
    const before = readFileSync(join(dir, "dev.json"), "utf8");
    await using second = startProcess({ args: [latchkeyCommand, "dev", "--json", ...free] });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    const [line] = second.stderr.split("\n").filter((one) => one.startsWith("Latchkey did not start: "));
    expect(second.stderr.trim(), "one line").toBe(line);
    expect(line).toContain(dir);
    expect(line).toContain(`, run by pid ${latchkey.pid},`);
    for (const { port } of [new URL(report.graphqlUrl), new URL(`http://${report.grpcAddress}`)])
      expect(line).toContain(port);
    expect(readFileSync(join(dir, "dev.json"), "utf8")).toBe(before);
    expect(await sample(report)).toMatchObject({ apis: [{}, {}] });
  });

  it("drains on Ctrl-C with 0; the next one leaves what a person typed or deleted as it is, moves only its own sample's URLs, and recreates its node", async () => {
    const state = () => JSON.parse(readFileSync(join(dir, "dev.json"), "utf8")) as State;
    const { integrationIds, apis, subscriptionId, upstreamPort } = state();
    const [north = "", south = ""] = [integrationIds.north, integrationIds.south];
    const [kept, deleted] = apis;
    // Like the sample's URL but for the port, and one of a person's beside the sample's.
    await change(report, "updateIntegration", { id: south, urls: ["http://127.0.0.1:9/south"] });
    const [sampleUrl = ""] = (await sample(report)).integrations.find(({ id }) => id === north)?.urls ?? [];
    const urls = [sampleUrl, "http://127.0.0.1:9/north"];
    await change(report, "updateIntegration", { id: north, name: "north, renamed", urls });
    await change(report, "updateApi", { id: kept?.apiId, title: "Renamed" });
    await change(report, "updateSubscription", { id: subscriptionId, name: "Mine" });
    await change(report, "deleteApi", { id: deleted?.apiId });
    await change(report, "deleteNode", { id: await onlyNode(report) });
    const before = await sample(report);
    expect(await latchkey.stop("SIGINT")).toEqual({ code: 0, signal: null });

    const occupied = createServer();
    await new Promise<void>((resolve) => occupied.listen(upstreamPort, "127.0.0.1", resolve));
    try {
      await using next = startProcess({ args: [latchkeyCommand, "dev", "--json", ...free] });
      const again = await next.waitForJson<Report>();
      const moved = state().upstreamPort;
      expect(moved).not.toBe(upstreamPort);
      const text = JSON.stringify(before).replace(
        `http://127.0.0.1:${upstreamPort}/north`,
        `http://127.0.0.1:${moved}/north`,
      );
      expect(await sample(again)).toEqual(JSON.parse(text));
      expect(before.apis.map((api) => api.title)).toEqual(["Renamed"]);
      expect(text).toContain("http://127.0.0.1:9/south");
      expect(again.adminToken).toBe(report.adminToken);
      expect(again.apis.map(({ title, key }) => [title, key])).toEqual([["Renamed", report.apis[0]?.key]]);
      await change(again, "updateIntegration", { id: north, urls: [`http://127.0.0.1:${moved}/north`] });
      await expectServed(again);
      // The node itself is part of what `latchkey dev` runs.
      expect(await onlyNode(again)).toBeTruthy();
    } finally {
      await new Promise((resolve) => occupied.close(resolve));
    }
  });
});

it("prints how to sign in, where GraphiQL is, and a command that creates an API", async () => {
  const own = mkdtempSync(join(tmpdir(), "latchkey-ready-"));
  try {
    await using latchkey = startProcess({
      args: [latchkeyCommand, "dev", ...free, "--data-dir", own],
      // As the image has it: the stream of the one node stays on loopback.
      env: { LATCHKEY_CONTROL_PLANE_GRPC_HOST: "0.0.0.0" },
    });
    const text = await latchkey.waitFor((stdout) =>
      stdout.includes("Ctrl-C drains and stops") ? stdout : undefined,
    );
    expect(text).toMatch(/Latchkey is ready \(started in \d+\.\d s\)\./);
    expect(text).toMatch(/Console +http:\S+ +sign in with the admin token/);
    const graphiql = /GraphiQL +(\S+)/.exec(text)?.[1] ?? "";
    const page = await fetch(graphiql, { headers: { accept: "text/html" } });
    expect([page.status, page.headers.get("content-type")]).toEqual([200, expect.stringContaining("html")]);
    const command = /its key:\n([\s\S]*?)\n\n/.exec(text)?.[1] ?? "";
    const { stdout } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
    expect(JSON.parse(stdout)).toMatchObject({
      data: { createApi: { api: { id: expect.any(String) }, secret: expect.any(String), userErrors: [] } },
    });
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
});

interface State {
  readonly upstreamPort: number;
  readonly subscriptionId: string;
  readonly integrationIds: Readonly<Record<string, string>>;
  readonly apis: readonly { readonly apiId: string }[];
}

interface Sample {
  readonly subscriptions: readonly { readonly name: string }[];
  readonly integrations: readonly { readonly id: string; readonly urls: readonly string[] }[];
  readonly apis: readonly { readonly title: string }[];
}

async function graphql<T>(report: Report, query: string, variables: object = {}): Promise<T> {
  const response = await fetch(report.graphqlUrl, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${report.adminToken}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

async function change(report: Report, mutation: string, input: object): Promise<void> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const query = `mutation($input: ${type}!) { change: ${mutation}(input: $input) {
    userErrors { message } receipt(timeoutMs: 60000) { complete } } }`;
  expect(await graphql(report, query, { input })).toEqual({
    change: { userErrors: [], receipt: { complete: true } },
  });
}

async function onlyNode(report: Report): Promise<string> {
  const { ingressNodes } = await graphql<{ ingressNodes: { nodes: { id: string }[] } }>(
    report,
    "{ ingressNodes { nodes { id } } }",
  );
  expect(ingressNodes.nodes).toHaveLength(1);
  return ingressNodes.nodes[0]?.id ?? "";
}

async function sample(report: Report): Promise<Sample> {
  const found = await graphql<Record<keyof Sample, { nodes: unknown }>>(
    report,
    `{ subscriptions(first: 50) { nodes { id name } } integrations(first: 50) { nodes { id name urls } }
       apis(first: 50) { nodes { id title summary routes { method path } } } }`,
  );
  return {
    subscriptions: found.subscriptions.nodes,
    integrations: found.integrations.nodes,
    apis: found.apis.nodes,
  } as Sample;
}

it.each([
  ["npm alone, as a supervisor does", (pid: number): boolean => process.kill(pid, "SIGINT")],
  ["everybody, as a terminal does", (pid: number): boolean => process.kill(-pid, "SIGINT")],
] as const)("drains and ends with 0 when npm start is interrupted: %s", async (_, interrupt) => {
  const args = ["start", "--silent", "--", "--json", ...free];
  const child = spawn("npm", args, { cwd: root, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  try {
    await once(child.stdout, "data");
    interrupt(child.pid ?? 0);
    expect(await exited).toEqual([0, null]);
  } finally {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), "SIGTERM");
  }
});

it.each(["--graphql-port", "--grpc-port", "--ingress-port"])(
  "names a taken %s in one line",
  async (option) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const args = [latchkeyCommand, "dev", "--json", ...free, option, String(port)];
    await using latchkey = startProcess({ args });
    const { code } = await latchkey.exited;
    await new Promise((resolve) => taken.close(resolve));
    expect(code).toBe(1);
    expect(latchkey.stderr.split("\n")).toContain(
      `Port ${port} is taken; choose another one with ${option} <port>.`,
    );
  },
);

it("says what is wrong with an option", () => {
  const result = spawnSync(process.execPath, [latchkeyCommand, "dev", "--graphql-port", "eighty"], {
    encoding: "utf8",
  });
  expect(result.status).not.toBe(0);
  expect(result.stderr).toContain("expected a port from 0 to 65535");
});
