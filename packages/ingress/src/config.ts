/** The settings of an ingress node: environment LATCHKEY_INGRESS_*, a file, or options. */
import { loadConfig, otlpSettings } from "@latchkey/config";
import { isHttpUrl, isLoopbackHost, isToken, parseIp } from "@latchkey/core";
import { logLevels } from "@latchkey/observe";
import { z } from "zod";
import { accessFields, accessFormats, defaultAccessFields } from "./access-log/access-entry.js";
import { limitSettings } from "./limit-settings.js";
import { count, KIB, MIB, MINUTE_MS, milliseconds, port, SECOND_MS } from "./setting-fields.js";

export const INGRESS_CONFIG_PREFIX = "LATCHKEY_INGRESS";

const headerName = (fallback: string, description: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, "a header name of letters, digits and dashes")
    .transform((name) => name.toLowerCase())
    .default(fallback)
    .describe(description);

/** `192.0.2.53`, `192.0.2.53:53`, `2001:db8::53` or `[2001:db8::53]:53`. */
function isNameServer(text: string): boolean {
  if (parseIp(text) !== null) return true;
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/.exec(text) ?? [];
  return parseIp(bracketed ?? plain ?? "")?.family === (bracketed === undefined ? 4 : 6);
}

export const ingressConfigSchema = z
  .object({
    nodeId: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, "1 to 64 letters, digits, dots, dashes or underscores")
      .default("node-1")
      .describe("Name of this node; must be the node that the token belongs to"),
    host: z.string().default("127.0.0.1").describe("Address to listen on"),
    port: port(8080, "Port for clients; 0 takes a free one"),
    engine: z.enum(["strict", "uws"]).default("strict").describe("HTTP front; uws has no WebSockets"),
    workers: count(1, 256, "Processes that serve on the port; they share one subscription"),
    io: z
      .enum(["auto", "portable"])
      .default("auto")
      .describe(
        "How sockets are read and written: auto uses internals of Node.js that a check at the start has found working; portable uses public interfaces only, at a higher cost",
      ),
    dataDir: z.string().default("./data/ingress").describe("Where the last-known-good revision is kept"),
    logLevel: z.enum(logLevels).default("info").describe("Least severe log lines to write"),
    tls: z
      .object({
        certFile: z.string().optional().describe("PEM certificate chain; with it the ingress serves HTTPS"),
        keyFile: z.string().optional().describe("PEM private key of the certificate"),
      })
      .prefault({}),
    admin: z
      .object({
        host: z.string().default("127.0.0.1").describe("Address of the admin server; keep it private"),
        port: port(8081, "Port of /healthz, /readyz and /metrics; 0 takes a free one"),
        hosts: z
          .array(z.string())
          .default([])
          .describe(
            "Names that the admin server responds to beside addresses and localhost, such as that of its service; /healthz and /readyz respond to every name",
          ),
      })
      .prefault({}),
    controlPlane: z
      .object({
        address: z.string().default("127.0.0.1:4001").describe("host:port of the control plane's gRPC"),
        token: z.string().default("").meta({ secret: true }).describe("The node's token"),
        caFile: z.string().optional().describe("PEM of the authority to trust; with it the stream uses TLS"),
        allowPlaintext: z
          .boolean()
          .default(false)
          .describe(
            "Send the token and all revisions without TLS to an address beyond this machine: on a private network only",
          ),
        certFile: z.string().optional().describe("PEM client certificate for mutual TLS"),
        keyFile: z.string().optional().describe("PEM private key of the client certificate"),
        publicKeyFile: z
          .string()
          .optional()
          .describe("PEM Ed25519 public key; with it unsigned or wrongly signed revisions are refused"),
        retryFirstMs: milliseconds(
          250,
          MINUTE_MS,
          "The first retry waits at random up to this; use 10000 for hundreds of nodes",
        ),
        retryMaxMs: milliseconds(15 * SECOND_MS, 10 * MINUTE_MS, "No retry waits longer than this"),
        silenceMs: milliseconds(15 * SECOND_MS, 10 * MINUTE_MS, "A stream silent for this long is dead"),
        acceptLowerEpoch: z
          .boolean()
          .default(false)
          .describe("Take revisions of an older epoch: only to go back on purpose"),
        maxStaleMs: z
          .number()
          .int()
          .min(0)
          .default(0)
          .describe(
            "Refuse all requests when the control plane was not heard from for this long; 0: serve on, and warn",
          ),
      })
      .prefault({}),
    keyHeader: headerName("connxio-api-key", "Header (and query parameter) of the API key"),
    webhookHeader: headerName("connxio-api-webhook", "Header (and query parameter) of the webhook flag"),
    trustedProxies: z
      .array(z.string())
      .default([])
      .describe("CIDRs of proxies that are believed about the client"),
    trustedProxyHeader: z
      .enum(["x-forwarded-for", "forwarded"])
      .default("x-forwarded-for")
      .describe(
        "What they write: X-Forwarded-* or Forwarded; the other is dropped, as is each element that does not parse",
      ),
    bearer: z
      .object({
        issuer: z
          .string()
          .default("")
          .describe("`iss` of tokens for APIs that demand one; empty: none is accepted"),
        audience: z.string().default("").describe("`aud` that tokens must have"),
        jwksUrl: z
          .string()
          .refine(isHttpUrl, "a URL of http or https")
          .optional()
          .describe("Where the issuer's keys are; https, unless it is on this machine"),
        jwksFile: z.string().optional().describe("A file with the issuer's keys, instead of jwksUrl"),
        clockToleranceSeconds: z
          .number()
          .int()
          .min(0)
          .max(300)
          .default(5)
          .describe("How far the clocks of issuer and node may be apart"),
      })
      .prefault({}),
    dns: z
      .object({
        servers: z
          .array(z.string().refine(isNameServer, "addresses of name servers, with or without :port"))
          .default([])
          .describe("Name servers (192.0.2.53 or 192.0.2.53:53) instead of those of /etc/resolv.conf"),
      })
      .prefault({}),
    via: z
      .string()
      .refine((text) => isToken(text) && text.length <= 64, "a token of up to 64 characters")
      .optional()
      .describe(
        "Pseudonym in Via and CDN-Loop, by which loops are found: the same on all nodes of an installation, and used by no other; default: latchkey- and a hash of the installation's epoch",
      ),
    upstreams: z
      .object({
        allowCidrs: z
          .array(z.string())
          .default([])
          .describe("CIDRs that integrations may be at although they are private, loopback or link-local"),
        caFile: z.string().optional().describe("PEM of further authorities to trust for https integrations"),
        connectionsMax: count(
          512,
          65_535,
          "Connections of one subscription to one origin; one key gets at most 60 % of them, one API 75 %",
        ),
        connectionsTotalMax: count(
          10_000,
          1_000_000,
          "Connections of a process to all origins together, at most half of its file descriptors; one subscription gets at most 75 % of them",
        ),
        queueMax: z
          .number()
          .int()
          .min(0)
          .max(1_000_000)
          .default(2048)
          .describe("Requests that wait for one of them, shared in the same way"),
        queueTimeoutMs: milliseconds(SECOND_MS, 10 * MINUTE_MS, "How long a request waits for one, then 503"),
        connectTimeoutMs: milliseconds(
          3 * SECOND_MS,
          10 * MINUTE_MS,
          "To connect, TLS included; looking up the name has 5 s of its own",
        ),
        firstByteTimeoutMs: milliseconds(
          30 * SECOND_MS,
          60 * MINUTE_MS,
          "From the request's end to the response's head",
        ),
        bodyIdleTimeoutMs: milliseconds(30 * SECOND_MS, 60 * MINUTE_MS, "Silence within the response's body"),
        eventStreamIdleTimeoutMs: milliseconds(
          60 * MINUTE_MS,
          24 * 60 * MINUTE_MS,
          "The same for text/event-stream, where the integration has no bodyIdleTimeoutMs of its own",
        ),
        bodyPausedTimeoutMs: milliseconds(
          2 * MINUTE_MS,
          60 * MINUTE_MS,
          "How long a client that does not read may hold an upstream",
        ),
        keepAliveMs: milliseconds(4 * SECOND_MS, 10 * MINUTE_MS, "How long an idle connection is kept"),
        responseHeaderBytesMax: count(16 * KIB, MIB, "Bytes of a response's head"),
        responseHeadersMax: count(200, 10_000, "Header lines of a response"),
      })
      .prefault({}),
    credentials: z
      .object({
        envPrefix: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the beginning of a variable's name")
          .default("LATCHKEY_SECRET_")
          .describe(
            "Secrets of credentials may be referenced as env:NAME only where the name begins with this: the control plane's operators must not read what else the environment has",
          ),
        filesIn: z
          .string()
          .startsWith("/", "an absolute path")
          .default("/run/secrets")
          .describe(
            "Secrets of credentials may be referenced as file:/path only in this folder, links resolved; never the node's own files",
          ),
      })
      .prefault({}),
    limits: limitSettings,
    sharedLimits: z
      .object({
        url: z
          .string()
          .regex(/^rediss?:\/\/\S+$/, "a URL like redis://user:password@host:6379 or rediss://…")
          .optional()
          .meta({
            secret: true,
            description:
              "Redis or Valkey server that counts rate limits and quotas over all nodes; without it each node counts for itself",
          }),
        prefix: z
          .string()
          .max(64)
          .default("latchkey:")
          .describe("In front of the names of the server's keys, for gateways that share one"),
        timeoutMs: milliseconds(
          50,
          5 * SECOND_MS,
          "A request waits this long for the count; then this node counts for itself",
        ),
        retryMs: milliseconds(
          SECOND_MS,
          MINUTE_MS,
          "After a failure this node counts for itself this long before it asks the server again",
        ),
        nodes: count(
          1,
          10_000,
          "Nodes that count together: while the server is away each lets this part of a limit through",
        ),
      })
      .prefault({}),
    drainMs: milliseconds(
      30 * SECOND_MS,
      60 * MINUTE_MS,
      "At most this long for requests in flight at the end",
    ),
    drainDelayMs: z
      .number()
      .int()
      .min(0)
      .max(10 * MINUTE_MS)
      .default(0)
      .describe("Serve on this long with /readyz at 503 before closing, for load balancers to notice"),
    accessLog: z
      .object({
        to: z
          .string()
          .regex(/^(?:off|stdout|otlp|\/.+)$/, "off, stdout, otlp or an absolute path")
          .default("off")
          .describe(
            "Where a line for each request goes: off, stdout, the path of a file, or otlp: a log record to the collector",
          ),
        format: z
          .enum(accessFormats)
          .default("json")
          .describe("A JSON object, or Apache's combined format without the two headers in it"),
        fields: z
          .array(z.enum(accessFields))
          .default([...defaultAccessFields])
          .describe("Fields of the JSON object"),
        successShare: z
          .number()
          .min(0)
          .max(1)
          .default(1)
          .describe(
            "Share of the requests without an error that are written: 0.01 is one in a hundred. Errors always are",
          ),
      })
      .prefault({}),
    otlp: otlpSettings,
    usageSamplesPerSecond: z
      .number()
      .int()
      .min(0)
      .max(1_000)
      .default(20)
      .describe(
        "Requests that the node reports one by one for the message trail; failed ones come first, those without a known key get a quarter",
      ),
  })
  .superRefine((config, ctx) => {
    const { issuer, jwksUrl, jwksFile } = config.bearer;
    if (issuer !== "" && (jwksUrl === undefined) === (jwksFile === undefined))
      ctx.addIssue({
        code: "custom",
        path: ["bearer"],
        message: "either bearer.jwksUrl or bearer.jwksFile with bearer.issuer",
      });
    const { address, token, caFile, allowPlaintext } = config.controlPlane;
    if (token !== "" && caFile === undefined && !allowPlaintext && !isLocal(address))
      ctx.addIssue({
        code: "custom",
        path: ["controlPlane", "caFile"],
        message:
          "the PEM file of its authority, because the control plane is on another machine and the token would travel in plain text. On a private network controlPlane.allowPlaintext=true allows that",
      });
    if (config.accessLog.to === "otlp" && config.otlp.logs.exporter === "none")
      ctx.addIssue({
        code: "custom",
        path: ["accessLog", "to"],
        message: "not otlp, or otlp.logs.exporter otlp (OTEL_LOGS_EXPORTER)",
      });
    if ((config.tls.certFile === undefined) !== (config.tls.keyFile === undefined))
      ctx.addIssue({
        code: "custom",
        path: ["tls"],
        message: "both tls.certFile and tls.keyFile, or neither",
      });
  });

export type IngressConfig = z.output<typeof ingressConfigSchema>;
/** What a caller of runIngress may leave out. */
export type IngressConfigInput = z.input<typeof ingressConfigSchema>;

export interface IngressConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly filePath?: string | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** Whether `host:port` stays on this machine: a loopback address, a name that always means it, or a Unix socket. */
export function isLocal(address: string): boolean {
  if (address.startsWith("unix:")) return true;
  return isLoopbackHost(address.replace(/:\d+$/, ""));
}

/** Throws ConfigError with every problem. */
export function loadIngressConfig(sources: IngressConfigSources): IngressConfig {
  return loadConfig(ingressConfigSchema, { prefix: INGRESS_CONFIG_PREFIX, ...sources });
}

/** Defaults filled in; for callers in the same process (tests, `latchkey dev`). */
export function resolveIngressConfig(input: IngressConfigInput): IngressConfig {
  return ingressConfigSchema.parse(input);
}
