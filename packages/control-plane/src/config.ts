/** Settings of the control plane: LATCHKEY_CONTROL_PLANE_*, a JSON or YAML file, or options. Each is described where it stands. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type ConfigSources, loadConfig, otlpSettings } from "@latchkey/config";
import { isHttpUrl } from "@latchkey/core";
import { logLevels } from "@latchkey/observe";
import { ENCRYPTION_KEY_BYTES } from "@latchkey/snapshot";
import { z } from "zod";
import { isAddressRange } from "./http/client-address.js";
import { UpstreamAllowList } from "./modules/integration/upstream-url.js";
import { USAGE_DAYS } from "./traffic/usage-retention.js";

export const CONTROL_PLANE_CONFIG_PREFIX = "LATCHKEY_CONTROL_PLANE";

const KIB = 1024;
const MIB = 1024 * KIB;

const port = (standard: number) => z.int().min(0).max(65_535).default(standard);

const encryptionKey = z
  .string()
  .refine((text) => Buffer.from(text, "base64").length === ENCRYPTION_KEY_BYTES, "32 bytes in base64");

const file = (description: string) => z.string().min(1).optional().describe(description);

const bothTlsFiles = [
  (tls: { readonly tlsCertFile?: string | undefined; readonly tlsKeyFile?: string | undefined }) =>
    (tls.tlsCertFile === undefined) === (tls.tlsKeyFile === undefined),
  { path: ["tlsKeyFile"] as PropertyKey[], message: "a certificate and its key, or neither" },
] as const;

const usageDays = (standard: number, level: string) =>
  z.int().min(1).max(36_500).default(standard).describe(`Days that usage is kept by the ${level}.`);

const ORIGINS = "a list of origins like https://console.example, separated by commas";
const origin = z
  .string()
  .refine((text) => isHttpUrl(text) && new URL(text).origin === text, "origins like https://console.example");

const OPERATOR = /^([A-Za-z0-9._@-]{1,64})=([0-9a-f]{64})$/;

export const controlPlaneSchema = z.object({
  dataDir: z.string().min(1).default("./data").describe("Folder of the SQLite database, `latchkey.db`."),
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, "a URL like postgres://user:password@host:5432/name")
    .optional()
    .meta({
      secret: true,
      description: "PostgreSQL instead of SQLite, for several control planes over one database.",
    }),
  adminToken: z
    .string("a secret text of at least 16 characters")
    .min(16, "a secret text of at least 16 characters")
    .meta({ secret: true, description: "Bearer token of the operator `admin`." }),
  operators: z
    .array(z.string().regex(OPERATOR, "entries like name=<SHA-256 of the token in hex>"))
    .default([])
    .meta({
      description: "More operators, each with a token of its own, so that the audit log can tell them apart.",
      expected: "a list of name=<SHA-256 of the token in hex>, separated by commas",
    }),
  encryptionKey: encryptionKey.optional().meta({
    secret: true,
    formerName: "sealingKey",
    description:
      "Key that encrypts the secrets of recoverable APIs (AES-256-GCM). Without it no API can be recoverable.",
  }),
  encryptionKeyOld: encryptionKey.optional().meta({
    secret: true,
    formerName: "sealingKeyOld",
    description: "The previous `encryptionKey`. Secrets that it encrypted can still be decrypted.",
  }),
  http: z
    .object({
      host: z
        .string()
        .min(1)
        .default("127.0.0.1")
        .describe("Address that GraphQL and the console listen on."),
      port: port(4000).describe("Port of GraphQL and the console; 0: any free one."),
      tlsCertFile: file("PEM certificate chain: with it, only HTTPS is spoken. Read again when it changes."),
      tlsKeyFile: file("PEM private key of the certificate."),
      bodyBytesMax: z
        .int()
        .min(16 * KIB)
        .max(64 * MIB)
        .default(5 * MIB)
        .describe("Largest request body in bytes. The import of an OpenAPI document may have 40 MiB."),
      consoleDir: file("Folder of the console's built files; the one of this installation without it."),
      secureCookies: z
        .boolean()
        .default(false)
        .describe(
          "Name the session cookie `__Host-latchkey_session` and mark it Secure also without TLS here: behind a proxy that speaks HTTPS.",
        ),
      trustedProxies: z
        .array(z.string().refine(isAddressRange, "addresses or ranges (10.0.0.0/8)"))
        .default([])
        .meta({
          description:
            "Reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Host` are believed. Without it all clients behind a proxy share its address, and its limits.",
          expected: "a list of addresses or ranges (10.0.0.0/8), separated by commas",
        }),
      publicOrigins: z.array(origin).default([]).meta({
        description:
          "Origins under which browsers reach the console, where a reverse proxy does not pass the Host header on.",
        expected: ORIGINS,
      }),
      corsOrigins: z.array(origin).default([]).meta({
        description:
          "Origins of other web pages that may call GraphQL with a bearer token, also over WebSocket.",
        expected: ORIGINS,
      }),
      connectionsMax: z
        .int()
        .min(10)
        .max(100_000)
        .default(2_000)
        .describe("Connections; beyond, those without a request give way to new ones."),
      connectionsPerAddressMax: z
        .int()
        .min(1)
        .max(100_000)
        .default(200)
        .describe(
          "Connections of one client: an IPv4 address or an IPv6 /64. Trusted proxies are not counted.",
        ),
      failuresPerMinuteMax: z
        .int()
        .min(1)
        .max(10_000)
        .default(30)
        .describe("Wrong tokens from one client in a minute; then none is tried for the rest of it."),
    })
    .refine(...bothTlsFiles)
    .prefault({}),
  grpc: z
    .object({
      host: z.string().min(1).default("127.0.0.1").describe("Address that the snapshot stream listens on."),
      port: port(4001).describe("Port of the snapshot stream; 0: any free one."),
      tlsCertFile: file("PEM certificate chain for the snapshot stream. Read again when it changes."),
      tlsKeyFile: file("PEM private key of the certificate."),
      clientCaFile: file("PEM of the authority whose certificates nodes must show (mutual TLS)."),
      signingKeyFile: file("PEM private key (Ed25519) that signs each revision; nodes hold the public one."),
      reflection: z
        .enum(["auto", "on", "off"])
        .default("auto")
        .describe(
          "Whether gRPC clients may ask which services and messages there are (server reflection). auto: only while grpc.host is a loopback address.",
        ),
      ackTimeoutMs: z
        .int()
        .min(100)
        .max(3_600_000)
        .default(60_000)
        .describe("A node that does not acknowledge a revision for so long is disconnected."),
      admissionPerSecond: z
        .int()
        .min(1)
        .max(10_000)
        .default(50)
        .describe("Streams of nodes let in per second, so that many that come back at once do no harm."),
    })
    .refine(...bothTlsFiles)
    .prefault({}),
  ingressUrl: z
    .string()
    .refine(isHttpUrl, "a URL of http or https")
    .optional()
    .describe("Where clients reach the ingress; shown in the console and in OpenAPI documents."),
  keyHeader: z
    .string()
    .min(1)
    .default("Connxio-Api-Key")
    .describe("Name of the key header, as the ingress nodes have it."),
  webhookFlag: z
    .string()
    .min(1)
    .default("Connxio-Api-Webhook")
    .describe("Name of the webhook flag, as the ingress nodes have it."),
  upstreamAllowCidrs: z
    .array(z.string().refine(isAllowEntry, "addresses, ranges (10.0.0.0/8), names or *.names"))
    .default([])
    .meta({
      description: "Private, loopback and link-local targets that integrations may have all the same.",
      expected: "a list of addresses, ranges (10.0.0.0/8), names or *.names, separated by commas",
    }),
  graphql: z
    .object({
      introspection: z
        .enum(["auto", "on", "off"])
        .default("auto")
        .describe(
          "Whether clients may read the schema, as GraphiQL does. auto: only while http.host is a loopback address.",
        ),
      graphiql: z
        .enum(["auto", "on", "off"])
        .default("auto")
        .describe(
          "Serve GraphiQL to browsers at /graphql. auto: only while http.host is a loopback address.",
        ),
      persistedQueries: z
        .boolean()
        .default(false)
        .describe("Take the SHA-256 of an operation that was sent before in its place (Apollo's protocol)."),
      depthMax: z.int().min(5).max(100).default(15).describe("Levels of fields in an operation."),
      aliasesMax: z.int().min(0).max(1_000).default(50).describe("Aliases in an operation."),
      rootFieldsMax: z.int().min(1).max(1_000).default(20).describe("Fields at the top of an operation."),
      tokensMax: z.int().min(500).max(100_000).default(2_000).describe("Tokens of an operation's text."),
      costMax: z
        .int()
        .min(1_000)
        .max(10_000_000)
        .default(20_000)
        .describe("Fields that an operation may resolve, those of list items counted for each."),
      socketsMax: z.int().min(1).max(100_000).default(500).describe("WebSockets with live updates."),
      socketsPerAddressMax: z
        .int()
        .min(1)
        .max(100_000)
        .default(100)
        .describe("WebSockets with live updates of one client: an IPv4 address or an IPv6 /64."),
    })
    .prefault({}),
  metrics: z
    .object({
      host: z.string().min(1).default("127.0.0.1").describe("Address of the metrics port; keep it private."),
      port: z
        .int()
        .min(0)
        .max(65_535)
        .optional()
        .describe(
          "Port of /metrics without a token, for Prometheus; 0: any free one. Without it only the HTTP port has /metrics, with an operator's token.",
        ),
      hosts: z
        .array(z.string())
        .default([])
        .describe("Names that the metrics port responds to beside addresses and localhost."),
    })
    .prefault({}),
  auditDays: z
    .int()
    .min(0)
    .max(36_500)
    .default(365)
    .describe("Days that entries of the audit log are kept; 0: for ever."),
  messages: z
    .object({
      days: z
        .int()
        .min(1)
        .max(3_650)
        .default(7)
        .describe("Days that requests are kept in the message trail."),
      rowsMax: z
        .int()
        .min(0)
        .max(100_000_000)
        .default(1_000_000)
        .describe(
          "Requests that are kept in the message trail, about 700 bytes each; the oldest go first. 0: none.",
        ),
    })
    .prefault({}),
  usage: z
    .object({
      minuteDays: usageDays(USAGE_DAYS.MINUTE, "minute"),
      hourDays: usageDays(USAGE_DAYS.HOUR, "hour"),
      dayDays: usageDays(USAGE_DAYS.DAY, "day"),
    })
    .prefault({}),
  session: z
    .object({
      hours: z
        .int()
        .min(1)
        .max(720)
        .default(12)
        .describe("Hours after which a console session ends, however much it is used."),
      idleMinutes: z
        .int()
        .min(1)
        .max(43_200)
        .default(120)
        .describe(
          "Minutes without a request after which a console session ends. Live updates alone do not count.",
        ),
    })
    .prefault({}),
  otlp: otlpSettings,
  logLevel: z.enum(logLevels).default("info").describe("Least severe log lines to write."),
});

export type ControlPlaneConfig = z.output<typeof controlPlaneSchema>;

/** @throws ConfigError with every problem */
export function loadControlPlaneConfig(sources: Omit<ConfigSources, "prefix">): ControlPlaneConfig {
  return loadConfig(controlPlaneSchema, { ...sources, prefix: CONTROL_PLANE_CONFIG_PREFIX });
}

export function databasePath(config: Pick<ControlPlaneConfig, "dataDir">): string {
  return join(config.dataDir, "latchkey.db");
}

/** The message trail has a file of its own. */
export function messagesPath(config: Pick<ControlPlaneConfig, "dataDir">): string {
  return join(config.dataDir, "messages.db");
}

/** Name and SHA-256 of the token of everybody who may operate. */
export function operatorsOf(
  config: ControlPlaneConfig,
): readonly { readonly name: string; readonly digest: Buffer }[] {
  const named = config.operators.map((entry) => {
    const [, name = "", hex = ""] = OPERATOR.exec(entry) ?? [];
    return { name, digest: Buffer.from(hex, "hex") };
  });
  return [{ name: "admin", digest: createHash("sha256").update(config.adminToken).digest() }, ...named];
}

export function encryptionKeysOf(config: ControlPlaneConfig): readonly Buffer[] {
  return [config.encryptionKey, config.encryptionKeyOld].flatMap((text) =>
    text === undefined ? [] : [Buffer.from(text, "base64")],
  );
}

function isAllowEntry(entry: string): boolean {
  try {
    new UpstreamAllowList([entry]);
    return true;
  } catch {
    return false;
  }
}
