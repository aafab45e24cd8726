/**
 * Latchkey's ingress with everything on (key look-up, routing, header rules, limits, counters, usage reports), fed by a
 * control plane's stream: each HTTP front.
 */
import { join } from "node:path";
import type { CorsPolicy, HeaderRules } from "@latchkey/core";
import {
  type CredentialResource,
  type CredentialScheme,
  encodeResource,
  type Resource,
} from "@latchkey/snapshot";
import { aKey, anApi, anIntegration, aRoute, SnapshotServer } from "@latchkey/testkit";
import type { Contender, RunningContender, Target } from "../contender.js";
import { coresOf } from "../support/child.js";
import { processTree } from "../support/cpu-time.js";
import { SECRET_REFERENCE, startNode } from "../support/ingress-node.js";

function contender(name: string, engine: string): Contender {
  return {
    name,
    isOwn: true,
    version: () => ({ version: `engine ${engine}, ${process.version}` }),
    start: (target) => start(target, engine),
  };
}

export const latchkeyContenders: readonly Contender[] = [
  contender("Latchkey strict", "strict"), // the default
  contender("Latchkey uws", "uws"),
];

async function start(target: Target, engine: string): Promise<RunningContender> {
  const server = await SnapshotServer.start({ heartbeatMs: 5_000, chunkSize: 500 });
  server.load(resourcesOf(target).map(encodeResource));
  const node = await startNode({
    cores: coresOf(target.workers),
    port: target.port,
    workers: target.workers,
    tls: target.tls,
    dataDir: join(target.dir, "node"),
    controlPlane: server.address,
    engine,
  });
  return {
    pids: () => {
      if (!node.child.alive())
        throw new Error(
          `the ingress ended: ${node.child.output().trim().split("\n").slice(-14).join(" | ")}`,
        );
      return processTree(node.child.pid);
    },
    stop: async () => {
      await node.stop();
      await server.close();
    },
  };
}

function aCredential(id: string, scheme: CredentialScheme): CredentialResource {
  const secret = { kind: "reference", reference: SECRET_REFERENCE } as const;
  return { kind: "credential", id, subscriptionId: "sub_1", name: id, scheme, secret };
}

const credentialsOf = (tokenUrl: string): readonly CredentialResource[] => [
  aCredential("crd_oauth", {
    kind: "oauth",
    tokenUrl,
    clientId: "bench",
    clientAuthentication: "client-secret-post",
    scope: "",
    audience: "",
    resource: "",
    keyId: "",
  }),
  aCredential("crd_header", { kind: "header", name: "X-Api-Key" }),
  aCredential("crd_aws", {
    kind: "aws",
    region: "eu-north-1",
    service: "execute-api",
    accessKeyId: "AKIDEXAMPLE",
  }),
];

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

/** One API a key, all with the same routes: only the key tells them apart. */
function resourcesOf({ keys, upstreamPort, hasCors }: Target): Resource[] {
  const origin = `http://127.0.0.1:${upstreamPort}`;
  const integrations = [
    ...["orders", "download", "upload", "stream"].map((name) =>
      anIntegration(`int_${name}`, `${origin}/${name}`),
    ),
    anIntegration("int_health", `${origin}/orders`, {
      healthCheck: {
        path: "/health",
        intervalMs: 5_000,
        timeoutMs: 1_000,
        unhealthyAfter: 3,
        healthyAfter: 1,
      },
    }),
    anIntegration("int_oauth", `${origin}/orders`, { credentialIds: ["crd_oauth"] }),
    anIntegration("int_credential", `${origin}/orders`, { credentialIds: ["crd_header"] }),
    anIntegration("int_aws", `${origin}/orders`, { credentialIds: ["crd_aws"] }),
    anIntegration("int_rules", `${origin}/orders`, { headerRules }),
  ];
  const routes = [
    aRoute("ANY", "/orders", "int_orders"),
    aRoute("ANY", "/orders/{id}", "int_orders"),
    aRoute("ANY", "/download", "int_download"),
    aRoute("ANY", "/upload", "int_upload"),
    aRoute("ANY", "/stream", "int_stream"),
    aRoute("ANY", "/health/{id}", "int_health"),
    aRoute("ANY", "/oauth/{id}", "int_oauth"),
    aRoute("ANY", "/credential/{id}", "int_credential"),
    aRoute("ANY", "/aws/{id}", "int_aws"),
    aRoute("ANY", "/rules/{id}", "int_rules"),
  ];
  const apis = keys.flatMap((secret, i): Resource[] => [
    anApi(`api_${i}`, routes, { cors: hasCors ? cors : null }),
    aKey(`key_${i}`, `api_${i}`, {}, secret).resource,
  ]);
  return [...credentialsOf(`${origin}/token`), ...integrations, ...apis];
}
