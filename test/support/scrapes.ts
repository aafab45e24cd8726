/** One scrape of each plane, after a change, a forwarded request that failed, and one without a key. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadControlPlaneConfig, runControlPlane } from "@latchkey/control-plane";
import { loadIngressConfig, runIngress } from "@latchkey/ingress";
import { createLogger, type Logger } from "@latchkey/observe";
import { eventually } from "@latchkey/testkit";

export interface Scrapes {
  readonly "control plane": string;
  readonly ingress: string;
  /** Of the control plane, before anything happened. */
  readonly fresh: string;
}

const TOKEN = "0123456789abcdef0123456789abcdef";
/** Refuses connections. */
const CLOSED_URL = "http://127.0.0.1:1/";

export async function scrapeBoth(): Promise<Scrapes> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-metrics-"));
  const logger = createLogger({ name: "test", level: "silent" });
  const closing: (() => Promise<void>)[] = [];
  try {
    return await scrape(folder, logger, closing);
  } finally {
    for (const close of closing.toReversed()) await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param closing gets what ends each process */
async function scrape(folder: string, logger: Logger, closing: (() => Promise<void>)[]): Promise<Scrapes> {
  const controlPlane = await runControlPlane(
    loadControlPlaneConfig({
      env: {},
      options: {
        adminToken: TOKEN,
        dataDir: join(folder, "control-plane"),
        http: { port: 0 },
        grpc: { port: 0 },
        metrics: { port: 0 },
        upstreamAllowCidrs: ["127.0.0.0/8"],
      },
    }),
    { logger },
  );
  closing.push(() => controlPlane.close());
  const metricsOf = async (url: string | null) => (await fetch(url ?? "")).text();
  const fresh = await metricsOf(controlPlane.metricsUrl);
  const graphql = async <T>(query: string): Promise<T> => {
    const response = await fetch(controlPlane.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query }),
    });
    return ((await response.json()) as { data: T }).data;
  };
  const { createNode } = await graphql<{ createNode: { token: string } }>(
    'mutation { createNode(input: { name: "one" }) { token } }',
  );
  const ingress = await runIngress(
    loadIngressConfig({
      env: {},
      options: {
        dataDir: join(folder, "ingress"),
        port: 0,
        admin: { port: 0 },
        nodeId: "one",
        controlPlane: { address: controlPlane.grpcAddress, token: createNode.token },
        upstreams: { allowCidrs: ["127.0.0.0/8"] },
      },
    }),
    { log: logger },
  );
  closing.push(() => ingress.close());
  await eventually(async () => ingress.isReady() || undefined, "the node is ready");
  const { createSubscription } = await graphql<{ createSubscription: { subscription: { id: string } } }>(
    'mutation { createSubscription(input: { name: "a" }) { subscription { id } } }',
  );
  const { id } = createSubscription.subscription;
  const { createIntegration } = await graphql<{ createIntegration: { integration: { id: string } } }>(
    `mutation { createIntegration(input: { subscriptionId: "${id}", name: "i", urls: ["${CLOSED_URL}"] }) { integration { id } } }`,
  );
  const route = `{ method: GET, path: "/a", integrationId: "${createIntegration.integration.id}" }`;
  const { createApi } = await graphql<{ createApi: { secret: string } }>(
    `mutation {
      createApi(input: { subscriptionId: "${id}", title: "a", routes: [${route}] }) {
        secret receipt(timeoutMs: 10000) { complete }
      }
    }`,
  );
  const url = `http://127.0.0.1:${ingress.port}/a`;
  await fetch(url);
  await fetch(url, { headers: { "Connxio-Api-Key": createApi.secret } });
  const ofIngress = await eventually(async () => {
    const text = await metricsOf(`http://127.0.0.1:${ingress.adminPort}/metrics`);
    // Requests by route are counted once a second.
    return /route_requests_total\{.*"upstream\.connect_refused"/.test(text) ? text : undefined;
  }, "the requests are counted");
  return { "control plane": await metricsOf(controlPlane.metricsUrl), ingress: ofIngress, fresh };
}
