/** What dashboards, alerts and documents name is in a real scrape, and scrapes and rules are as Prometheus wants them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadControlPlaneConfig, runControlPlane } from "@latchkey/control-plane";
import { loadIngressConfig, runIngress } from "@latchkey/ingress";
import { createLogger } from "@latchkey/observe";
import { parseExposition } from "@latchkey/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const deploy = join(root, "deploy");
const dashboards = join(deploy, "grafana/provisioning/dashboards");
const alerts = join(deploy, "prometheus/alerts.yml");
const texts = [
  ...readdirSync(dashboards)
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(dashboards, name)),
  alerts,
  ...["metrics.md", "operations.md", "access-log.md", "failure-modes.md", "request-path.md"].map((name) =>
    join(root, "docs", name),
  ),
].map((path) => ({ path, text: readFileSync(path, "utf8") }));

const TOKEN = "0123456789abcdef0123456789abcdef";

let folder = "";
const scrapes: Record<"control plane" | "ingress", string> = { "control plane": "", ingress: "" };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-metrics-"));
  const logger = createLogger({ name: "test", level: "silent" });
  const controlPlane = await runControlPlane(
    loadControlPlaneConfig({
      env: {},
      options: {
        adminToken: TOKEN,
        dataDir: join(folder, "control-plane"),
        http: { port: 0 },
        grpc: { port: 0 },
        metrics: { port: 0 },
      },
    }),
    { logger },
  );
  const graphql = async (query: string): Promise<unknown> => {
    const response = await fetch(controlPlane.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query }),
    });
    return ((await response.json()) as { data: unknown }).data;
  };
  const { createNode } = (await graphql(
    'mutation { createNode(input: { name: "one" }) { node { id } token } }',
  )) as {
    createNode: { token: string; node: { id: string } };
  };
  const ingress = await runIngress(
    loadIngressConfig({
      env: {},
      options: {
        dataDir: join(folder, "ingress"),
        port: 0,
        admin: { port: 0 },
        nodeId: "one",
        controlPlane: { address: controlPlane.grpcAddress, token: createNode.token },
      },
    }),
    { log: logger },
  );
  try {
    while (!ingress.isReady()) await new Promise((resolve) => setTimeout(resolve, 10));
    const { createSubscription } = (await graphql(
      'mutation { createSubscription(input: { name: "a" }) { subscription { id } } }',
    )) as { createSubscription: { subscription: { id: string } } };
    const { id } = createSubscription.subscription;
    const input = `{ subscriptionId: "${id}", name: "i", urls: ["https://i.example/"] }`;
    await graphql(`mutation { createIntegration(input: ${input}) { receipt { revision { number } } } }`);
    scrapes["control plane"] = await (await fetch(controlPlane.metricsUrl ?? "")).text();
    scrapes.ingress = await (await fetch(`http://127.0.0.1:${ingress.adminPort}/metrics`)).text();
  } finally {
    await ingress.close();
    await controlPlane.close();
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const familiesIn = (text: string): string[] =>
  [...parseExposition(text).types].flatMap(([name, type]) =>
    type === "histogram" ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );

it("finds every metric that a dashboard, an alert or a document names", () => {
  const known = new Set(Object.values(scrapes).flatMap(familiesIn));
  const named = texts.flatMap(({ path, text }) =>
    [...text.matchAll(/\blatchkey_[a-z0-9_]+/g)].map(([name]) => ({ path, name })),
  );
  expect(named.length).toBeGreaterThan(100);
  // A cookie of the console.
  const missing = named.filter(({ name }) => !known.has(name) && name !== "latchkey_session");
  expect(missing).toEqual([]);
});

it("shows nodes by status, and how long a change took to be enforced", () => {
  const { value } = parseExposition(scrapes["control plane"]);
  expect(value("latchkey_nodes", { status: "healthy" })).toBe(1);
  expect(value("latchkey_revision")).toBe(
    parseExposition(scrapes.ingress).value("latchkey_ingress_revision"),
  );
  expect(value("latchkey_publish_duration_seconds_count")).toBe(1);
  expect(value("latchkey_graphql_operation_duration_seconds_count", { kind: "mutation" })).toBe(3);
  expect(value("latchkey_database_query_duration_seconds_count")).toBeGreaterThan(10);
  expect(value("latchkey_sessions")).toBe(0);
});

it("documents every metric of its own", () => {
  const documented = texts.find(({ path }) => path.endsWith("metrics.md"))?.text ?? "";
  const families = Object.values(scrapes).flatMap((text) => [...parseExposition(text).types.keys()]);
  const own = families.filter((name) => !/^latchkey_(?:nodejs|process)_/.test(name));
  expect(own.length).toBeGreaterThan(40);
  expect(own.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
});

describe("the control plane's metrics port", () => {
  it("is closed unless it is asked for", () => {
    const { metrics } = loadControlPlaneConfig({ env: {}, options: { adminToken: TOKEN } });
    expect(metrics.host).toBe("127.0.0.1");
    expect(metrics.port).toBeUndefined();
  });
});

const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;
if (!hasPromtool)
  process.stderr.write(
    "promtool (Debian: prometheus) is not here: scrapes and alert rules are not checked by it.\n",
  );

describe.runIf(hasPromtool)("promtool", () => {
  it.each(["control plane", "ingress"] as const)(
    "finds nothing wrong with the metrics of the %s",
    (plane) => {
      const { stdout, stderr, status } = spawnSync("promtool", ["check", "metrics"], {
        input: scrapes[plane],
        encoding: "utf8",
      });
      expect(stdout + stderr).toBe("");
      expect(status).toBe(0);
    },
  );

  it("takes the alert rules", () => {
    const { stdout, stderr, status } = spawnSync("promtool", ["check", "rules", alerts], {
      encoding: "utf8",
    });
    expect(`${status} ${stdout}${stderr}`).toMatch(/^0 [\s\S]*SUCCESS/);
  });
});
