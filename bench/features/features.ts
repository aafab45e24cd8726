/** What a node may do besides forwarding: each feature as the setting and the API that have it on. */
import type { CorsPolicy, HeaderRules } from "@latchkey/core";
import { generateApiKey } from "@latchkey/core";
import type { CredentialResource, CredentialScheme, Resource } from "@latchkey/snapshot";
import { aKey, anApi, anIntegration, aRoute } from "@latchkey/testkit";
import { SECRET_REFERENCE } from "../support/ingress-node.js";

export interface Feature {
  readonly name: string;
  readonly title: string;
  /** Of the integration of the route. */
  readonly integration?: Parameters<typeof anIntegration>[2];
  readonly credential?: CredentialResource;
  /** Of the API. */
  readonly api?: Parameters<typeof anApi>[2];
  /** Of the node. */
  readonly env?: Readonly<Record<string, string>>;
  /** Lua that adds to the request; the node without the feature gets it, too. */
  readonly request?: string;
}

export const key = generateApiKey();
const HOUR_MS = 3_600_000;

function aCredential(id: string, scheme: CredentialScheme): CredentialResource {
  const secret = { kind: "reference", reference: SECRET_REFERENCE } as const;
  return { kind: "credential", id, subscriptionId: "sub_1", name: id, scheme, secret };
}

const headerRules: HeaderRules = {
  request: [
    { action: "set", name: "X-Tenant", value: "north" },
    { action: "set", name: "X-Order", value: "{path.id}" },
    { action: "remove", name: "Cookie", value: "" },
  ],
  response: [
    { action: "set", name: "Strict-Transport-Security", value: "max-age=31536000" },
    { action: "set", name: "X-Content-Type-Options", value: "nosniff" },
    { action: "remove", name: "Server", value: "" },
  ],
};

const cors: CorsPolicy = {
  origins: ["https://app.example.com"],
  methods: [],
  headers: [],
  exposedHeaders: ["x-total"],
  credentials: false,
  maxAgeSeconds: 600,
};

/** Every feature is measured beside this one. */
export const plain: Feature = { name: "plain", title: "without" };

/** @param collector URL that takes OTLP @param token URL of a token server */
export function featuresOf(collector: string, token: string): readonly Feature[] {
  const withCredential = (scheme: CredentialScheme) => ({
    integration: { credentialIds: ["crd_1"] },
    credential: aCredential("crd_1", scheme),
  });
  const otlp = (signals: Readonly<Record<string, string>>) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    OTEL_TRACES_EXPORTER: "none",
    ...signals,
  });
  return [
    {
      name: "credential",
      title: "credential: a header",
      ...withCredential({ kind: "header", name: "X-Api-Key" }),
    },
    {
      name: "oauth",
      title: "credential: a token (500 bytes) of a token server",
      ...withCredential({
        kind: "oauth",
        tokenUrl: token,
        clientId: "bench",
        clientAuthentication: "client-secret-post",
        scope: "",
        audience: "",
        resource: "",
        keyId: "",
      }),
    },
    {
      name: "aws",
      title: "credential: AWS Signature Version 4",
      ...withCredential({
        kind: "aws",
        region: "eu-north-1",
        service: "execute-api",
        accessKeyId: "AKIDEXAMPLE",
      }),
    },
    {
      name: "health",
      title: "active health checks, one each five seconds",
      integration: {
        healthCheck: {
          path: "/health",
          intervalMs: 5_000,
          timeoutMs: 1_000,
          unhealthyAfter: 3,
          healthyAfter: 1,
        },
      },
    },
    {
      name: "header-rules",
      title: "three header rules for the request, three for the response",
      integration: { headerRules },
    },
    {
      name: "cors",
      title: "CORS policy, a request of a web page",
      api: { cors },
      request: 'wrk.headers["Origin"] = "https://app.example.com"',
    },
    {
      name: "recording",
      title: "recording of headers and bodies",
      api: { recording: { untilMs: Date.now() + HOUR_MS, mask: [] } },
    },
    {
      name: "access-log",
      title: "access log on standard output, all fields",
      env: { LATCHKEY_INGRESS_ACCESS_LOG_TO: "stdout" },
    },
    {
      name: "traces",
      title: "traces: each request",
      env: otlp({ OTEL_TRACES_EXPORTER: "otlp", OTEL_TRACES_SAMPLER: "always_on" }),
    },
    {
      name: "traces-sampled",
      title: "traces: one request in a hundred",
      env: otlp({
        OTEL_TRACES_EXPORTER: "otlp",
        OTEL_TRACES_SAMPLER: "traceidratio",
        OTEL_TRACES_SAMPLER_ARG: "0.01",
      }),
    },
    {
      name: "metrics",
      title: "metrics exported each second",
      env: otlp({ OTEL_METRICS_EXPORTER: "otlp", OTEL_METRIC_EXPORT_INTERVAL: "1000" }),
    },
  ];
}

/** One API with one route. */
export function resourcesOf(feature: Feature, upstreamPort: number): Resource[] {
  const { integration = {}, credential, api = {} } = feature;
  return [
    ...(credential === undefined ? [] : [credential]),
    anIntegration("int_1", `http://127.0.0.1:${upstreamPort}/orders`, integration),
    anApi("api_1", [aRoute("ANY", "/orders/{id}", "int_1")], api),
    aKey("key_1", "api_1", {}, key).resource,
  ];
}
