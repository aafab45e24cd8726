/**
 * Rows in every table as each release wrote them, and what an upgrade must keep of them.
 * A migration that makes a table adds rows for it to `rowsOf`; all else follows from the list of migrations.
 */
import { Kysely } from "kysely";
import { expect } from "vitest";
import { migrate } from "../db/migrate.js";
import { migrations } from "../db/migrations/index.js";
import { Fixture } from "./fixture.js";

type Row = Readonly<Record<string, unknown>>;
export type Tables = Readonly<Record<string, readonly Row[]>>;
export type AnyDb = Kysely<Record<string, Row>>;

const bytes = (fill: number): Buffer => Buffer.alloc(32, fill);
const at = { created_at_ms: 1_700_000_000_001, updated_at_ms: 1_700_000_000_002 };
const SUBSCRIPTION = "sub_000000000000000000000001";
const INTEGRATION = "int_000000000000000000000001";
const CREDENTIAL = "crd_000000000000000000000001";
const SECOND_CREDENTIAL = "crd_000000000000000000000002";
/** Of an integration that came with 0014-credentials. */
const WITH_CREDENTIALS = "int_000000000000000000000002";
const API = "api_000000000000000000000001";
const KEY = "key_000000000000000000000001";

/** Of a route before 0007-operations, and what they are since. */
const OLD_PARAMETERS = JSON.stringify({
  path: { x: { schema: { type: "integer" }, description: "Number." }, y: {} },
  query: [{ name: "q" }, { name: "list", required: true, schema: { type: "array" } }],
});
const NEW_PARAMETERS = [
  { name: "x", in: "path", required: true, description: "Number.", schema: { type: "integer" } },
  { name: "y", in: "path", required: true, schema: { type: "string" } },
  { name: "q", in: "query", schema: { type: "string" } },
  { name: "list", in: "query", required: true, schema: { type: "array" } },
];

const integrationRow: Row = {
  id: INTEGRATION,
  subscription_id: SUBSCRIPTION,
  name: "Orders",
  name_key: "orders",
  description: "d",
  search_text: "orders\nd\nhttps://orders.example/in",
  inbound_kind: "api",
  urls: '["https://orders.example/in"]',
  method: "POST",
  policy:
    '{"limits":{"requestBodyBytesMax":0,"responseBodyBytesMax":0,"connectTimeoutMs":0,"firstByteTimeoutMs":0,"bodyIdleTimeoutMs":0,"concurrentRequestsMax":0},"loadBalancing":"round-robin","healthCheck":null,"circuitBreaker":null,"retry":{"attemptsMax":0,"budgetPercent":20}}',
  contract:
    '{"requestSchema":null,"responseSchema":null,"requestContentTypes":[],"responseContentTypes":[],"examples":[]}',
  version: 2,
  ...at,
};

const credentialRow: Row = {
  id: CREDENTIAL,
  subscription_id: SUBSCRIPTION,
  name: "C",
  name_key: "c",
  kind: "header",
  settings: '{"name":"X-Api-Key"}',
  encrypted_secret: null,
  secret_reference: "env:LATCHKEY_SECRET_C",
  secret_set_at_ms: 15,
  version: 1,
  created_at_ms: 15,
  updated_at_ms: 15,
};

