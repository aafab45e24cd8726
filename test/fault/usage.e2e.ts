/** Every request is in the sums of usage once, also when processes restart, are killed or lose their stream. */
import { join } from "node:path";
import { eventually } from "@latchkey/testkit";
import Database from "better-sqlite3";
import { expect } from "vitest";
import { Recorder } from "../support/recorder.js";
import { enforced, makeApi, makeIntegration, makeSubscription } from "../support/seed.js";
import { Stack } from "../support/stack.js";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { Traffic } from "./support/traffic.js";

interface Stored {
  readonly minutes: number;
  readonly days: number;
  readonly lost: number;
}

/** What the database holds now. */
function stored(stack: Stack): Stored {
  const db = new Database(join(stack.dataDir, "latchkey.db"), { readonly: true });
  try {
    const sum = (sql: string) => (db.prepare(sql).get() as { n: number | null }).n ?? 0;
    return {
      minutes: sum("select sum(requests) as n from usage_rollup where level = 0"),
      days: sum("select sum(requests) as n from usage_rollup where level = 2"),
      lost: sum("select sum(lost) as n from usage_gap"),
    };
  } finally {
    db.close();
  }
}

/** Requests in all rows of an export. */
async function exported(stack: Stack, groupBy: string): Promise<number> {
  const url = new URL(`/usage.ndjson?from=2026-01-01&groupBy=${groupBy}`, stack.graphqlUrl);
  const response = await fetch(url, { headers: { authorization: `Bearer ${stack.adminToken}` } });
  const lines = (await response.text()).trimEnd().split("\n");
  return lines.reduce((sum, line) => sum + (JSON.parse(line) as { requests: number }).requests, 0);
}

const restarts = rounds(1, 20, 100);

for (const workers of [1, 2])
  fault(
    {
      row: "87",
      fault: `control plane killed, and restarted, ${restarts} times each under traffic; node restarted (${workers} ${workers === 1 ? "process" : "workers"})`,
      holds: "each request is counted once",
      target: "sums equal the requests sent",
    },
    async () => {
      await using recorder = await Recorder.start();
      await using stack = await Stack.start({
        ingressEnv: {
          LATCHKEY_INGRESS_CONTROL_PLANE_RETRY_MAX_MS: "250",
          LATCHKEY_INGRESS_WORKERS: String(workers),
        },
      });
      const subscriptionId = await makeSubscription(stack);
      const integrationId = await makeIntegration(stack, subscriptionId, "only", `${recorder.url}/only`);
      const api = await makeApi(stack, subscriptionId, "a", [{ method: "GET", path: "/a", integrationId }]);
      await enforced(stack, api.revision);
      const traffic = new Traffic(2, () => ({ url: `${stack.ingress.url}/a`, key: api.secret }), 2);
      for (let round = 0; round < restarts; round++)
        for (const signal of ["SIGKILL", "SIGTERM"] as const) {
          const before = stored(stack).days;
          // Something is stored and something else is on its way.
          await eventually(async () => stored(stack).days > before || undefined, "usage is stored");
          await traffic.more(100);
          await stack.controlPlane.stop(signal);
          await traffic.more(100);
          await stack.restartControlPlane();
        }
      const { sent, reasons } = await traffic.stop();
      expect(reasons).toEqual([]);
      // A node that ends hands over what it has counted last, if it has a stream.
      await eventually(async () => {
        const status = await (await fetch(`${stack.ingress.adminUrl}/status`)).json();
        return (status as { stream: string }).stream === "streaming" || undefined;
      }, "the node is connected");
      await stack.ingress.process.stop("SIGTERM");
      const sums = await eventually(async () => {
        const now = stored(stack);
        return now.days >= sent ? now : undefined;
      }, `${sent} requests are stored`);
      expect(sums).toEqual({ minutes: sent, days: sent, lost: 0 });
      for (const groupBy of ["", "API,ROUTE,KEY,INTEGRATION,NODE,STATUS,ERROR_CODE"])
        expect(await exported(stack, groupBy)).toBe(sent);
      return `${sent} requests, ${sums.days} in the sums, ${2 * restarts} restarts of the control plane`;
    },
  );
