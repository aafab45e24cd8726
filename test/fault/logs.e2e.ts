/** Logs that cannot be written: a full disk, and a pipe that nobody reads. Neither plane may end or wait for them. */
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  anIntegration,
  eventually,
  served,
  startProcess,
  type TestProcess,
  Upstream,
} from "@latchkey/testkit";
import { expect } from "vitest";
import { latchkeyCommand } from "../support/stack.js";
import { fault } from "./support/fault.js";
import { LogPipe } from "./support/log-pipe.js";
import { SmallDisk } from "./support/small-disk.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { shoot } from "./support/traffic.js";

const adminToken = "logs-admin-token-0123456789abcdef";

/** Lines of 10 KiB each: one for each integration that the node cannot use, and one when it is gone. */
const unusable = (count: number) =>
  Array.from({ length: count }, (_, i) => anIntegration(`${i}-${"x".repeat(10_000)}`, "not a URL"));

function lostLines(metrics: string): number {
  return Number(/^latchkey_log_lines_lost_total (\d+)$/m.exec(metrics)?.[1]);
}

function startControlPlane(dataDir: string, stderrFd: number): TestProcess {
  return startProcess({
    args: [latchkeyCommand, "control-plane"],
    stderrFd,
    env: {
      LATCHKEY_CONTROL_PLANE_DATA_DIR: dataDir,
      LATCHKEY_CONTROL_PLANE_HTTP_PORT: "0",
      LATCHKEY_CONTROL_PLANE_GRPC_PORT: "0",
      LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: adminToken,
      LATCHKEY_PRINT_URLS: "true",
    },
  });
}

/** The control plane starts, responds, and ends at a stop signal, whatever happens to its log. */
async function checkControlPlane(stderrFd: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "latchkey-logs-"));
  try {
    await using controlPlane = startControlPlane(dir, stderrFd);
    const { graphql } = await controlPlane.waitForJson<{ graphql: string }>();
    const response = await fetch(graphql, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${adminToken}` },
      body: JSON.stringify({ query: "{ apis(first: 1) { totalCount } }" }),
    });
    expect(response.status).toBe(200);
    const metrics = await fetch(new URL("/metrics", graphql), {
      headers: { authorization: `Bearer ${adminToken}` },
    });
    expect(lostLines(await metrics.text())).toBe(0);
    expect(await controlPlane.stop()).toEqual({ code: 0, signal: null });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const UNUSABLE = 20;
const REVISIONS = 15;
/** Each revision brings all that the node cannot use, or takes it away. */
const LINES = UNUSABLE * REVISIONS;

/** The node logs more than is kept for a log that takes nothing. @returns how many lines were lost */
async function checkIngress(stderrFd: number, free: () => Promise<void> | void): Promise<number> {
  await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
  await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), { stderrFd });
  const resources = unusable(UNUSABLE);
  for (let i = 0; i < REVISIONS; i++) {
    if (i % 2 === 0) node.server.change(served(...resources));
    else node.server.change([], resources);
    await node.server.acked();
  }
  for (let i = 0; i < 50; i++) expect((await shoot({ url: `${node.url}/a`, key })).status).toBe(200);
  const metrics = async () => lostLines((await shoot({ url: `${node.adminUrl}/metrics` })).body);
  const lost = await metrics();
  expect(lost).toBeGreaterThan(0);
  expect(lost).toBeLessThan(LINES);
  await free();
  expect(await node.process.stop()).toEqual({ code: 0, signal: null });
  return lost;
}

fault(
  {
    row: "64",
    fault: "the pipe that takes the log of each plane is full and is not read",
    holds: "both start, serve and end; lines that find no room are counted, and the count is logged",
    target: "0 waits for the log; lost lines counted",
  },
  async () => {
    using first = new LogPipe();
    await checkControlPlane(first.fd);
    using second = new LogPipe();
    let text = "";
    const lossLine = () => text.split("\n").find((line) => line.includes("log lines were lost"));
    let stopReading = (): void => undefined;
    const lost = await checkIngress(second.fd, async () => {
      const timer = setInterval(() => {
        text += second.read();
      }, 5);
      stopReading = () => clearInterval(timer);
      // Before the node ends: it waits for no log.
      await eventually(async () => lossLine(), "the log has the number of lost lines");
    }).finally(() => stopReading());
    expect(JSON.parse(lossLine() ?? "{}")).toMatchObject({ level: "warn", lines: lost });
    return `both planes served; of ${LINES} lines of 10 KiB ${lost} were lost, and the log says so`;
  },
);

fault(
  {
    row: "64",
    fault: "the disk of the log is full",
    holds: "both planes start, serve and end; lines that find no room are counted",
    target: "0 process ends; lost lines counted",
  },
  async () => {
    using disk = new SmallDisk(4);
    const fd = openSync(join(disk.path, "log"), "a");
    disk.fill();
    try {
      await checkControlPlane(fd);
      const lost = await checkIngress(fd, () => undefined);
      return `both planes served; of ${LINES} lines of 10 KiB ${lost} were lost and counted`;
    } finally {
      closeSync(fd);
    }
  },
);

fault(
  {
    row: "64",
    fault: "the reader of the log ends",
    holds: "the node serves on and counts the lines",
    target: "0 process ends",
  },
  async () => {
    using pipe = new LogPipe();
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), { stderrFd: pipe.fd });
    pipe.closeReader();
    node.server.change(served(...unusable(3)));
    await node.server.acked();
    await eventually(
      async () => (lostLines((await shoot({ url: `${node.adminUrl}/metrics` })).body) > 0 ? true : undefined),
      "lost lines are counted",
    );
    expect((await shoot({ url: `${node.url}/a`, key })).status).toBe(200);
    expect(await node.process.stop()).toEqual({ code: 0, signal: null });
    return "the node served on and counted the lines";
  },
);
