/** Several control planes over one PostgreSQL: no notice of each other's commits, a database that goes and comes, PgBouncer. */
import { eventually, startProcess } from "@latchkey/testkit";
import { hasPostgres, TestPostgres } from "@latchkey/testkit/postgres";
import { expect } from "vitest";
import { enforced, type MadeApi } from "../support/seed.js";
import { latchkeyCommand, type Stack } from "../support/stack.js";
import { BusyStack, isRefused } from "./support/busy-stack.js";
import { fault, NotHere } from "./support/fault.js";
import { checkInvariants } from "./support/invariants.js";
import { rounds } from "./support/mode.js";
import { hasPgBouncer, PgBouncer } from "./support/pgbouncer.js";
import { shoot } from "./support/traffic.js";

const FOUND_MS_MAX = 5_000;
const DISABLE =
  "mutation($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { key { id } userErrors { code } } }";

/** A second control plane over the same database. Nodes do not come to it. */
class Other implements AsyncDisposable {
  readonly #process: ReturnType<typeof startProcess>;
  readonly #adminToken: string;
  #url = "";

  constructor(stack: Stack, databaseUrl: string) {
    this.#adminToken = stack.adminToken;
    this.#process = startProcess({
      args: [latchkeyCommand, "control-plane"],
      env: {
        LATCHKEY_CONTROL_PLANE_DATABASE_URL: databaseUrl,
        LATCHKEY_CONTROL_PLANE_HTTP_PORT: "0",
        LATCHKEY_CONTROL_PLANE_GRPC_PORT: "0",
        LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: stack.adminToken,
        LATCHKEY_PRINT_URLS: "true",
      },
    });
  }

  async ready(): Promise<this> {
    this.#url = (await this.#process.waitForJson<{ graphql: string }>()).graphql;
    return this;
  }

  /** Null: done. Else the code of what went wrong. */
  async disable({ keyId }: MadeApi): Promise<string | null> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.#adminToken}` },
      body: JSON.stringify({ query: DISABLE, variables: { input: { id: keyId, active: false } } }),
    });
    const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
    return errors?.[0]?.extensions.code ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    if (this.#process.output.includes(this.#adminToken)) throw new Error("the token is in the output");
  }
}

/** Milliseconds until the node refuses the key. */
async function refusedAfter(busy: BusyStack, { secret }: MadeApi): Promise<number> {
  const startedMs = performance.now();
  await eventually(
    async () => (isRefused((await shoot({ url: busy.url, key: secret })).status) ? true : undefined),
    "the key that the other control plane disabled is refused",
    { everyMs: 5 },
  );
  return performance.now() - startedMs;
}

const ms = (values: readonly number[]) => `${Math.max(...values).toFixed(0)} ms`;

fault(
  {
    row: "42, 44",
    fault: "commits of another control plane without a notification; PostgreSQL dies and comes back",
    holds:
      "commits are found by looking; changes are refused with a code while it is away; the first after it is found",
    target: "missed publish found ≤ 5 s",
  },
  async () => {
    if (!hasPostgres()) throw new NotHere("PostgreSQL is not installed");
    using postgres = new TestPostgres();
    await using busy = await BusyStack.start({
      controlPlaneEnv: { LATCHKEY_CONTROL_PLANE_DATABASE_URL: postgres.url },
    });
    const { stack, traffic } = busy;
    await using other = await new Other(stack, postgres.url).ready();
    const silentMs: number[] = [];
    const afterMs: number[] = [];
    for (let i = 0; i < rounds(1, 5, 50); i++) {
      const [first, second] = [await busy.makeApi(`silent ${i}`), await busy.makeApi(`away ${i}`)];
      await enforced(stack, second.revision);
      expect(await other.disable(first)).toBeNull();
      silentMs.push(await refusedAfter(busy, first));

      postgres.stop();
      expect(await other.disable(second)).toBe("STORAGE_UNAVAILABLE");
      expect((await shoot({ url: busy.url, key: second.secret })).status).toBe(200);
      postgres.start();
      await eventually(
        async () => ((await other.disable(second)) === null ? true : undefined),
        "changes are taken again",
      );
      afterMs.push(await refusedAfter(busy, second));
    }
    expect(Math.max(...silentMs, ...afterMs)).toBeLessThan(2 * FOUND_MS_MAX);
    await checkInvariants(stack);
    expect(traffic.report.reasons).toEqual([]);
    return `a commit of the other control plane enforced after at most ${ms(silentMs)} (it looks every 2 s, there is no NOTIFY to lose); the first after ${afterMs.length} ends of the database after at most ${ms(afterMs)}; ${traffic.sent} requests, 0 failed`;
  },
  { isLong: true },
);

