/**
 * Starts a sample upstream, the control plane and one ingress node as supervised processes, in that order, seeds the
 * first start, and stops them in the opposite order. Everything listens on loopback.
 */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { GraphqlClient } from "../graphql-client.js";
import { freePort } from "../listen.js";
import { print, printError } from "../output.js";
import { devReport, type RunningApi, type SampleTarget } from "./dev-report.js";
import { type DevState, loadDevState, saveDevState } from "./dev-state.js";
import { nodeToken, revealKey, seed, titleOf } from "./seed.js";
import { ChildFailedError, SupervisedProcess } from "./supervised-process.js";

const NODE_NAME = "node-1";
const READY_MS_MAX = 30_000;
/** Of `imports` in package.json, wherever this file is bundled to. */
const command = createRequire(import.meta.url).resolve("#command");
const say = printError;

export interface DevOptions {
  readonly graphqlPort: number;
  readonly grpcPort: number;
  readonly ingressPort: number;
  readonly adminPort: number;
  readonly dataDir: string;
  readonly httpEngine: string;
  readonly json: boolean;
}

type Urls = Readonly<Record<string, string>>;

/** Resolves with the exit code: 0 after Ctrl-C, 1 when something did not start. */
export async function runDev(given: DevOptions): Promise<number> {
  const startedAtMs = performance.now();
  const { makeFilesPrivate } = await import("@latchkey/observe");
  makeFilesPrivate();
  // The control plane has to know the ingress' address before the ingress runs.
  const options = { ...given, ingressPort: given.ingressPort === 0 ? await freePort() : given.ingressPort };
  const dataDir = resolve(options.dataDir);
  const children: SupervisedProcess[] = [];
  const stopped = nextStopSignal();
  const start = async (child: SupervisedProcess): Promise<Urls> => {
    children.unshift(child);
    return await child.start();
  };
  try {
    let state = loadDevState(dataDir);
    // The sample upstream keeps its port over starts, where it is still free.
    const { upstream = "" } = await start(upstreamProcess(await freePort(state.upstreamPort ?? 0)));
    const controlPlane = await start(controlPlaneProcess(options, dataDir, state));
    const client = new GraphqlClient(controlPlane.graphql ?? "", state.adminToken);
    state = movedUpstream(state, Number(new URL(upstream).port));
    saveDevState(dataDir, state); // before integrations change
    state = await seed(client, state, upstream);
    state = { ...state, nodeToken: await nodeToken(client, NODE_NAME, state.nodeToken) };
    saveDevState(dataDir, state);

    const ingress = await start(ingressProcess(options, dataDir, state, controlPlane.grpc ?? ""));
    await ready(ingress.admin ?? "");

    print(
      devReport({
        json: options.json,
        startMs: performance.now() - startedAtMs,
        graphqlUrl: controlPlane.graphql ?? "",
        consoleUrl: controlPlane.console ?? "",
        grpcAddress: controlPlane.grpc ?? "",
        ingressUrl: ingress.ingress ?? "",
        ingressAdminUrl: ingress.admin ?? "",
        upstreamUrl: upstream,
        adminToken: state.adminToken,
        dataDir,
        apis: await runningApis(client, state),
        target: await sampleTarget(client),
      }),
    );
    await stopped;
    if (!options.json) say("\nStopping: requests in flight finish first …");
    return 0;
  } catch (error) {
    say(explain(error, options));
    return 1;
  } finally {
    for (const child of children) await child.stop();
  }
}

/** The state with the port of the sample upstream now, and those that integrations may still have. */
function movedUpstream(state: DevState, upstreamPort: number): DevState {
  const ports = [...state.formerUpstreamPorts, ...(state.upstreamPort === null ? [] : [state.upstreamPort])];
  return {
    ...state,
    upstreamPort,
    formerUpstreamPorts: [...new Set(ports)].filter((port) => port !== upstreamPort),
  };
}

function upstreamProcess(port: number): SupervisedProcess {
  return new SupervisedProcess({
    name: "sample upstream",
    command,
    args: ["sample-upstream", "--port", String(port)],
    env: {},
    say,
  });
}