/** What is put into a database right after the migration of that name: as the release of that time wrote it. */
const rowsOf: Readonly<Record<string, Tables>> = {
  "0001-init": {
    revision: [{ id: 1, epoch: 1_700_000_000_000, number: 7 }],
    change_log: [
      {
        epoch: 1_700_000_000_000,
        number: 7,
        ordinal: 0,
        kind: "api",
        resource_id: API,
        op: "upsert",
        revocation: 1,
        at_ms: 1_700_000_000_003,
      },
    ],
    node: [
      {
        id: "nod_1",
        name: "node-1",
        token_digest: bytes(1),
        created_at_ms: 5,
        last_seen_at_ms: 6,
        software_version: "0.1.0",
        acked_epoch: 1_700_000_000_000,
        acked_number: 7,
        last_nack_at_ms: 8,
        last_nack_reason: "why",
      },
      {
        id: "nod_2",
        name: "node-2",
        token_digest: null,
        created_at_ms: 5,
        last_seen_at_ms: null,
        software_version: null,
        acked_epoch: null,
        acked_number: null,
        last_nack_at_ms: null,
        last_nack_reason: null,
      },
    ],
    subscription: [{ id: SUBSCRIPTION, name: "Ærø", name_key: "ærø", version: 3, ...at }],
    integration: [integrationRow],
    api: [
      {
        id: API,
        subscription_id: SUBSCRIPTION,
        title: "T",
        title_key: "t",
        summary: "s",
        search_text: "t\ns\n/a/{x}\n/b",
        version_label: "v1",
        recoverable: 1,
        bearer_required: 0,
        openapi_served: 1,
        version: 4,
        ...at,
      },
    ],
    route: [
      {
        id: "rte_000000000000000000000001",
        api_id: API,
        position: 0,
        method: "GET",
        pattern: "/a/{x}",
        normalized_key: "/a/{}",
        integration_id: INTEGRATION,
        operation_id: "getA",
        parameters: null,
        validate: 0,
      },
      {
        id: "rte_000000000000000000000002",
        api_id: API,
        position: 1,
        method: "ANY",
        pattern: "/b",
        normalized_key: "/b",
        integration_id: INTEGRATION,
        operation_id: "anyB",
        parameters: OLD_PARAMETERS,
        validate: 1,
      },
    ],
    api_key: [
      {
        id: KEY,
        api_id: API,
        name: "k",
        name_key: "k lk_ab...yz",
        digest: bytes(2),
        display: "lk_ab…yz",
        active: 0,
        mode: "webhook",
        expires_at_ms: 9_000_000_000_000,
        previous_digest: bytes(3),
        previous_not_after_ms: 9,
        sealed_secret: bytes(4),
        rate_limit: '{"limit":5,"windowSeconds":60,"burst":0}',
        quota: '{"limit":50,"windowSeconds":3600,"burst":0}',
        version: 5,
        last_used_at_ms: 10,
        ...at,
      },
    ],
    audit_log: [
      {
        id: "aud_000000000000000000000001",
        at_ms: 11,
        actor: "admin",
        action: "api.update",
        target_kind: "api",
        target_id: API,
        target_name: "T",
        subscription_id: SUBSCRIPTION,
        before: "{}",
        after: '{"title":"T"}',
        epoch: 1_700_000_000_000,
        number: 7,
        request_id: "req",
      },
    ],
    idempotency: [
      {
        actor: "admin",
        idempotency_key: "once",
        action: "api.create",
        input_digest: bytes(5),
        target_id: API,
        created_at_ms: 12,
      },
    ],
    session: [{ digest: bytes(6), actor: "admin", created_at_ms: 13, expires_at_ms: 9_000_000_000_000 }],
  },
  "0006-sessions": {
    session: [
      {
        digest: bytes(7),
        id: "ses_000000000000000000000001",
        actor: "admin",
        token_binding: bytes(8),
        csrf_digest: bytes(9),
        created_at_ms: 13,
        last_used_at_ms: 14,
        expires_at_ms: 9_000_000_000_000,
        address: "192.0.2.7",
        user_agent: "Browser",
      },
    ],
  },
  "0014-credentials": {
    data_key: [{ id: 1, encrypted_key: bytes(10) }],
    credential: [
      credentialRow,
      { ...credentialRow, id: SECOND_CREDENTIAL, kind: "basic", settings: '{"userName":"u"}' },
    ],
    integration: [
      {
        ...integrationRow,
        id: WITH_CREDENTIALS,
        credential_ids: JSON.stringify([SECOND_CREDENTIAL, CREDENTIAL]),
      },
    ],
    integration_credential: [
      { integration_id: WITH_CREDENTIALS, credential_id: CREDENTIAL },
      { integration_id: WITH_CREDENTIALS, credential_id: SECOND_CREDENTIAL },
    ],
  },
  "0016-usage": {
    usage_series: [
      {
        id: 1,
        node_id: "nod_1",
        api_id: API,
        route_id: "rte_000000000000000000000001",
        key_id: KEY,
        integration_id: INTEGRATION,
        status: 200,
        error_code: "",
      },
    ],
    usage_rollup: [
      {
        level: 0,
        series_id: 1,
        start_ms: 1_700_000_040_000,
        requests: 3,
        request_bytes: 4,
        response_bytes: 5,
        previous_secret: 1,
        ...Object.fromEntries(Array.from({ length: 17 }, (_, bucket) => [`latency_${bucket}`, bucket])),
      },
    ],
    usage_gap: [{ node_id: "nod_1", from_ms: 6, to_ms: 7, lost: null }],
    usage_cursor: [{ node_id: "nod_1", instance_id: "i", sequence: 8, at_ms: 9 }],
  },
};

