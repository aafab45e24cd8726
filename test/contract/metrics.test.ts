/** What dashboards, alerts and documents name is in a real scrape, and scrapes and rules are as Prometheus wants them. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadControlPlaneConfig } from "@latchkey/control-plane";
import { parseExposition } from "@latchkey/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { hasPromtool } from "../support/promtool.js";
import { type Scrapes, scrapeBoth } from "../support/scrapes.js";

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

let scrapes: Scrapes;
beforeAll(async () => {
  scrapes = await scrapeBoth();
});

/** By what their text is called in a failure. */
const planes = ["control plane", "ingress"] as const;

const familiesIn = (text: string): string[] =>
  [...parseExposition(text).types].flatMap(([name, type]) =>
    type === "histogram" ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );

it("finds every metric that a dashboard, an alert or a document names", () => {
  const known = new Set(planes.flatMap((plane) => familiesIn(scrapes[plane])));
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
  expect(value("latchkey_publish_duration_seconds_count")).toBe(2);
  expect(value("latchkey_graphql_operation_duration_seconds_count", { kind: "mutation" })).toBe(4);
  expect(value("latchkey_database_query_duration_seconds_count")).toBeGreaterThan(10);
  expect(value("latchkey_sessions")).toBe(0);
});

it("documents every metric of its own", () => {
  const documented = texts.find(({ path }) => path.endsWith("metrics.md"))?.text ?? "";
  const families = planes.flatMap((plane) => [...parseExposition(scrapes[plane]).types.keys()]);
  const own = families.filter((name) => !/^latchkey_(?:nodejs|process)_/.test(name));
  expect(own.length).toBeGreaterThan(40);
  expect(own.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
});

/** One that appears with 1 is no increase to Prometheus: an alert would miss the first event. */
it("has series of every counter from the start, with 0", () => {
  const { types, samples } = parseExposition(scrapes.fresh);
  const counters = [...types].filter(([, type]) => type === "counter").map(([name]) => name);
  expect(counters.length).toBeGreaterThan(15);
  const withSeries = new Set(samples.map(({ name }) => name));
  expect(counters.filter((name) => !withSeries.has(name))).toEqual([]);
});

describe("the control plane's metrics port", () => {
  it("is closed unless it is asked for", () => {
    const { metrics } = loadControlPlaneConfig({
      env: {},
      options: { adminToken: "0123456789abcdef0123456789abcdef" },
    });
    expect(metrics.host).toBe("127.0.0.1");
    expect(metrics.port).toBeUndefined();
  });
});

describe.runIf(hasPromtool("scrapes and alert rules are not checked"))("promtool", () => {
  it.each(planes)("finds nothing wrong with the metrics of the %s", (plane) => {
    const { stdout, stderr, status } = spawnSync("promtool", ["check", "metrics"], {
      input: scrapes[plane],
      encoding: "utf8",
    });
    expect(stdout + stderr).toBe("");
    expect(status).toBe(0);
  });

  it("takes the alert rules", () => {
    const { stdout, stderr, status } = spawnSync("promtool", ["check", "rules", alerts], {
      encoding: "utf8",
    });
    expect(`${status} ${stdout}${stderr}`).toMatch(/^0 [\s\S]*SUCCESS/);
  });
});