function controlPlaneProcess(options: DevOptions, dataDir: string, state: DevState): SupervisedProcess {
  return new SupervisedProcess({
    name: "control plane",
    command,
    args: ["control-plane"],
    env: {
      LATCHKEY_CONTROL_PLANE_DATA_DIR: dataDir,
      LATCHKEY_CONTROL_PLANE_HTTP_PORT: String(options.graphqlPort),
      // Only the node of this start connects, without TLS: also where the environment names another host, as in the image.
      LATCHKEY_CONTROL_PLANE_GRPC_HOST: "127.0.0.1",
      LATCHKEY_CONTROL_PLANE_GRPC_PORT: String(options.grpcPort),
      LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: state.adminToken,
      LATCHKEY_CONTROL_PLANE_ENCRYPTION_KEY: state.sealingKey,
      LATCHKEY_CONTROL_PLANE_INGRESS_URL: `http://127.0.0.1:${options.ingressPort}`,
      LATCHKEY_CONTROL_PLANE_UPSTREAM_ALLOW_CIDRS: "127.0.0.0/8,::1/128",
      LATCHKEY_CONTROL_PLANE_LOG_LEVEL: "warn",
    },
    pin: (urls) => ({
      LATCHKEY_CONTROL_PLANE_HTTP_PORT: new URL(urls.graphql ?? "").port,
      LATCHKEY_CONTROL_PLANE_GRPC_PORT: (urls.grpc ?? "").split(":").at(-1) ?? "",
    }),
    say,
  });
}

function ingressProcess(
  options: DevOptions,
  dataDir: string,
  state: DevState,
  grpcAddress: string,
): SupervisedProcess {
  return new SupervisedProcess({
    name: "ingress",
    command,
    args: ["ingress"],
    env: {
      LATCHKEY_INGRESS_NODE_ID: NODE_NAME,
      LATCHKEY_INGRESS_PORT: String(options.ingressPort),
      LATCHKEY_INGRESS_ADMIN_PORT: String(options.adminPort),
      LATCHKEY_INGRESS_ENGINE: options.httpEngine,
      LATCHKEY_INGRESS_DATA_DIR: resolve(dataDir, "ingress"),
      LATCHKEY_INGRESS_CONTROL_PLANE_ADDRESS: grpcAddress,
      LATCHKEY_INGRESS_CONTROL_PLANE_TOKEN: state.nodeToken ?? "",
      LATCHKEY_INGRESS_UPSTREAMS_ALLOW_CIDRS: "127.0.0.0/8,::1/128",
      LATCHKEY_INGRESS_LOG_LEVEL: "warn",
    },
    pin: (urls) => ({
      LATCHKEY_INGRESS_PORT: new URL(urls.ingress ?? "").port,
      LATCHKEY_INGRESS_ADMIN_PORT: new URL(urls.admin ?? "").port,
    }),
    say,
  });
}

async function runningApis(client: GraphqlClient, state: DevState): Promise<RunningApi[]> {
  const found: RunningApi[] = [];
  for (const api of state.apis ?? []) {
    const [title, key] = [await titleOf(client, api.apiId), await revealKey(client, api.keyId)];
    if (title !== null && key !== null) found.push({ ...api, title, key });
  }
  return found;
}

/** Any integration that an API can be routed to. */
async function sampleTarget(client: GraphqlClient): Promise<SampleTarget | null> {
  const { integrations } = await client.query<{
    integrations: { nodes: { id: string; subscription: { id: string } }[] };
  }>("{ integrations(first: 1, filter: { routable: true }) { nodes { id subscription { id } } } }");
  const [first] = integrations.nodes;
  return first === undefined ? null : { integrationId: first.id, subscriptionId: first.subscription.id };
}

/** Polls /readyz: the node is ready when the first revision with its keys is applied. */
async function ready(adminUrl: string): Promise<void> {
  const signal = AbortSignal.timeout(READY_MS_MAX);
  while (!signal.aborted) {
    const response = await fetch(`${adminUrl}/readyz`, { signal }).catch(() => null);
    if (response?.status === 200) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`the ingress did not become ready within ${READY_MS_MAX / 1000} s; its log stands above`);
}

function nextStopSignal(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => done());
  });
}

/** A port that cannot be had is one line that names it and the option that changes it. */
function explain(error: unknown, options: DevOptions): string {
  if (error instanceof ChildFailedError && error.refusedPort !== null) {
    const { port: refused, why } = error.refusedPort;
    const byPort: readonly (readonly [number, string])[] = [
      [options.graphqlPort, "--graphql-port"],
      [options.grpcPort, "--grpc-port"],
      [options.ingressPort, "--ingress-port"],
      [options.adminPort, "--admin-port"],
    ];
    const option = byPort.find(([port]) => port === refused)?.[1] ?? "--admin-port";
    return `Port ${refused} ${why}; choose another one with ${option} <port>.`;
  }
  return `Latchkey did not start: ${error instanceof Error ? error.message : String(error)}`;
}
