/** What a plane refuses until it is asked for: tokens without TLS, its schema to other machines, its state under other names. */
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, RawClient, startProcess, type TestProcess } from "@latchkey/testkit";
import { afterAll, beforeAll, expect } from "vitest";
import { latchkeyCommand, Stack } from "../support/stack.js";
import { fault } from "./support/fault.js";
import { resourcesOf, SmallNode, startIngress } from "./support/small-node.js";
import { shoot } from "./support/traffic.js";

/** Of another machine, where nothing is (RFC 5737). */
const FAR = "192.0.2.1:4443";
const NODE_TOKEN = "a-node-token-of-this-test-0123456789";
const ADMIN_TOKEN = "an-admin-token-of-this-test-0123456789";

/** Its exit code and output, or "listens". */
async function outcomeOf(child: TestProcess): Promise<string> {
  await using _ = child;
  return await Promise.race([
    child.exited.then(({ code }) => `${code} ${child.output}`),
    child.waitForJson().then(
      () => "listens",
      () => child.exited.then(({ code }) => `${code} ${child.output}`),
    ),
  ]);
}

fault(
  {
    row: "80",
    fault: "a node is to send its token without TLS, and the CLI the admin token, to another machine",
    holds: "both are refused before anything is sent, with the setting that allows it",
    target: "refused by default, allowed when asked for",
  },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-defaults-"));
    using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
    const startedAt = (address: string, more: Readonly<Record<string, string>> = {}) =>
      outcomeOf(
        startIngress(address, join(folder, String(Math.random())), {
          LATCHKEY_INGRESS_CONTROL_PLANE_TOKEN: NODE_TOKEN,
          ...more,
        }),
      );
    const cli = () =>
      outcomeOf(
        startProcess({
          args: [latchkeyCommand, "status"],
          env: { LATCHKEY_TOKEN: ADMIN_TOKEN, LATCHKEY_URL: `http://${FAR}` },
        }),
      );
    const [far, allowed, here, admin] = await Promise.all([
      startedAt(FAR),
      startedAt(FAR, { LATCHKEY_INGRESS_CONTROL_PLANE_ALLOW_PLAINTEXT: "true" }),
      startedAt("127.0.0.1:9"),
      cli(),
    ]);
    expect(far).toMatch(/^2 /);
    expect(far).toContain("controlPlane.allowPlaintext");
    expect([allowed, here]).toEqual(["listens", "listens"]);
    expect(admin).toMatch(/^2 /);
    expect(admin).toContain("--allow-plaintext");
    for (const text of [far, admin]) expect(text).not.toMatch(new RegExp(`${NODE_TOKEN}|${ADMIN_TOKEN}`));
    return "refused with exit code 2 and the name of the setting; allowed with it, and on this machine";
  },
);

interface Page {
  readonly schema: boolean;
  readonly editor: boolean;
}

/** What an operator's token, and a browser, get to see on this control plane. */
async function shownBy(stack: Stack): Promise<Page> {
  const url = `http://127.0.0.1:${new URL(stack.graphqlUrl).port}/graphql`;
  const schema = await shoot({
    url,
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${stack.adminToken}` },
    body: JSON.stringify({ query: "{ __schema { queryType { name } } }" }),
  });
  const editor = await shoot({ url, headers: { accept: "text/html" } });
  return { schema: schema.body.includes('"queryType"'), editor: editor.body.includes("<html") };
}

const ON_ALL_ADDRESSES = { LATCHKEY_CONTROL_PLANE_HTTP_HOST: "0.0.0.0" };
let metricsPort = 0;
/** Control planes that listen on all addresses: as they come, and with schema and editor asked for. */
let plain: Stack;
let asked: Stack;
let node: SmallNode;

beforeAll(async () => {
  metricsPort = await freePort();
  [plain, asked, node] = await Promise.all([
    Stack.start({
      nodes: 0,
      controlPlaneEnv: { ...ON_ALL_ADDRESSES, LATCHKEY_CONTROL_PLANE_METRICS_PORT: String(metricsPort) },
    }),
    Stack.start({
      nodes: 0,
      controlPlaneEnv: {
        ...ON_ALL_ADDRESSES,
        LATCHKEY_CONTROL_PLANE_GRAPHQL_INTROSPECTION: "on",
        LATCHKEY_CONTROL_PLANE_GRAPHQL_GRAPHIQL: "on",
      },
    }),
    SmallNode.start(resourcesOf({ a: "http://127.0.0.1:9/" })),
  ]);
});

afterAll(async () => {
  for (const each of [plain, asked, node]) await each[Symbol.asyncDispose]();
});

fault(
  {
    row: "80",
    fault: "the control plane listens beyond loopback, and a client asks for its schema and for GraphiQL",
    holds: "both are off, unless they were asked for",
    target: "off by default",
  },
  async () => {
    expect(await shownBy(plain)).toEqual({ schema: false, editor: false });
    expect(await shownBy(asked)).toEqual({ schema: true, editor: true });
    return "both off on 0.0.0.0, on there when asked for";
  },
);

function statusUnder(host: string, port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path, headers: { host } }, (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

const PATHS = ["/metrics", "/status", "/tree?api=api_1", "/", "//"] as const;

fault(
  {
    row: "80, 81",
    fault:
      "requests to the admin port and the control plane's metrics port under the name of a web page (DNS rebinding), and with targets that are no path",
    holds: "another name sees nothing but health; a target that no page has is 404, never 500",
    target: "421 under other names; 0 × 500",
  },
  async () => {
    const adminPort = Number(new URL(node.adminUrl).port);
    const foreign = [
      "evil.example",
      `evil.example:${adminPort}`,
      "localhost.evil.example",
      "127.0.0.1.evil.example",
    ];
    let refused = 0;
    for (const host of foreign) {
      for (const path of PATHS) {
        expect([host, path, await statusUnder(host, adminPort, path)]).toEqual([host, path, 421]);
        refused++;
      }
      expect([host, await statusUnder(host, adminPort, "/healthz")]).toEqual([host, 200]);
      expect([host, await statusUnder(host, metricsPort, "/metrics")]).toEqual([host, 421]);
      refused++;
    }
    for (const host of ["localhost", `127.0.0.1:${adminPort}`, "[::1]"])
      for (const path of ["/metrics", "/status"])
        expect([host, path, await statusUnder(host, adminPort, path)]).toEqual([host, path, 200]);

    const httpPort = Number(new URL(plain.graphqlUrl).port);
    const targets = [
      "//",
      "///",
      "//a",
      "/\\",
      "//[",
      "//%",
      "/%",
      "/%00",
      "/?%",
      "*",
      "http://[",
      "//:99999/",
    ];
    let sent = 0;
    for (const port of [adminPort, metricsPort, httpPort])
      for (const target of targets) {
        using client = await RawClient.connect(port);
        client.send(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
        const { status } = await client.response();
        expect([port === httpPort, target, status < 500]).toEqual([port === httpPort, target, true]);
        sent++;
      }
    return `${refused} of ${refused} requests under other names were 421; ${sent} targets that are no path: 0 × 500`;
  },
);
