/**
 * The control plane dies by SIGKILL in the middle of mutations, again and again: what it acknowledged is there, what
 * it did not is there as a whole or not at all, and the ingress neither loses a request nor lets a revoked key pass.
 */
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect } from "vitest";
import { Recorder } from "../support/recorder.js";
import { enforced, makeApi, makeIntegration, makeSubscription } from "../support/seed.js";
import { Stack, type UserError } from "../support/stack.js";
import { fault } from "./support/fault.js";
import { checkInvariants } from "./support/invariants.js";
import { rounds } from "./support/mode.js";
import { pause, Traffic } from "./support/traffic.js";

const MUTATORS = 4;

interface Payload {
  readonly userErrors: readonly UserError[];
  readonly api?: { readonly id: string };
  readonly key?: { readonly id: string } | null;
  readonly secret?: string;
  readonly revision: { readonly number: number } | null;
}

/** What the clients know of the control plane's state. */
class Model {
  readonly acknowledged = new Map<
    string,
    { readonly apiId: string; readonly keyId: string; readonly secret: string }
  >();
  /** Of a key, what was acknowledged last; "in doubt" while a response is missing. */
  readonly active = new Map<string, boolean | "in doubt">();
  readonly inDoubt = new Map<string, string>();
  newest = 0;
  mutations = 0;
  lost = 0;
}

async function send(stack: Stack, name: string, selection: string, input: object, idempotencyKey?: string) {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`;
  const response = await fetch(stack.graphqlUrl, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${stack.adminToken}`,
      ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
    },
    body: JSON.stringify({
      query: `mutation($input: ${type}) { ${name}(input: $input) { ${selection} revision { number } userErrors { code message field } } }`,
      variables: { input },
    }),
  });
  const result = (await response.json()) as { data?: Record<string, Payload>; errors?: unknown };
  const payload = result.data?.[name];
  if (payload === undefined || payload === null || payload.userErrors.length > 0)
    throw new Error(`${name} is refused: ${JSON.stringify(result)}`);
  return payload;
}

/** Creates APIs and switches keys, until the control plane is gone. */
async function mutateUntilKilled(
  stack: Stack,
  model: Model,
  isKilled: () => boolean,
  make: { readonly subscriptionId: string; readonly integrationId: string },
): Promise<void> {
  while (!isKilled()) {
    const title = `api-${crypto.randomUUID()}`;
    const known = [...model.active].find(([, state]) => state !== "in doubt" && Math.random() < 0.3);
    try {
      if (known === undefined || Math.random() < 0.5) {
        model.inDoubt.set(title, title);
        const routes = ["/a", "/b"].map((path) => ({
          method: "GET",
          path,
          integrationId: make.integrationId,
        }));
        const made = await send(
          stack,
          "createApi",
          "api { id } key { id } secret",
          { title, subscriptionId: make.subscriptionId, routes },
          title,
        );
        model.inDoubt.delete(title);
        stack.secrets.add(made.secret ?? "");
        const keyId = made.key?.id ?? "";
        model.acknowledged.set(title, { apiId: made.api?.id ?? "", keyId, secret: made.secret ?? "" });
        model.active.set(keyId, true);
        model.newest = Math.max(model.newest, made.revision?.number ?? 0);
      } else {
        const [keyId, state] = known;
        model.active.set(keyId, "in doubt");
        const changed = await send(stack, "updateApiKey", "key { id }", {
          id: keyId,
          active: state !== true,
        });
        model.active.set(keyId, state !== true);
        model.newest = Math.max(model.newest, changed.revision?.number ?? 0);
      }
      model.mutations++;
    } catch (error) {
      // Before the kill, every mutation has to pass.
      if (!isKilled()) throw error;
      return;
    }
  }
}

interface Row {
  readonly n: number;
}

