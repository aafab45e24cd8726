/** What Prometheus makes of alert rules and dashboards: each alert fires when it should, each panel shows something. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseExposition } from "@latchkey/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasPromtool } from "../support/promtool.js";
import { type Scrapes, scrapeBoth } from "../support/scrapes.js";

const deploy = join(import.meta.dirname, "../../deploy");
const dashboards = join(deploy, "grafana/provisioning/dashboards");
const alerts = join(deploy, "prometheus/alerts.yml");
const names = [...readFileSync(alerts, "utf8").matchAll(/- alert: (\w+)/g)].map(([, name = ""]) => name);

interface Series {
  readonly series: string;
  readonly values: string;
}

/** Series as promtool writes them: a value each minute for half an hour. */
const steady = (series: string, value: number): Series => ({ series, values: `${value}x30` });
const rising = (series: string, perMinute: number): Series => ({ series, values: `0+${perMinute}x30` });

const control = 'job="latchkey-control-plane", instance="control-plane:4002"';
const node = (number: number) => `job="latchkey-ingress", instance="ingress-${number}:8081"`;

/** What each alert fires at. */
const trouble: Readonly<Record<string, readonly Series[]>> = {
  LatchkeyNodeDown: [steady(`up{${node(1)}}`, 0)],
  LatchkeyNodeNotReady: [steady(`latchkey_ingress_ready{${node(1)}}`, 0)],
  LatchkeyStreamDown: [steady(`latchkey_ingress_stream_up{${node(1)}}`, 0)],
  LatchkeyConfigurationOld: [steady(`latchkey_ingress_config_age_seconds{${node(1)}}`, 301)],
  LatchkeyNodesDiffer: [
    steady(`latchkey_ingress_revision{${node(1)}}`, 7),
    steady(`latchkey_ingress_revision{${node(2)}}`, 8),
  ],
  LatchkeyGatewayErrors: [
    rising(`latchkey_ingress_errors_total{${node(1)}, code="upstream.timeout"}`, 40),
    rising(`latchkey_ingress_errors_total{${node(2)}, code="upstream.timeout"}`, 40),
  ],
  LatchkeyConnectionsRefused: [
    rising(`latchkey_ingress_connections_refused_total{${node(1)}, reason="address_full"}`, 100),
  ],
  LatchkeySharedLimitsAway: [rising(`latchkey_ingress_shared_limits_total{${node(1)}, by="node"}`, 1)],
  LatchkeyUsageLost: [rising(`latchkey_ingress_usage_dropped_total{${node(1)}}`, 1)],
  LatchkeyLogLinesLost: [rising(`latchkey_log_lines_lost_total{${node(1)}}`, 1)],
  LatchkeyTargetsOut: [
    steady(`latchkey_ingress_integration_targets{${node(1)}, integration="int_1", state="ejected"}`, 1),
  ],
  LatchkeyTokensFailing: [rising(`latchkey_ingress_upstream_tokens_total{${node(1)}, outcome="failed"}`, 1)],
  LatchkeyNamesFailing: [rising(`latchkey_ingress_name_lookups_total{${node(1)}, outcome="failed"}`, 30)],
  LatchkeyGatewaySlow: [
    rising(`latchkey_ingress_gateway_duration_seconds_bucket{${node(1)}, le="0.1"}`, 50),
    rising(`latchkey_ingress_gateway_duration_seconds_bucket{${node(1)}, le="0.5"}`, 100),
    rising(`latchkey_ingress_gateway_duration_seconds_bucket{${node(1)}, le="+Inf"}`, 100),
  ],
  LatchkeyEventLoopBlocked: [steady(`latchkey_ingress_event_loop_delay_seconds{${node(1)}}`, 2)],
  LatchkeyPublishSlow: [steady(`latchkey_node_lag_max_seconds{${control}}`, 31)],
  LatchkeyDatabaseBusy: [rising(`latchkey_database_query_duration_seconds_sum{${control}}`, 54)],
  LatchkeyControlPlaneDown: [steady(`up{${control}}`, 0)],
  LatchkeyNodesMissing: [
    steady(`latchkey_snapshot_streams{${control}}`, 1),
    steady(`up{${node(1)}}`, 1),
    steady(`up{${node(2)}}`, 1),
  ],
  // Once, ten minutes before it is looked at.
  LatchkeyRevisionRefused: [
    {
      series: `latchkey_snapshot_nacks_total{${control}, reason="malformed"}`,
      values: "0x23 1x7",
    },
  ],
  LatchkeyDrift: [{ series: `latchkey_snapshot_drifts_total{${control}}`, values: "0x23 1x7" }],
  LatchkeyAccessRefused: [
    rising(`latchkey_access_refused_total{${control}, place="sign-in", reason="token"}`, 100),
  ],
  LatchkeyKeysExpire: [steady(`latchkey_keys_expiring{${control}, state="soon"}`, 2)],
  LatchkeyConsoleCrowded: [
    rising(`latchkey_http_connections_displaced_total{${control}, limit="total"}`, 100),
  ],
};