export const names = Object.keys(migrations({ bytesType: "blob" }));

/** A database as the release with `name` as its newest migration left it: grown through all before, with rows. */
export async function grow(db: AnyDb, bytesType: "blob" | "bytea", name: string): Promise<void> {
  for (const step of names) {
    if (step > name) return;
    await migrate(db, { bytesType, upTo: step });
    for (const [table, rows] of Object.entries(rowsOf[step] ?? {}))
      for (const row of rows) await db.insertInto(table).values(row).execute();
  }
}

/** Every row of every table, in an order of its own. */
export async function contents(db: AnyDb): Promise<Tables> {
  const tables = await db.introspection.getTables();
  const found: Record<string, Row[]> = {};
  for (const { name } of tables) {
    const rows = (await db.selectFrom(name).selectAll().execute()) as Row[];
    found[name] = rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return found;
}

/** Columns that a later migration converts; `expectUsable` looks at what became of them. */
const converted: Readonly<Record<string, readonly string[]>> = {
  route: ["parameters"],
  integration: ["credential_ids"],
};

/** All that was there is there still; columns and tables may have come. */
export function expectKept(before: Tables, after: Tables): void {
  for (const [table, all] of Object.entries(before)) {
    const gone = (converted[table] ?? []).filter((column) => !(column in (after[table]?.[0] ?? {})));
    const rows = all.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([column]) => !gone.includes(column))),
    );
    const kept = (after[table] ?? []).map((row) =>
      Object.fromEntries(Object.keys(rows[0] ?? {}).map((column) => [column, row[column]])),
    );
    for (const row of rows) expect(kept, table).toContainEqual(row);
    expect(kept, table).toHaveLength(rows.length);
  }
}

/** The newest release reads the rows and goes on writing. */
export async function expectUsable(fixture: Fixture): Promise<void> {
  const { api, auditLog } = await fixture.run(
    `{ api(id: "${API}") { title version routes { method path operation validate responseValidation } keys(first: 9) { nodes { id active } } subscription { name } } auditLog { totalCount } }`,
  );
  expect(api).toMatchObject({
    title: "T",
    version: 4,
    routes: [
      { method: "GET", path: "/a/{x}", operation: null, validate: false, responseValidation: "OFF" },
      { method: "ANY", path: "/b", operation: { parameters: NEW_PARAMETERS }, validate: true },
    ],
    keys: { nodes: [{ id: KEY, active: false }] },
    subscription: { name: "Ærø" },
  });
  expect(auditLog.totalCount).toBe(1);
  const resources = [...(await fixture.resources()).keys()];
  const hasCredentials = resources.includes(`credential/${CREDENTIAL}`);
  const added = [
    `credential/${CREDENTIAL}`,
    `credential/${SECOND_CREDENTIAL}`,
    `integration/${WITH_CREDENTIALS}`,
  ];
  expect(resources.sort()).toEqual(
    [`api/${API}`, `integration/${INTEGRATION}`, `key/${KEY}`, ...(hasCredentials ? added : [])].sort(),
  );
  if (hasCredentials) {
    const { integration } = await fixture.run(
      `{ integration(id: "${WITH_CREDENTIALS}") { credentials { id } } }`,
    );
    expect(integration.credentials).toEqual([{ id: SECOND_CREDENTIAL }, { id: CREDENTIAL }]);
  }
  const renamed = await fixture.mutate(
    "updateSubscription",
    { id: SUBSCRIPTION, expectedVersion: 3, name: "N" },
    "subscription { name }",
  );
  expect(renamed.userErrors).toEqual([]);
  await fixture.api(SUBSCRIPTION);
  expect(await fixture.revision()).toBeGreaterThan(7);
}