/** Looks into a copy of the files as the kill left them, so that the look repairs nothing. */
function lookInto(stack: Stack, model: Model): void {
  const copy = mkdtempSync(join(tmpdir(), "latchkey-killed-"));
  try {
    for (const suffix of ["", "-wal"]) {
      const file = join(stack.dataDir, `latchkey.db${suffix}`);
      if (existsSync(file)) cpSync(file, join(copy, `latchkey.db${suffix}`));
    }
    const db = new Database(join(copy, "latchkey.db"));
    const count = (sql: string, ...values: unknown[]) => (db.prepare(sql).get(...values) as Row).n;
    expect(db.pragma("integrity_check")).toEqual([{ integrity_check: "ok" }]);
    expect(db.pragma("foreign_key_check")).toEqual([]);
    const newest = count("select number as n from revision");
    expect(newest).toBeGreaterThanOrEqual(model.newest);
    // Each revision has its changes and its entry in the audit log, and nothing has a revision that is not.
    expect(count("select count(distinct number) as n from change_log")).toBe(newest);
    expect(count("select coalesce(max(number), 0) as n from change_log")).toBe(newest);
    expect(count("select count(distinct number) as n from audit_log where number is not null")).toBe(newest);
    // An API came with two routes and a key, in one mutation.
    const halves = `select count(*) as n from api where
      (select count(*) from route where api_id = api.id) <> 2 or
      (select count(*) from api_key where api_id = api.id) <> 1`;
    expect(count(halves)).toBe(0);
    for (const [title, { apiId, keyId }] of model.acknowledged) {
      const there =
        "select count(*) as n from api join api_key on api_id = api.id where title = ? and api.id = ? and api_key.id = ?";
      if (count(there, title, apiId, keyId) !== 1) model.lost++;
    }
    for (const [keyId, state] of model.active) {
      const isActive = count("select active as n from api_key where id = ?", keyId) === 1;
      if (state === "in doubt") model.active.set(keyId, isActive);
      else if (isActive !== state) model.lost++;
    }
    db.close();
  } finally {
    rmSync(copy, { recursive: true });
  }
}

const killed = rounds(3, 50, 1_000);

fault(
  {
    row: "6, 13",
    fault: `control plane killed in the middle of mutations, ${killed} times`,
    holds: "every acknowledged mutation is there, no half of another; nodes come to the same digest",
    target: "0 lost, 0 halves, 0 failed requests",
  },
  async () => {
    await using recorder = await Recorder.start();
    await using stack = await Stack.start({
      ingressEnv: { LATCHKEY_INGRESS_CONTROL_PLANE_RETRY_MAX_MS: "250" },
    });
    const subscriptionId = await makeSubscription(stack);
    const integrationId = await makeIntegration(stack, subscriptionId, "only", `${recorder.url}/only`);
    const make = { subscriptionId, integrationId };
    const model = new Model();
    let repeated = 0;
    const steady = await makeApi(stack, subscriptionId, "steady", [
      { method: "GET", path: "/steady", integrationId },
      { method: "GET", path: "/other", integrationId },
    ]);
    await enforced(stack, steady.revision);
    const traffic = new Traffic(2, () => ({ url: `${stack.ingress.url}/steady`, key: steady.secret }), 5);
    let standby = stack.prepareControlPlane();
    for (let round = 0; round < killed; round++) {
      let isKilled = false;
      const mutators = Array.from({ length: MUTATORS }, () =>
        mutateUntilKilled(stack, model, () => isKilled, make),
      );
      // The fault comes at any moment, which no condition can name.
      const moment = pause(100 + Math.random() * 500).then(async () => {
        isKilled = true;
        await stack.controlPlane.stop("SIGKILL");
      });
      await Promise.all([moment, ...mutators]);
      lookInto(stack, model);
      expect(model.lost).toBe(0);
      await stack.promote(standby);
      if (round < killed - 1) standby = stack.prepareControlPlane();
      // A client that heard nothing sends the same again, and there is one of it.
      for (const title of model.inDoubt.keys()) {
        const routes = ["/a", "/b"].map((path) => ({ method: "GET", path, integrationId }));
        const made = await send(
          stack,
          "createApi",
          "api { id } key { id }",
          { title, subscriptionId, routes },
          title,
        );
        model.acknowledged.set(title, { apiId: made.api?.id ?? "", keyId: made.key?.id ?? "", secret: "" });
        model.newest = Math.max(model.newest, made.revision?.number ?? 0);
        model.inDoubt.delete(title);
        repeated++;
      }
    }
    await checkInvariants(stack);
    const report = await traffic.stop();
    expect(report.reasons).toEqual([]);
    // What the node enforces is what was acknowledged, key by key.
    for (const { keyId, secret } of model.acknowledged.values()) {
      if (secret === "") continue;
      const response = await fetch(`${stack.ingress.url}/a`, { headers: { "Connxio-Api-Key": secret } });
      await response.arrayBuffer();
      expect(response.status).toBe(model.active.get(keyId) === true ? 200 : 403);
    }
    return `${killed} kills, ${model.mutations} acknowledged mutations: 0 lost, 0 halves; ${repeated} creations without a response repeated, none twice; ${report.sent} requests meanwhile, 0 failed`;
  },
  { timeoutMs: 300_000 + killed * 15_000 },
);