describe.runIf(hasPromtool("alerts and panels of dashboards are not tried"))("Prometheus", () => {
  let folder = "";
  let scrapes: Scrapes;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "latchkey-alerts-"));
    scrapes = await scrapeBoth();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Expects each expression to have that many series (null: none) after half an hour. */
  function check(
    input: readonly Series[],
    expected: readonly { readonly expr: string; readonly count: number | null }[],
  ): void {
    const file = join(folder, "test.json");
    const test = {
      interval: "1m",
      input_series: input,
      promql_expr_test: expected.map(({ expr, count }) => ({
        expr: `count(${expr})`,
        eval_time: "30m",
        exp_samples: count === null ? [] : [{ labels: "{}", value: count }],
      })),
    };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ rule_files: [alerts], evaluation_interval: "1m", tests: [test] }));
    const { stdout, stderr, status } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
    expect(status, stdout + stderr).toBe(0);
  }

  const firing = (name: string) => `ALERTS{alertstate="firing", alertname=~"${name}"}`;

  it("has an example of trouble for each alert", () => {
    expect(Object.keys(trouble).toSorted()).toEqual(names.toSorted());
  });

  it.each(names)("fires %s", (name) => {
    check(trouble[name] ?? [], [{ expr: `count by (alertname) (${firing(name)})`, count: 1 }]);
  });

  /** What a scrape has, as series of its plane. A summary of nothing yet is NaN: promtool reads none, and no alert compares with it. */
  function seriesOf(text: string, labels: string, values: (value: number) => string): readonly Series[] {
    const samples = parseExposition(text).samples.filter(({ value }) => Number.isFinite(value));
    return samples.map(({ name, labels: own, value }) => {
      const all = Object.entries(own).map(([label, of]) => `${label}=${JSON.stringify(of)}`);
      return { series: `${name}{${[labels, ...all].join(", ")}}`, values: values(value) };
    });
  }

  const both = (values: (value: number) => string) => [
    ...seriesOf(scrapes["control plane"], control, values),
    ...seriesOf(scrapes.ingress, node(1), values),
  ];

  it("fires nothing where all is well", () => {
    const up = [steady(`up{${control}}`, 1), steady(`up{${node(1)}}`, 1)];
    check([...up, ...both((value) => `${value}x30`)], [{ expr: firing(".*"), count: null }]);
  });

  it("shows something in each panel of the dashboards", () => {
    const panels = readdirSync(dashboards)
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) => {
        const text = readFileSync(join(dashboards, name), "utf8");
        return (JSON.parse(text) as { panels: { targets?: { expr: string }[] }[] }).panels;
      });
    const expressions = panels
      .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
      .map((expr) => expr.replaceAll("$__rate_interval", "4m").replaceAll(/\$\w+/g, ".*"));
    expect(expressions.length).toBeGreaterThan(60);
    check(
      both((value) => `${value}+1x30`),
      expressions.map((expr) => ({ expr: `count(${expr}) > 0`, count: 1 })),
    );
  });
});