for (const isRunning of [false, true])
  fault(
    {
      row: "86",
      fault: `PostgreSQL is restored from an older dump ${isRunning ? "under a running control plane" : "while the control plane is stopped"}`,
      holds:
        "a new epoch begins by itself, is shown to operators, and a key disabled afterwards is refused at once",
      target: "changes enforced or refused with an instruction, never silently pending",
    },
    async () => {
      if (!hasPostgres()) throw new NotHere("PostgreSQL is not installed");
      using postgres = new TestPostgres();
      await using busy = await BusyStack.start({
        controlPlaneEnv: { LATCHKEY_CONTROL_PLANE_DATABASE_URL: postgres.url },
      });
      const { stack, traffic } = busy;
      const victim = await busy.makeApi("disabled after the restore");
      postgres.dump();
      const lost = rounds(3, 20);
      for (let i = 0; i < lost; i++) await enforced(stack, (await busy.makeApi(`lost ${i}`)).revision);
      if (!isRunning) await stack.controlPlane.stop();
      postgres.restore();
      const startedMs = performance.now();
      if (!isRunning) await stack.restartControlPlane();
      await eventually(async () => {
        const { server } = await stack.graphql<{ server: { databaseSetBack: { message: string } | null } }>(
          "{ server { databaseSetBack { message } } }",
        );
        return server.databaseSetBack?.message.includes("went back to revision") || undefined;
      }, "operators are shown that the database went back");
      const shownMs = performance.now() - startedMs;
      const disabledMs = performance.now();
      await enforced(stack, await busy.revoke(victim, "disable"));
      expect((await shoot({ url: busy.url, key: victim.secret })).status).toBe(403);
      const refusedMs = performance.now() - disabledMs;
      await checkInvariants(stack);
      expect(traffic.report.reasons).toEqual([]);
      return `${lost} revisions lost: new epoch after ${(shownMs / 1_000).toFixed(1)} s; a key disabled then was refused after ${refusedMs.toFixed(0)} ms; ${traffic.sent} requests, 0 failed`;
    },
    { isLong: true },
  );

fault(
  {
    row: "43",
    fault: "two control planes behind a PgBouncer in transaction mode",
    holds: "they start, write in turns, and find each other's commits",
    target: "publish visible ≤ 5 s",
  },
  async () => {
    if (!hasPostgres()) throw new NotHere("PostgreSQL is not installed");
    if (!hasPgBouncer()) throw new NotHere("PgBouncer is not installed");
    using postgres = new TestPostgres();
    await using bouncer = await PgBouncer.start(postgres);
    await using busy = await BusyStack.start({
      controlPlaneEnv: { LATCHKEY_CONTROL_PLANE_DATABASE_URL: bouncer.url },
    });
    const { stack, traffic } = busy;
    await using other = await new Other(stack, bouncer.url).ready();
    const foundMs: number[] = [];
    let written = 0;
    for (let i = 0; i < rounds(1, 5, 50); i++) {
      const apis = await Promise.all(Array.from({ length: 10 }, (_, j) => busy.makeApi(`bounced ${i} ${j}`)));
      for (const api of apis) await enforced(stack, api.revision);
      // Both write at once, over three connections to the server.
      const [victim, ...rest] = apis;
      if (victim === undefined) throw new Error("no API");
      const done = await Promise.all([
        ...rest.slice(0, 4).map(async (api) => (await busy.revoke(api, "expire")) !== null),
        ...[victim, ...rest.slice(4)].map(async (api) => (await other.disable(api)) === null),
      ]);
      expect(done).toEqual(apis.map(() => true));
      written += apis.length;
      foundMs.push(await refusedAfter(busy, victim));
      for (const api of rest) await refusedAfter(busy, api);
    }
    expect(Math.max(...foundMs)).toBeLessThan(2 * FOUND_MS_MAX);
    await checkInvariants(stack);
    expect(traffic.report.reasons).toEqual([]);
    return `${written} revocations by both at once over 3 connections, all there; the other's enforced after at most ${ms(foundMs)}; ${traffic.sent} requests, 0 failed`;
  },
  { isLong: true },
);
