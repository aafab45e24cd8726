import { createHash } from "node:crypto";
import { ConfigError, configTable, settingsOf } from "@latchkey/config";
import { expect, it } from "vitest";
import {
  CONTROL_PLANE_CONFIG_PREFIX,
  controlPlaneSchema,
  encryptionKeysOf,
  loadControlPlaneConfig,
  operatorsOf,
} from "./config.js";

const KEY = Buffer.alloc(32, 7).toString("base64");
const ADMIN = "an-admin-token-of-the-tests";

it("reads everything from the environment", () => {
  const config = loadControlPlaneConfig({
    env: {
      LATCHKEY_CONTROL_PLANE_DATA_DIR: "/var/lib/latchkey",
      LATCHKEY_CONTROL_PLANE_HTTP_PORT: "0",
      LATCHKEY_CONTROL_PLANE_GRPC_PORT: "4101",
      LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: ADMIN,
      LATCHKEY_CONTROL_PLANE_OPERATORS: `alice=${"0".repeat(64)},bob@example=${"1".repeat(64)}`,
      LATCHKEY_CONTROL_PLANE_ENCRYPTION_KEY: KEY,
      LATCHKEY_CONTROL_PLANE_INGRESS_URL: "http://127.0.0.1:8080",
      LATCHKEY_CONTROL_PLANE_UPSTREAM_ALLOW_CIDRS: "127.0.0.0/8,::1/128",
      LATCHKEY_CONTROL_PLANE_GRAPHQL_DEPTH_MAX: "20",
      LATCHKEY_CONTROL_PLANE_LOG_LEVEL: "warn",
    },
  });
  expect(config).toMatchObject({
    dataDir: "/var/lib/latchkey",
    http: { host: "127.0.0.1", port: 0 },
    grpc: { port: 4101 },
    upstreamAllowCidrs: ["127.0.0.0/8", "::1/128"],
    graphql: { depthMax: 20, introspection: "auto" },
    auditDays: 365,
  });
  expect(operatorsOf(config).map(({ name }) => name)).toEqual(["admin", "alice", "bob@example"]);
  expect(operatorsOf(config)[0]?.digest).toEqual(createHash("sha256").update(ADMIN).digest());
  expect(encryptionKeysOf(config)).toEqual([Buffer.alloc(32, 7)]);
});

it.each([
  ["http.publicOrigins", { http: { publicOrigins: ["https://-a.example"] } }],
  ["http.corsOrigins", { http: { corsOrigins: [`https://${"a".repeat(64)}.example`] } }],
  ["ingressUrl", { ingressUrl: "https://a..example" }],
  ["ingressUrl", { ingressUrl: "https://[::1" }],
  ["upstreamAllowCidrs", { upstreamAllowCidrs: ["*.-a.example"] }],
])("refuses a host in %s that no name server can know", (setting, options) => {
  const paths = controlPlaneSchema
    .safeParse({ adminToken: ADMIN, ...options })
    .error?.issues.map(({ path }) => path.join("."));
  expect(paths).toEqual([expect.stringContaining(setting)]);
});

it("names every problem, and shows no secret", () => {
  const load = () =>
    loadControlPlaneConfig({
      env: {
        LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: "short",
        LATCHKEY_CONTROL_PLANE_ENCRYPTION_KEY: "not-32-bytes",
        LATCHKEY_CONTROL_PLANE_DATABASE_URL: "mysql://root:hunter2@db/x",
        LATCHKEY_CONTROL_PLANE_OPERATORS: "alice",
        LATCHKEY_CONTROL_PLANE_UPSTREAM_ALLOW_CIDRS: "10.0.0.0/99",
        LATCHKEY_CONTROL_PLANE_INGRESS_URL: "ftp://x",
        LATCHKEY_CONTROL_PLANE_GRPC_TLS_CERT_FILE: "/cert.pem",
      },
    });
  expect(load).toThrow(ConfigError);
  try {
    load();
  } catch (error) {
    const { problems, message } = error as ConfigError;
    expect(problems.map((problem) => problem.setting).sort()).toEqual(
      [
        "adminToken",
        "databaseUrl",
        "grpc.tlsKeyFile",
        "ingressUrl",
        "operators.0",
        "encryptionKey",
        "upstreamAllowCidrs.0",
      ].sort(),
    );
    for (const secret of ["short", "not-32-bytes", "hunter2"]) expect(message).not.toContain(secret);
  }
});

it("describes every setting", () => {
  for (const setting of settingsOf(controlPlaneSchema, CONTROL_PLANE_CONFIG_PREFIX))
    expect(setting.description, setting.name).not.toBe("");
  expect(configTable(controlPlaneSchema, CONTROL_PLANE_CONFIG_PREFIX)).toContain(
    "LATCHKEY_CONTROL_PLANE_HTTP_PORT",
  );
});
